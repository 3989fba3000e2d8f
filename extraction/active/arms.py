"""Sentences chosen by doubt against sentences chosen by chance: what an hour of either finds. Pure.

The rate is 3600 * corrections / seconds over an arm, a correction being a statement that a person
added to a suggestion or took from it. Intervals are percentiles of a bootstrap over sentences
(Efron 1979), seeded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from extraction.active.forecast import Range

Floats = NDArray[np.float64]

HOUR = 3600.0
RESAMPLES = 1000
SEED = 17
TAIL = 0.025  # of a 95 % interval


@dataclass(frozen=True, slots=True)
class Handled:
    """One sentence that a person went through."""

    seconds: float
    expected: float  # errors that the model expected of itself
    corrections: float  # statements added or taken away


@dataclass(frozen=True, slots=True)
class Gap:
    """The sampled arm's rate less the control arm's: value, standard error, 95 % interval."""

    value: float
    error: float
    low: float
    high: float
    fewest: int  # sentences of the smaller arm


@dataclass(frozen=True, slots=True)
class Arm:
    """Means a sentence, and corrections in an hour with a 95 % interval; None without time."""

    count: int
    seconds: float
    expected: float
    corrections: float
    rate: Range | None


def arm(handled: Sequence[Handled]) -> Arm | None:
    """Sum an arm up; None where it is empty."""
    if not handled:
        return None
    seconds, expected, corrections = _columns(handled).mean(axis=0)
    rates = _rates(handled, SEED)
    rate = None
    if rates is not None:
        low, high = np.quantile(rates, [TAIL, 1 - TAIL])
        rate = Range(float(HOUR * corrections / seconds), float(low), float(high))
    return Arm(len(handled), float(seconds), float(expected), float(corrections), rate)


def gap(sampled: Sequence[Handled], control: Sequence[Handled]) -> Gap | None:
    """Compare the rates of two arms; None where one is empty or has taken no time."""
    first, second = _rates(sampled, SEED), _rates(control, SEED + 1)
    whole = arm(sampled), arm(control)
    rates = [each.rate.value for each in whole if each is not None and each.rate is not None]
    if first is None or second is None or len(rates) != len(whole):
        return None
    drawn = first - second
    low, high = np.quantile(drawn, [TAIL, 1 - TAIL])
    fewest = min(len(sampled), len(control))
    return Gap(rates[0] - rates[1], float(drawn.std()), float(low), float(high), fewest)


def _columns(handled: Sequence[Handled]) -> Floats:
    return np.array([(one.seconds, one.expected, one.corrections) for one in handled])


def _rates(handled: Sequence[Handled], seed: int) -> Floats | None:
    """Corrections in an hour of each resample, (R,)."""
    if not any(one.seconds > 0 for one in handled):
        return None
    columns = _columns(handled)
    count = len(columns)
    drawn = np.random.default_rng(seed).integers(0, count, size=(RESAMPLES, count))
    seconds, corrections = columns[drawn, 0].sum(axis=1), columns[drawn, 2].sum(axis=1)
    return np.asarray(HOUR * corrections[seconds > 0] / seconds[seconds > 0])
