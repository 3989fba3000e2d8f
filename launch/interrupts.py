"""Ctrl-C, SIGTERM and a closed terminal, as one exception."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from launch.steps import say

ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopAskedError(Exception):
    """Somebody wants the program to end."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise StopAskedError in the main thread when asked to stop; outermost, it just ends."""
    before = {number: signal.signal(number, _ask) for number in ASKING}
    try:
        yield
    except StopAskedError:
        say("Stopped.")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stop_at_once_when_asked_again() -> None:
    """Let a second Ctrl-C end us on the spot; the guard then ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _ask(*_: object) -> None:
    raise StopAskedError
