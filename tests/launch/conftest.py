"""A home for engines, and a running start with stand-ins."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from launch import engines
from launch.marks import marked
from launch.places import ROOT, Places, places
from launch.processes import wait_until, workers_in


@dataclass
class Running:
    """A start in another process, and everything it has said."""

    process: subprocess.Popen[str]
    places: Places
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()

    def has_said(self, words: str, *, times: int = 1, within: float = 60.0) -> bool:
        """Wait until so many lines contain the words."""
        return wait_until(lambda: sum(words in line for line in self.said) >= times, seconds=within)

    def family(self) -> list[int]:
        """Every process that belongs to this start, the engines included."""
        folders = (self.places.postgres, self.places.redis)
        of_engines = [pid for folder in folders for pid in workers_in(folder)]
        return [*marked(self.places.sockets.name), *of_engines]

    def leaves_nothing(self, *, within: float = 30.0) -> bool:
        """Wait until none of its processes is there any more."""
        return wait_until(lambda: not self.family(), seconds=within)

    def listen(self) -> None:
        """Collect what it says."""
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            self.said.extend(line.rstrip() for line in lines)


Launch = Callable[..., Running]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Launch]:
    """Begin a start with stand-ins; whatever a test leaves is ended."""
    begun: list[Running] = []

    def launch(*words: str) -> Running:
        home = tmp_path / "home"
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("stand_in.py")), str(home), *words],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running = Running(process, places(home))
        begun.append(running)
        return running

    yield launch
    for running in begun:
        running.process.kill()
        running.process.wait()
    for running in begun:
        assert running.leaves_nothing()
        running.listener.join()
        shutil.rmtree(running.places.sockets, ignore_errors=True)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[engines.Engines]:
    """Engines for tests that leave them as they are."""
    yield from run_engines(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def started(tmp_path: Path) -> Iterator[engines.Engines]:
    """Engines of a fresh home, started by this very process."""
    yield from run_engines(tmp_path)


def run_engines(folder: Path) -> Iterator[engines.Engines]:
    """Start engines and see to it that they end."""
    running = engines.ensure(folder / "home", is_throwaway=True, environment={})
    yield running
    running.stop()
    shutil.rmtree(running.places.sockets, ignore_errors=True)


def kill(process: subprocess.Popen[bytes] | None) -> None:
    """End a process of our own as the kernel would."""
    assert process is not None
    process.send_signal(signal.SIGKILL)
    process.wait()
