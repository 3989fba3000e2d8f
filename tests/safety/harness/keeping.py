"""A process that forks children which a test kills, on the test's own database."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from annotator.config.env import database_url
from launch.places import ROOT
from launch.processes import dying_with_parent


class Nursery:
    """The process that forks children, the newest of these, and what they say."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.alive: list[int] = []
        self.said: list[str] = []
        self.lock = threading.Lock()
        self.ear = threading.Thread(target=self._listen, daemon=True)
        self.ear.start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            word, _, rest = line.rstrip("\n").partition(" ")
            with self.lock:
                if word == "born":
                    self.alive.append(int(rest))
                else:
                    self.said.append(f"{word} {rest}")

    def take(self, chance: random.Random) -> int | None:
        """Take one of the children out of the list of the living."""
        with self.lock:
            return self.alive.pop(chance.randrange(len(self.alive))) if self.alive else None

    def give_back(self, child: int) -> None:
        """Put one back that lives on."""
        with self.lock:
            self.alive.append(child)


def started(module: str, *words: str, home: Path, lease: float) -> subprocess.Popen[str]:
    """Start a module of this folder as a process on the test's database, with pipes to it."""
    server = database_url().rpartition("/")[0]
    return subprocess.Popen(
        [sys.executable, "-m", f"{__package__}.{module}", *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=dying_with_parent(signal.SIGKILL),  # noqa: PLW1509 - as in launch
        env={
            **os.environ,
            "DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}",
            "REDIS_URL": settings.REDIS_URL,
            "RELATA_HOME": str(home),
            "RELATA_LEASE_SECONDS": str(lease),
            "RELATA_SECRET_KEY": settings.SECRET_KEY,
        },
    )


@contextmanager
def nursery(module: str, *words: str, home: Path, lease: float) -> Iterator[Nursery]:
    """Children of a module of this folder, on the test's database; all of them end with it."""
    process = started(module, *words, home=home, lease=lease)
    with process:
        some = Nursery(process)
        try:
            yield some
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            some.ear.join()


def send(child: int, what: signal.Signals) -> bool:
    """Send a signal to a child; False when it is dead already, of what it was given to do."""
    try:
        os.kill(child, what)
    except ProcessLookupError:
        return False
    return True
