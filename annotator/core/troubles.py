"""Troubles of the machine, told apart: a full disk is not a database that went away for a moment.

Nothing was stored in any of these cases: a transaction that fails leaves nothing.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError

DISK_FULL = "53100"
# SQLSTATEs (PostgreSQL, appendix A) after which the same request may well work in a while.
PASSING = ("08", "53", "57", "40", "25006", "55P03")
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a program hears: a code, a sentence, a status, and after how many seconds to retry."""

    code: str
    message: str
    status: int
    retry_after: int


FULL = Trouble(
    "disk_full",
    "The server's disk is full and nothing was stored; whoever runs the server has to make room",
    507,
    30,
)
AWAY = Trouble(
    "unavailable",
    "The database does not answer or is busy; nothing was stored, try again in a moment",
    503,
    5,
)


def trouble_of(error: BaseException) -> Trouble | None:
    """Return what an error means when the machine is at fault, None when the program is."""
    if isinstance(error, InterfaceError):
        return AWAY
    if isinstance(error, DatabaseError):
        state = getattr(error.__cause__, "pgcode", None) or ""
        if state == DISK_FULL:
            return FULL
        is_lost = not state and type(error).__name__ == "OperationalError"  # no answer, no SQLSTATE
        return AWAY if is_lost or state.startswith(PASSING) else None
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return FULL
    return None
