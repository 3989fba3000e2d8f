"""Saying what is being done and how long it took, and running the tools that do it."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from launch.processes import dying_with_parent, kill_group
from launch.remedies import explain

_began = time.monotonic()
_speaking = threading.Lock()


def say(text: str) -> None:
    """Print a line at once; a closed terminal is no reason to fail."""
    with _speaking, suppress(OSError):
        print(text, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Announce a step, and its end with the time it took."""
    say(f"  ..     {what}")
    began = time.monotonic()
    yield
    say(f"  ok {time.monotonic() - began:5.1f} s  {what}")


def unchanged(what: str) -> None:
    """Say that a step had nothing to do."""
    say(f"  ok          {what}: nothing changed")


def seconds_since_start() -> float:
    """Return how long this program has been running."""
    return time.monotonic() - _began


class Toolbox:
    """Runs tools that end by themselves; all of them can be stopped from another thread."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._is_closed = False

    def run(
        self,
        command: Sequence[str | Path],
        *,
        what: str,
        environment: Mapping[str, str],
        folder: Path | None = None,
        hear: Callable[[str], object] = len,
    ) -> str:
        """Run a tool and return what it said; LaunchError with a remedy when it fails.

        `hear` is told every line at once.
        """
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=dict(environment),
            cwd=folder,
            start_new_session=True,
            preexec_fn=dying_with_parent(signal.SIGKILL),  # noqa: PLW1509 - two system calls
        )
        with self._lock:
            self._running.add(process)
            if self._is_closed:
                kill_group(process.pid)
        try:
            said = _listen(process, hear)
        finally:
            with self._lock:
                self._running.discard(process)
        if process.returncode:
            raise explain(what, said)
        return said

    def stop(self) -> None:
        """Kill whatever is still running, and whatever somebody begins from now on."""
        with self._lock:
            self._is_closed = True
            for process in self._running:
                kill_group(process.pid)


def _listen(process: subprocess.Popen[str], hear: Callable[[str], object]) -> str:
    """Collect what a tool says until it ends."""
    lines = []
    with process:
        for line in process.stdout or ():
            lines.append(line)
            hear(line)
    return "".join(lines)
