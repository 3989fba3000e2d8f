"""A mark in the environment of everything a start runs, by which nothing of it is overlooked.

A worker's own children may have sessions of their own; they still carry the mark.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

VARIABLE = "RELATA_STARTED_BY"
PROC = Path("/proc")
ATTEMPTS = 50


def marked(mark: str) -> Iterator[int]:
    """Yield every living process that carries this mark, except ourselves (Linux only)."""
    wanted = f"{VARIABLE}={mark}".encode()
    for entry in PROC.glob("[0-9]*"):
        with suppress(OSError):
            if int(entry.name) != os.getpid() and wanted in _variables(entry):
                yield int(entry.name)


def kill_marked(mark: str) -> int:
    """Kill every process that carries this mark, and their children born meanwhile."""
    killed: set[int] = set()
    for _ in range(ATTEMPTS):
        found = list(marked(mark))
        if not found:
            break
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        killed.update(found)
        time.sleep(0.02)
    return len(killed)


def unmarked(environment: Mapping[str, str]) -> dict[str, str]:
    """Return variables for something that ends in its own way."""
    return {name: value for name, value in environment.items() if name != VARIABLE}


def _variables(entry: Path) -> list[bytes]:
    """Return a process' environment; a zombie has none any more."""
    return (entry / "environ").read_bytes().split(b"\0")
