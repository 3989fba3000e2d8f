"""Whether a training is due, decided from counted facts alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

from annotator.learning.states import TrainingReason

FLOOR = 5  # new labels below which time does not count
FIRST_PAUSE = 10.0  # minutes after a failure; each further one in a row doubles them
LONGEST_PAUSE = 24 * 60.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a project at one moment; times are minutes ago, None for never.

    `can_learn` says whether there is gold, too, to measure with, and `refusal` is the code of what
    else stands in the way, such as an encoder that is gone. `new` counts labels of the pool since
    the last run that did not fail, `schema_changed` whether types changed since then,
    `night_is_due` whether the hour of the full training has come or was missed, and there is
    something that no full training knows.
    """

    is_automatic: bool
    wanted: int
    minutes: int
    labels: int
    can_learn: bool
    refusal: str | None
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
    rules = (
        (TrainingReason.NOTHING_TO_LEARN, not facts.labels or not facts.can_learn),
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
