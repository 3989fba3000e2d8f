"""Failpoints: named places where a test lets the program die, fail or stand still.

Nothing but a test arms them: `arm` is called in the test's own process, no setting and no request
leads here. Unarmed, a failpoint costs one comparison. `tests/safety/test_g02_failpoints.py` reads
all names from the source and lets each of them break in every way.
"""

from __future__ import annotations

import os
import signal
from enum import StrEnum


class Fault(StrEnum):
    """How the program breaks."""

    KILL = "kill"
    EXCEPTION = "exception"
    STALL = "stall"


class FailpointError(RuntimeError):
    """What a failpoint raises: an error that nobody expects and nobody handles by name."""


class Plan:
    """Which failpoint breaks in which way, once; and which were passed."""

    def __init__(self, name: str = "", fault: Fault | None = None) -> None:
        self.name, self.fault = name, fault
        self.passed: list[str] = []

    def meet(self, name: str) -> None:
        """Take note of a failpoint and break there if it is its turn."""
        self.passed.append(name)
        if name != self.name or self.fault is None:
            return
        fault, self.fault = self.fault, None
        if fault is Fault.EXCEPTION:
            raise FailpointError(name)
        os.kill(os.getpid(), signal.SIGKILL if fault is Fault.KILL else signal.SIGSTOP)


_plans: list[Plan] = []


def arm(plan: Plan) -> None:
    """Let this process break as planned; for tests."""
    _plans[:] = [plan]


def failpoint(name: str) -> None:
    """Do nothing, unless a test has armed this place."""
    if _plans:
        _plans[0].meet(name)
