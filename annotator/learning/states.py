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
    """Why a training is or is not happening; the label is the reason in words."""

    RUNNING = "running", "A training is under way."
    QUEUED = "queued", "A training waits for a free worker."
    QUEUED_BEHIND = "queued_behind", "A training is under way, and one waits behind it."
    NO_WORKER = "no_worker", "No worker that trains answers."
    NOTHING_TO_LEARN = "nothing_to_learn", "No sentence of the pool is labelled yet."
    SUBMITTED_ONLY = "submitted_only", "Submissions train, but there is no gold to measure on."
    REFUSED = "refused", "The model or encoder of the project cannot be used."
    OFF = "off", "Training by itself is off."
    BACKING_OFF = "failed_backing_off", "The last training failed; it is tried again later."
    CANCELLED = "cancelled", "The last training was cancelled and nothing new has come since."
    JUST_TRAINED = "just_trained", "Nothing new has come since the last training."
    WAITING_FOR_LABELS = "waiting_for_labels", "Too few new labels."
    WAITING_FOR_TIME = "waiting_for_time", "A few new labels; time will start it."
    ENOUGH_LABELS = "enough_labels", "Enough new labels: it starts within seconds."
    TIME_IS_UP = "time_is_up", "The time is up: it starts within seconds."
    SCHEMA_CHANGED = "schema_changed", "The types have changed: it starts within seconds."
    NIGHTLY = "nightly", "The night's full training is due: it starts within seconds."


class Anew(TextChoices):
    """Why a training goes on from no version."""

    NO_VERSION = "no_version", "No version is active."
    FULL = "full", "A full training always does."
    OTHER_MAKE = "other_make", "The active version is of another model, encoder, schema or measure."
    GROWN = "grown", "Labels have grown by half."


DUE = frozenset(
    {
        TrainingReason.ENOUGH_LABELS,
        TrainingReason.TIME_IS_UP,
        TrainingReason.SCHEMA_CHANGED,
        TrainingReason.NIGHTLY,
    }
)
