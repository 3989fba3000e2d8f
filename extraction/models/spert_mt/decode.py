"""From class scores to chances and decisions (Eq. 18).

The identification heads are not asked. What is said is what the paper says: the best class
from theta on. Its chance is read off the ranking loss itself: a class that is right with
chance P pulls its score by P * L+ and (1 - P) * L-, and these two balance where
P / (1 - P) = sigmoid(gamma (m- + s)) / sigmoid(gamma (m+ - s)). Solved for P this rises with s
and is one half at (m+ - m-) / 2; it is shifted so that it is one half at theta.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from extraction.models.common.decode import PairVerdict, Rules, SpanVerdict
from extraction.models.common.span_parts import flags
from extraction.models.spert_mt.settings import Settings

Bools = np.ndarray[Any, np.dtype[np.bool_]]
Floats = np.ndarray[Any, np.dtype[np.float32]]

HALF = np.float32(0.5)
BELOW_HALF = np.nextafter(HALF, np.float32(0.0))


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a stage's scores turn into a yes, and how fast."""

    theta: float = 0.85
    gamma: float = 2.0
    width: float = 3.0  # m+ + m-, the plateau between both margins

    @classmethod
    def of(cls, s: Settings, theta: float | None) -> Scale:
        """Of a stage with this threshold."""
        width = s.positive_margin + s.negative_margin
        return cls(0.85 if theta is None else theta, s.scale, width)


def chances(scores: Floats, scale: Scale) -> Floats:
    """The chance that a class of such a score is right; at least one half exactly from theta on."""
    shifted = scores.astype(np.float64) - scale.theta
    odds = _log_sigmoid(scale.gamma * (scale.width / 2 + shifted))
    odds -= _log_sigmoid(scale.gamma * (scale.width / 2 - shifted))
    chance = np.exp(_log_sigmoid(odds)).astype(np.float32)
    half = np.float32(0.5)
    passed: Floats = np.where(
        shifted >= 0,
        np.maximum(chance, half),
        np.minimum(chance, np.nextafter(half, np.float32(0))),
    )
    return passed


def span_verdict(scores: Tensor, scale: Scale, rules: Rules) -> SpanVerdict:
    """The best legal class of each span (S, C), said from theta on."""
    if not rules.may_type[1:].all():
        scores = scores.masked_fill(flags(~rules.may_type[1:], scores), float("-inf"))
    best, types = scores.max(dim=1)
    found = best.cpu().numpy()
    chance = chances(found, scale)
    return SpanVerdict(1 - chance, chance, types.cpu().numpy() + 1, found >= scale.theta)


def pair_verdict(
    scores: Floats, is_legal: Bools, scale: Scale, *, is_multi_label: bool
) -> PairVerdict:
    """The best legal type of each pair (P, K), said from theta on; or every one that passes."""
    allowed = np.where(is_legal, scores, -np.inf).astype(np.float32)
    chance = chances(allowed, scale)
    passes = allowed >= scale.theta
    if is_multi_label:
        return PairVerdict(chance, passes)
    best = allowed.argmax(axis=1)[:, None]
    is_best = np.arange(scores.shape[1]) == best
    left = 1 - np.take_along_axis(chance, best, axis=1)  # types of a pair shut each other out
    return PairVerdict(np.where(is_best, chance, np.minimum(chance, left)), passes & is_best)


def _log_sigmoid(values: np.ndarray[Any, np.dtype[np.float64]]) -> Any:
    return -np.logaddexp(0.0, -values)
