"""A running house: engines and children of one RELATA_HOME, looked after until asked to stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from launch import engines
from launch.children import Household, Program
from launch.guard import Guard
from launch.interrupts import stop_at_once_when_asked_again
from launch.marks import kill_marked
from launch.places import ROOT
from launch.steps import say

GRACE_SECONDS = 20.0  # a training writes its checkpoint
LOOK_EVERY = 0.5


class House:
    """What one start has started, so that it can be kept alive and ended as a whole."""

    def __init__(
        self, home: Path, guard: Guard, mark: str, *, grace: float = GRACE_SECONDS
    ) -> None:
        self.home = home
        self.guard = guard
        self.mark = mark
        self.grace = grace
        self.engines: engines.Engines | None = None
        self.household: Household | None = None

    def start_engines(self, environment: Mapping[str, str], *, is_throwaway: bool = False) -> None:
        """Have PostgreSQL and Redis run; those we start end with us."""
        self.engines = engines.ensure(self.home, is_throwaway=is_throwaway, environment=environment)
        self._watch(self.engines.servers)

    def open(self, programs: Sequence[Program], environment: Mapping[str, str]) -> None:
        """Name the programs that are to run from now on."""
        self.household = Household(programs, environment=environment, folder=ROOT, guard=self.guard)

    def keep(self, look: Callable[[], None]) -> None:
        """Look after children and engines for ever, calling `look` between the rounds."""
        while True:
            if self.household is not None:
                self.household.keep(seconds=LOOK_EVERY)
            if self.engines is not None:
                revived = self.engines.revive()
                self._watch(revived)
                for server in revived:
                    say(f"{server.kind.NAME} had ended and was started again")
            look()

    def stop(self) -> None:
        """End children, whatever they left, and the engines."""
        stop_at_once_when_asked_again()
        if self.household is not None:
            self.household.stop(grace=self.grace)
        kill_marked(self.mark)
        if self.engines is not None:
            self.engines.stop()

    def _watch(self, servers: Sequence[engines.Server]) -> None:
        for server in servers:
            if server.process is not None:
                self.guard.watch(server.process.pid, server.kind.POLITE)
