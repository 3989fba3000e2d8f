"""Children that are to stay: started, listened to, started again when they die, stopped."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from launch.guard import Guard
from launch.processes import kill_group, spawn
from launch.steps import say

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
HEALTHY_AFTER = 60.0
CHUNK = 65536
LONGEST_LINE = 8192


@dataclass(frozen=True, slots=True)
class Program:
    """Something to keep running."""

    name: str
    command: Sequence[str]


class Child:
    """One program and the process that currently runs it."""

    def __init__(
        self,
        program: Program,
        *,
        environment: Mapping[str, str],
        folder: Path,
        guard: Guard,
        ears: selectors.BaseSelector,
    ) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.deaths = 0
        self._environment = environment
        self._folder = folder
        self._guard = guard
        self._ears = ears
        self._mouth: IO[bytes] | None = None
        self._unfinished = b""
        self._started_at = 0.0
        self._start_after = 0.0

    def start_when_due(self) -> None:
        """Start the program, unless it runs or died a moment ago."""
        if self.process is not None or time.monotonic() < self._start_after:
            return
        self._started_at = time.monotonic()
        self.process = spawn(
            self.program.command,
            death_signal=signal.SIGKILL,
            output=subprocess.PIPE,
            environment=self._environment,
            folder=self._folder,
        )
        self._guard.watch(self.process.pid)
        self._mouth = self.process.stdout
        if self._mouth is not None:
            os.set_blocking(self._mouth.fileno(), False)
            self._ears.register(self._mouth, selectors.EVENT_READ, self)

    def listen(self) -> None:
        """Print what the program said, line by line, with its name in front."""
        if self._mouth is None:
            return
        try:
            heard = os.read(self._mouth.fileno(), CHUNK)
        except BlockingIOError:
            return
        if not heard:
            self._close_mouth()
        *lines, self._unfinished = (self._unfinished + heard).split(b"\n")
        if len(self._unfinished) > LONGEST_LINE or not heard:
            lines, self._unfinished = [*lines, self._unfinished], b""
        for line in filter(None, lines):
            say(f"{self.program.name:8}| {line.decode(errors='replace').rstrip()}")

    def bury_if_dead(self) -> int | None:
        """Return the exit status of a program that has just ended, and clear up after it."""
        if self.process is None or self.process.poll() is None:
            return None
        status = self.process.returncode
        self.listen()
        self._close_mouth()
        kill_group(self.process.pid)  # what it started may still live
        self._guard.forget(self.process.pid)
        self.process = None
        was_healthy = time.monotonic() - self._started_at > HEALTHY_AFTER
        self.deaths = 1 if was_healthy else self.deaths + 1
        pause = min(FIRST_PAUSE * 2.0 ** (self.deaths - 1), LONGEST_PAUSE)
        self._start_after = time.monotonic() + pause
        return status

    def _close_mouth(self) -> None:
        if self._mouth is not None:
            self._ears.unregister(self._mouth)
            self._mouth.close()
            self._mouth = None

    @property
    def pause(self) -> float:
        """Seconds until the program is started again."""
        return max(0.0, self._start_after - time.monotonic())


class Household:
    """All children of a start."""

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        environment: Mapping[str, str],
        folder: Path,
        guard: Guard,
    ) -> None:
        self._ears = selectors.DefaultSelector()
        self.children = [
            Child(program, environment=environment, folder=folder, guard=guard, ears=self._ears)
            for program in programs
        ]

    def keep(self, *, seconds: float) -> None:
        """Look after everybody for about so long: start, listen, bury."""
        for child in self.children:
            child.start_when_due()
        self._listen(seconds)
        for child in self.children:
            status = child.bury_if_dead()
            if status is not None:
                say(f"{child.program.name:8}| ended ({meaning(status)}); "
                    f"starts again in {child.pause:.1f} s")  # fmt: skip

    def stop(self, *, grace: float) -> None:
        """Ask everybody to end, wait, and kill who does not."""
        deadline = time.monotonic() + grace
        for child in self.living:
            if child.process is not None:
                child.process.send_signal(signal.SIGTERM)
        while self.living and time.monotonic() < deadline:
            self._listen(0.1)
            for child in self.living:
                child.bury_if_dead()
        self.kill()

    def kill(self) -> None:
        """End everybody at once."""
        for child in self.living:
            if child.process is not None:
                kill_group(child.process.pid)
                child.process.wait()
            child.bury_if_dead()

    @property
    def living(self) -> list[Child]:
        """Those whose process has not ended."""
        return [child for child in self.children if child.process is not None]

    def _listen(self, seconds: float) -> None:
        if not self._ears.get_map():
            time.sleep(seconds)
            return
        for key, _ in self._ears.select(seconds):
            key.data.listen()


def meaning(status: int) -> str:
    """Say in words how a process ended."""
    if status >= 0:
        return f"exit {status}"
    with suppress(ValueError):
        return signal.Signals(-status).name
    return f"signal {-status}"
