"""The report on a model's chances: how far they can be believed, and from where on to accept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from extraction.evaluation.calibrating import (
    FEWEST,
    UNCALIBRATED,
    Calibration,
    fit_calibration,
)
from extraction.evaluation.calibration import (
    Bin,
    Decisions,
    Floats,
    error_by_luck,
    expected_calibration_error,
    log_loss,
    reliability,
)
from extraction.evaluation.judged import Judged, judge_decisions
from extraction.evaluation.match import key_pairs
from extraction.types import Example, Prediction

FOLDS = 5
THRESHOLDS = (0.25, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.99)
TARGETS = (0.9, 0.95, 0.98, 0.99)
Z = 1.96  # of a 95 % interval
DIGITS = 5
KINDS = ("entity", "relation")


def calibrate(
    examples: Sequence[Example],
    said: Sequence[Prediction],
    symmetric: frozenset[str] = frozenset(),
) -> tuple[Calibration, dict[str, Any]]:
    """Fit a calibration on labelled sentences and report on it.

    All figures are cross-fitted: every fifth of the sentences is judged by maps that were fitted
    on the other four, so they are what a new sentence may expect. Too few decisions: no maps.
    """
    decisions = judge_decisions(examples, said, symmetric)
    crossed = _cross_fitted(decisions)
    fitted = fit_calibration(decisions)
    report = {
        "maps": fitted.as_json(),
        "fewest": FEWEST,
        "sentences": len(examples),
        "kinds": {kind: _of_kind(kind, decisions, crossed) for kind in KINDS},
        "auroc": {
            "before": _auroc(examples, said, decisions, _raw(decisions), symmetric),
            "after": _auroc(examples, said, decisions, crossed, symmetric),
        },
    }
    return fitted, report


def _raw(decisions: Sequence[Judged]) -> Floats:
    return UNCALIBRATED.chances(decisions)


def _cross_fitted(decisions: Sequence[Judged]) -> Floats:
    """Chances (N,), each by maps that did not see its sentence."""
    folds = np.array([one.sentence % FOLDS for one in decisions], dtype=np.int64)
    found = _raw(decisions)
    for fold in range(FOLDS):
        inside = np.flatnonzero(folds == fold)
        outside = np.flatnonzero(folds != fold)
        maps = fit_calibration([decisions[int(place)] for place in outside])
        found[inside] = maps.chances([decisions[int(place)] for place in inside])
    return found


def _of_kind(kind: str, decisions: Sequence[Judged], crossed: Floats) -> dict[str, Any]:
    """What is said of one kind: reliability, calibration error before and after, thresholds."""
    at = [n for n, one in enumerate(decisions) if one.kind == kind and one.is_kept]
    kept = [decisions[place] for place in at]
    before, after = _judged(kept, _raw(kept)), _judged(kept, crossed[at])
    types = sorted({one.type for one in kept})
    by_type = {}
    for name in types:
        inside = [n for n, one in enumerate(kept) if one.type == name]
        by_type[name] = _of_type(_part(before, inside), _part(after, inside))
    return {
        "count": len(kept),
        "right": int(after.truths.sum()),
        "ece": {"before": _ece(before), "after": _ece(after)},
        "ece_by_luck": _by_luck(after),
        "ece_mass": {"before": _ece(before, "mass"), "after": _ece(after, "mass")},
        "log_loss": {"before": _round(log_loss(before)), "after": _round(log_loss(after))},
        "bins": _bins(after),
        "by_type": by_type,
        "thresholds": [_at_least(after, threshold) for threshold in THRESHOLDS],
        "lowest_for": {str(target): _lowest_for(after, target) for target in TARGETS},
    }


def _of_type(before: Decisions, after: Decisions) -> dict[str, Any]:
    return {
        "count": len(after),
        "ece_before": _ece(before),
        "ece": _ece(after),
        "ece_by_luck": _by_luck(after),
        "bins": _bins(after),
    }


def _part(seen: Decisions, at: Sequence[int]) -> Decisions:
    return Decisions(seen.chances[at], seen.truths[at])


def _by_luck(seen: Decisions) -> float | None:
    """What the calibration error would be, on so few, if all chances were true."""
    return _round(error_by_luck(seen.chances)) if len(seen) else None


def _judged(kept: Sequence[Judged], chances: Floats) -> Decisions:
    return Decisions(chances, np.array([one.is_right for one in kept], dtype=np.float64))


def _ece(seen: Decisions, binning: Any = "width") -> float | None:
    if not len(seen):
        return None
    return _round(expected_calibration_error(reliability(seen, binning=binning)))


def _bins(seen: Decisions) -> list[dict[str, float]]:
    return [_bin(one) for one in reliability(seen)]


def _bin(one: Bin) -> dict[str, float]:
    return {
        "low": one.low,
        "high": one.high,
        "count": one.count,
        "mean_chance": _round(one.mean_chance),
        "share_right": _round(one.share_right),
    }


def _at_least(seen: Decisions, threshold: float) -> dict[str, float]:
    """How many statements have this chance or a higher one, and how many of them were right."""
    above = seen.chances >= threshold
    count, right = int(above.sum()), int(seen.truths[above].sum())
    low, high = wilson(right, count)
    return {
        "threshold": threshold,
        "count": count,
        "right": right,
        "low": _round(low),
        "high": _round(high),
    }


def _lowest_for(seen: Decisions, target: float) -> float | None:
    """The lowest threshold from which on the share right is at least `target`, of enough."""
    for threshold in THRESHOLDS:
        row = _at_least(seen, threshold)
        if row["count"] >= FEWEST and row["right"] / row["count"] >= target:
            return threshold
    return None


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); (0, 1) of nothing."""
    if not count:
        return 0.0, 1.0
    share, z2 = right / count, Z * Z
    centre = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = Z / (1 + z2 / count) * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def _auroc(
    examples: Sequence[Example],
    said: Sequence[Prediction],
    decisions: Sequence[Judged],
    chances: Floats,
    symmetric: frozenset[str],
) -> float | None:
    """How well expected errors tell sentences with an error from those without."""
    expected = np.zeros(len(examples))
    for one, chance in zip(decisions, chances, strict=True):
        expected[one.sentence] += 1.0 - chance if one.is_kept else chance
    pairs = key_pairs(examples, [one.graph() for one in said], symmetric)
    strict = zip(pairs["ner_strict"], pairs["re_strict"], strict=True)
    has_error = np.array([e[0] != e[1] or r[0] != r[1] for e, r in strict], dtype=bool)
    return area_under_curve(expected, has_error)


def area_under_curve(scores: Floats, is_positive: Any) -> float | None:
    """The chance that a positive scores higher than a negative, ties half; None without both."""
    positive, negative = scores[is_positive], np.sort(scores[~is_positive])
    if not len(positive) or not len(negative):
        return None
    below = np.searchsorted(negative, positive, side="left")
    upto = np.searchsorted(negative, positive, side="right")
    return _round(float((below + upto).mean()) / (2 * len(negative)))


def _round(value: float) -> float:
    return round(value, DIGITS)
