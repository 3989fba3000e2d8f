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


class LabelState(TextChoices):
    """Which labels train: gold alone, or submissions that are not gold yet, too."""

    GOLD = "gold"
    SUBMITTED = "submitted"


class TrainingReason(TextChoices):
    """Why a training is or is not happening."""

    RUNNING = "running"
    QUEUED = "queued"
    QUEUED_BEHIND = "queued_behind"
    NO_WORKER = "no_worker"
    NOTHING_TO_LEARN = "nothing_to_learn"
    REFUSED = "refused"
    OFF = "off"
    BACKING_OFF = "failed_backing_off"
    CANCELLED = "cancelled"
    JUST_TRAINED = "just_trained"
    WAITING_FOR_LABELS = "waiting_for_labels"
    WAITING_FOR_TIME = "waiting_for_time"
    ENOUGH_LABELS = "enough_labels"
    TIME_IS_UP = "time_is_up"
    SCHEMA_CHANGED = "schema_changed"
    NIGHTLY = "nightly"


DUE = frozenset(
    {
        TrainingReason.ENOUGH_LABELS,
        TrainingReason.TIME_IS_UP,
        TrainingReason.SCHEMA_CHANGED,
        TrainingReason.NIGHTLY,
    }
)
