"""Waiting for something that the product does in its own time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T], is_there: Callable[[T], bool], *, seconds: float = 60.0) -> T:
    """Look twice a second until it is there; return the last sight, for the caller to judge."""
    deadline = time.monotonic() + seconds
    seen = look()
    while not is_there(seen) and time.monotonic() < deadline:
        time.sleep(0.5)
        seen = look()
    return seen
