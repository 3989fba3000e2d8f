"""What is looked at before anything is begun: Python, disk, port, and a second start."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launch.errors import LaunchError

GIGABYTE = 1_000_000_000
OLDEST_PYTHON = (3, 11)
NEEDED_TO_INSTALL = 2 * GIGABYTE
NEEDED_TO_RUN = GIGABYTE // 5
PORTS_TRIED = 50


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> None:
    """Refuse a Python the pinned packages do not support."""
    if version < OLDEST_PYTHON:
        raise LaunchError(
            f"Python {version[0]}.{version[1]} is too old; install Python 3.11 or newer "
            "(apt-get install python3 python3-venv) or set PYTHON to one"
        )


def check_disk(folders: tuple[Path, ...], *, needed: int) -> None:
    """Refuse to begin what the disk has no room for."""
    for folder in folders:
        free = shutil.disk_usage(_existing(folder)).free
        if free < needed:
            raise LaunchError(
                f"The disk of {folder} has {free / GIGABYTE:.1f} GB free and "
                f"{needed / GIGABYTE:.1f} GB are needed; free some, or set RELATA_HOME to "
                "another disk"
            )


def check_port(host: str, port: int) -> None:
    """Refuse a port somebody listens on, and offer one that is free."""
    error = _bind(host, port)
    if error is None:
        return
    if error == errno.EACCES:
        raise LaunchError(f"Port {port} needs root; take another: PORT=8000 ./run")
    if error != errno.EADDRINUSE:
        raise LaunchError(f"{host}:{port} cannot be listened on ({os.strerror(error)})")
    free = next((p for p in range(port + 1, port + PORTS_TRIED) if _bind(host, p) is None), None)
    raise LaunchError(
        f"Port {port} is taken by another program; take another: PORT={free or 8001} ./run"
    )


@contextmanager
def only_start(home: Path) -> Iterator[None]:
    """Hold the right to run from this home; a second start is told who has it."""
    path = home / "run.lock"
    with path.open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise LaunchError(
                f"Relata already runs from {home} (process {lock.read().strip() or '?'}); stop "
                "it with Ctrl-C there, or start a second one with another RELATA_HOME and PORT"
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _bind(host: str, port: int) -> int | None:
    """Try to listen; return the error's number, or None when it worked."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            return error.errno
    return None
