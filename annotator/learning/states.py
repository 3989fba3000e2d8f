"""Life cycles of runs and model versions: tables, and one function moves along each."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import TextChoices


class RunState(TextChoices):
    """queued -> running -> evaluating -> done; failed or cancelled from anywhere before."""

    QUEUED = "queued"
    RUNNING = "running"
    EVALUATING = "evaluating"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


RUN_MOVES: Mapping[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.RUNNING, RunState.FAILED, RunState.CANCELLED}),
    RunState.RUNNING: frozenset({RunState.EVALUATING, RunState.FAILED, RunState.CANCELLED}),
    RunState.EVALUATING: frozenset(
        {RunState.RUNNING, RunState.DONE, RunState.FAILED, RunState.CANCELLED}
    ),
    RunState.DONE: frozenset(),
    RunState.FAILED: frozenset(),
    RunState.CANCELLED: frozenset(),
}


class VersionState(TextChoices):
    """candidate -> active -> retired, and back to active by promotion or rollback."""

    CANDIDATE = "candidate"
    ACTIVE = "active"
    RETIRED = "retired"
