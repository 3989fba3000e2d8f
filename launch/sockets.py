"""Knocking on Unix sockets: who is behind one, and is somebody there at all."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

KNOCK_SECONDS = 3.0


def connect(path: Path) -> socket.socket | None:
    """Return a connection to the socket, or None when nobody listens there."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(KNOCK_SECONDS)
    try:
        line.connect(str(path))
    except OSError:
        line.close()
        return None
    return line


def peer_of(path: Path) -> int | None:
    """Return the process that listens on the socket, where the system tells (Linux)."""
    line = connect(path)
    if line is None or not hasattr(socket, "SO_PEERCRED"):
        return None
    with line:
        told = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid: int = struct.unpack("3i", told)[0]
    return pid or None
