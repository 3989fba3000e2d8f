"""The cast of the other rooms, and what the safety tests share."""

from __future__ import annotations

import shutil

from tests.annotator.conftest import (
    _fast_passwords,
    add_sentences,
    ana,
    api,
    bo,
    make_user,
    manager,
    outsider,
    project,
    put,
    reviewer,
)

__all__ = [
    "_fast_passwords",
    "add_sentences",
    "ana",
    "api",
    "bo",
    "make_user",
    "manager",
    "outsider",
    "project",
    "put",
    "reviewer",
]

# It tries the example of docker/nginx in a real one.
collect_ignore = [] if shutil.which("nginx") else ["test_nginx.py"]
