"""Whether a training is due, decided from counted facts alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from annotator.core.errors import DomainError
from annotator.learning.states import TrainingReason

FLOOR = 5  # new labels below which time does not count
FIRST_PAUSE = 10.0  # minutes after a failure; each further one in a row doubles them
LONGEST_PAUSE = 24 * 60.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a project at one moment; times are minutes ago, None for never.

    `new` counts labels of the pool since the last run that did not fail, `schema_changed` whether
    types changed since then, `night_is_due` whether the hour of the full training has come and
    there is something that no full training knows. `lack` is what the labels lack, `refusal`
    what a run would be refused for beside that.
    """

    is_automatic: bool
    wanted: int
    minutes: int
    labels: int
    lack: TrainingReason | None
    refusal: DomainError | None
    new: int
    first_new: float | None
    workers: int
    is_running: bool
    is_queued: bool
    was_cancelled: bool
    failures: int
    failed: float | None
    schema_changed: bool
    night_is_due: bool


@dataclass(frozen=True, slots=True)
class Night:
    """The hour of a full training."""

    start: datetime

    @property
    def end(self) -> datetime:
        """Return when the hour is over; a night that was missed is still made up for later."""
        return self.start + timedelta(hours=1)


def last_night(now: datetime, hour: int) -> Night:
    """Return the night that has begun most recently."""
    start = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return Night(start if start <= now else start - timedelta(days=1))


def lack_of(*, gold: int, submitted: int, held_out: int) -> TrainingReason | None:
    """Return what labels lack for a training: something to learn, or gold to be measured on.

    `gold` and `submitted` are labels of the pool that train, `held_out` is gold that measures.
    """
    if not gold and not submitted:
        return TrainingReason.NOTHING_TO_LEARN
    return None if gold or held_out else TrainingReason.SUBMITTED_ONLY


def reason_of(facts: Facts) -> TrainingReason:
    """Return why a training is under way, is due, or is not."""
    if facts.is_queued and not facts.workers:
        return TrainingReason.NO_WORKER
    if facts.is_queued and facts.is_running:
        return TrainingReason.QUEUED_BEHIND
    if facts.is_running:
        return TrainingReason.RUNNING
    if facts.is_queued:
        return TrainingReason.QUEUED
    return _waits(facts)


def _waits(facts: Facts) -> TrainingReason:
    if facts.lack is not None:
        return facts.lack
    rules = (
        (TrainingReason.REFUSED, facts.refusal is not None),
        (TrainingReason.OFF, not facts.is_automatic),
        (TrainingReason.NO_WORKER, not facts.workers),
        (TrainingReason.BACKING_OFF, pause_left(facts) > 0),
        (TrainingReason.NIGHTLY, facts.night_is_due),
    )
    return next((reason for reason, holds in rules if holds), None) or _counts(facts)


def _counts(facts: Facts) -> TrainingReason:
    if not facts.new:
        return TrainingReason.CANCELLED if facts.was_cancelled else TrainingReason.JUST_TRAINED
    if facts.schema_changed:
        return TrainingReason.SCHEMA_CHANGED
    if facts.new >= facts.wanted:
        return TrainingReason.ENOUGH_LABELS
    if facts.new < FLOOR:
        return TrainingReason.WAITING_FOR_LABELS
    is_up = minutes_left(facts) == 0
    return TrainingReason.TIME_IS_UP if is_up else TrainingReason.WAITING_FOR_TIME


def minutes_left(facts: Facts) -> int | None:
    """Return whole minutes until time alone starts a training; None while too little is new."""
    if facts.first_new is None or facts.new < FLOOR:
        return None
    return max(0, math.ceil(facts.minutes - facts.first_new))


def pause_left(facts: Facts) -> int:
    """Return whole minutes until a training is tried again after failures in a row."""
    if not facts.failures or facts.failed is None:
        return 0
    pause = FIRST_PAUSE * float(1 << min(facts.failures - 1, 12))
    return max(0, math.ceil(min(pause, LONGEST_PAUSE) - facts.failed))
