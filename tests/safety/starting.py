"""Starting the web process as an operator does, with the settings that a test chooses."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from launch.places import ROOT

PATIENCE_SECONDS = 60.0
LISTENS = "Uvicorn running on"


def production(home: Path) -> dict[str, str]:
    """Return the settings of a server as docs/howto/run.md sets one up; nothing answers there."""
    return {
        "RELATA_HOME": str(home),
        "RELATA_SECRET_KEY": secrets.token_urlsafe(48),
        "RELATA_ALLOWED_HOSTS": "labels.hospital.test",
        "RELATA_TRUSTED_ORIGINS": "https://labels.hospital.test",
        "RELATA_TLS": "true",
        "RELATA_ADMIN": "false",
        "DATABASE_URL": f"postgres://relata:{secrets.token_hex(8)}@db.hospital.test/relata",
        "REDIS_URL": f"redis://:{secrets.token_hex(8)}@redis.hospital.test:6379/0",
    }


def variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a start: these settings and none of the tests' own."""
    strange = ("RELATA_", "DJANGO_", "DATABASE_URL", "REDIS_URL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    return {**kept, **settings}


@contextmanager
def web(settings: Mapping[str, str], *, host: str) -> Iterator[subprocess.Popen[str]]:
    """Start the web process on a free port and end it afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "annotator.config.asgi:application",
         "--host", host, "--port", "0", "--lifespan", "off"],
        cwd=ROOT,
        env=variables(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate()


def manage(settings: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a management command to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=variables(settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
