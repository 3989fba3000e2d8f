"""A small process that outlives the start by a moment and ends whatever that left behind.

It waits for the end of its input, which the kernel closes when the start dies in any way.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from types import TracebackType

from launch.marks import kill_marked, unmarked
from launch.places import ROOT


class Guard:
    """The start's end of the pipe to its guard."""

    def __init__(self, mark: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "launch.guard", mark],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            cwd=ROOT,
            env=unmarked(os.environ),  # an outer start's clearing up must not take it first
            start_new_session=True,
            text=True,
        )

    def __enter__(self) -> Guard:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def watch(self, pid: int, last_signal: signal.Signals = signal.SIGKILL) -> None:
        """Have a process group get this signal should the start die without ending it."""
        self._tell(f"+ {pid} {int(last_signal)}\n")

    def forget(self, pid: int) -> None:
        """A process has ended; its number may soon belong to a stranger."""
        self._tell(f"- {pid} 0\n")

    def _tell(self, line: str) -> None:
        with suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.write(line)
                self._process.stdin.flush()


def main() -> None:
    """Read what to watch until the start is gone, then end it all."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        sign, pid, number = line.split()
        if sign == "+":
            groups[int(pid)] = int(number)
        else:
            groups.pop(int(pid), None)
    for pid, number in groups.items():
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)
    kill_marked(sys.argv[1])


if __name__ == "__main__":
    main()
