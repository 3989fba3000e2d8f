"""Where the work in hand comes from: the request that is being answered, if any."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """A request, and keyed digests of its session and its address."""

    request: str = ""
    session: str = ""
    address: str = ""


NOWHERE = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Have what is recorded or logged inside say where it came from."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


def present_origin() -> Origin:
    """Return where the work in hand comes from."""
    return _origin.get()
