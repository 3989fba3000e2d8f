"""The product as a user starts it, for a trial: ./run in a throw-away home on a free port."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from launch.demo import KEPT
from launch.places import ROOT

START_SECONDS = 300.0
STOP_SECONDS = 60.0


class TrialError(Exception):
    """The product did not start, or did not stop."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A running product: where it is, and the demo log-ins it made."""

    address: str
    home: Path
    pid: int

    @property
    def log(self) -> Path:
        """Everything that ./run and its children printed."""
        return self.home / "run.log"

    def password(self, username: str) -> str:
        """Return the password of a demo account."""
        logins = json.loads((self.home / KEPT).read_text(encoding="utf-8"))
        return str(next(login["password"] for login in logins if login["username"] == username))


@contextmanager
def running(*, demo: str = "accounts", **settings: str) -> Iterator[Trial]:
    """Start the product and wait for its page; stop it with Ctrl-C afterwards.

    `demo` is what `manage.py demo` makes: "accounts" alone, or "projects" too; `settings` are
    further environment variables.
    """
    with tempfile.TemporaryDirectory(prefix="relata-trial-", ignore_cleanup_errors=True) as folder:
        home, port = Path(folder), _free_port()
        chosen = {"RELATA_HOME": folder, "PORT": str(port), "RELATA_DEMO": demo}
        environment = {**os.environ, **chosen, **settings}
        for name in ("DATABASE_URL", "REDIS_URL"):
            environment.pop(name, None)  # a trial has engines of its own
        with (home / "run.log").open("wb") as log:
            product = subprocess.Popen(
                [ROOT / "run"], env=environment, stdout=log, stderr=log, start_new_session=True
            )
        trial = Trial(f"http://127.0.0.1:{port}", home, product.pid)
        try:
            _wait_for_page(trial, product)
            yield trial
        finally:
            product.send_signal(signal.SIGINT)
            product.wait(timeout=STOP_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for_page(trial: Trial, product: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(trial):
        if product.poll() is not None or time.monotonic() > deadline:
            said = trial.log.read_text(encoding="utf-8", errors="replace")[-3000:]
            raise TrialError(f"The product did not start:\n{said}")
        time.sleep(0.2)


def _answers(trial: Trial) -> bool:
    if "Ready after" not in trial.log.read_text(encoding="utf-8", errors="replace"):
        return False
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{trial.address}/healthz", timeout=5.0) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's OK
    except (urllib.error.URLError, OSError):
        return False
