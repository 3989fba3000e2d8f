"""A real web process on the test's database, and what a browser needs to speak to it."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test import Client

from annotator.accounts.models import User
from annotator.config.env import database_url
from tests.safety.starting import web

PLACE = re.compile(r"http://127\.0\.0\.1:(\d+)")


@contextmanager
def serving(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve the test's database from a process of its own; gives it and its `127.0.0.1:PORT`."""
    server = database_url().rpartition("/")[0]
    variables = {
        "RELATA_HOME": str(home),
        "DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}",
        "REDIS_URL": settings.REDIS_URL,
        "RELATA_SECRET_KEY": settings.SECRET_KEY,
    }
    with web(variables, host="127.0.0.1") as process:
        assert process.stdout
        said = ""
        while (found := PLACE.search(said)) is None:
            line = process.stdout.readline()
            assert line, said
            said += line
        # Nobody reads on, and a full pipe would stop it.
        threading.Thread(target=process.stdout.read, daemon=True).start()
        try:
            yield process, f"127.0.0.1:{found[1]}"
        finally:
            process.send_signal(signal.SIGKILL)


def session_of(user: User) -> str:
    """Log somebody in and return the cookie."""
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"
