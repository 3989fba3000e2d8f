"""What every test may rely on; fixtures live in the nearest folder that needs them."""

from __future__ import annotations

import os

import pytest


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let browser tests use the database: sync Playwright keeps an event loop running."""
    if any(item.get_closest_marker("e2e") for item in session.items):
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
