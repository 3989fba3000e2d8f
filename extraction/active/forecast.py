"""Forecast of a learning curve: what the next labels will probably bring. Pure, needs numpy.

The curve is a power law, F1(n) = c - a n^-b with 0 <= c <= 1, a >= 0 and 0 < b <= 2 (Figueroa et
al. 2012, "Predicting sample size required for classification performance"). Instead of one best
curve, a grid holds many, each weighed by how well it goes through the points (a posterior), so that
the interval says both what the points scatter and what they leave open, with three points as
with thirty. A grid point is (b, u, m, t): m is the level at the newest point, c = m + (1 - m) u
where the curve ends, t the scatter of a measured F1 about the curve. Residuals are Student's with
four degrees of freedom, so that a single odd training does not bend the curve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST = 3  # points at different numbers of labels
WIDE = 5  # with fewer the interval is mostly what is not known
LEVEL = 0.8
AHEAD = 100
DRAWS = 4000
SEED = 11
FREEDOM = 4.0
USUAL_RATE, RATE_SPREAD = 0.6, 0.8  # of b, of the natural logarithm of b
USUAL_SCATTER, SCATTER_SPREAD = 0.015, 1.0  # of t, of its natural logarithm
DRIFT = 0.01  # what a power law is wrong by at labels e times fewer than the newest
REACH = 0.2  # how far the level may lie from the newest points


@dataclass(frozen=True, slots=True)
class Point:
    """A measured version: labels it was trained on, its F1, and a standard error of its own.

    `error` is what this measurement has beyond the others, 0 where all are on the same sentences:
    what they share moves the whole curve, not its course.
    """

    labels: float
    f1: float
    error: float = 0.0


@dataclass(frozen=True, slots=True)
class Range:
    """A median with the interval that holds `LEVEL` of the chance."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class LearningCurve:
    """Many curves with weights: draws of level, end and rate, one row each."""

    newest: float  # labels of the newest point
    points: int
    level: Floats  # (D,) F1 at the newest point
    end: Floats  # (D,) c, where the curve goes
    rate: Floats  # (D,) b
    scatter: Floats  # (D,) of a measured F1

    @property
    def is_wide(self) -> bool:
        """Say whether there are so few points that the interval is mostly ignorance."""
        return self.points < WIDE

    def at(self, labels: float) -> Floats:
        """The F1 of each curve at so many labels: c - (c - m) (n / newest)^-b, (D,)."""
        return self.end - (self.end - self.level) * (labels / self.newest) ** -self.rate

    def height(self, labels: float) -> Range:
        """The curve itself at so many labels, without the scatter of a measurement."""
        return _range(self.at(labels))

    def measured(self, labels: float) -> Range:
        """What a version of so many labels would be measured at, scatter included."""
        return _range(np.clip(self.at(labels) + self._luck, 0.0, 1.0))

    def gain(self, ahead: float = AHEAD) -> Range:
        """How much the curve rises over the next labels."""
        return _range(self.at(self.newest + ahead) - self.level)

    @cached_property
    def _luck(self) -> Floats:
        drawn = np.random.default_rng(SEED + 1).standard_t(FREEDOM, len(self.scatter))
        return np.asarray(drawn * self.scatter)


def learning_curve(points: Sequence[Point]) -> LearningCurve | None:
    """Fit points in any order; None where fewer than `FEWEST` numbers of labels were measured."""
    known = sorted((one for one in points if one.labels > 0), key=lambda one: one.labels)
    if len({one.labels for one in known}) < FEWEST:
        return None
    labels = np.array([one.labels for one in known])  # (P,)
    f1 = np.array([one.f1 for one in known])
    errors = np.array([one.error for one in known])
    rate, share, level, scatter = np.meshgrid(
        np.geomspace(0.1, 2.0, 16),
        np.linspace(0.0, 1.0, 25) ** 2,
        _levels(f1),
        np.geomspace(0.004, 0.08, 7),
        indexing="ij",
    )
    rate, share, level, scatter = (axis.ravel() for axis in (rate, share, level, scatter))  # (G,)
    end = level + (1.0 - level) * share
    weights = _prior(rate, share, scatter)
    for n, y, error in zip(labels / labels[-1], f1, errors, strict=True):
        spread = np.sqrt(scatter**2 + error**2 + (DRIFT * np.log(n)) ** 2)
        off = (y - (end - (end - level) * n**-rate)) / spread
        weights -= np.log(spread) + (FREEDOM + 1) / 2 * np.log1p(off**2 / FREEDOM)
    chances = np.exp(weights - weights.max())
    drawn = _draw(chances)
    return LearningCurve(
        float(labels[-1]), len(known), level[drawn], end[drawn], rate[drawn], scatter[drawn]
    )


def _levels(f1: Floats) -> Floats:
    """Levels about the newest points, (L,)."""
    about = float(np.median(f1[-FEWEST:]))
    return np.linspace(max(0.0, about - REACH), min(1.0, about + REACH), 61)


def _prior(rate: Floats, share: Floats, scatter: Floats) -> Floats:
    """Log of the prior: usual rates and scatters are likelier; c is uniform above the level."""
    off_rate = np.log(rate / USUAL_RATE) / RATE_SPREAD
    off_scatter = np.log(scatter / USUAL_SCATTER) / SCATTER_SPREAD
    density = np.sqrt(share) + 0.01  # the grid is denser where the share is small
    return np.asarray(np.log(density) - off_rate**2 / 2 - off_scatter**2 / 2)


def _draw(chances: Floats) -> NDArray[np.int64]:
    """Draw rows of the grid by their weight, evenly spread (systematic resampling), (D,)."""
    whole = np.cumsum(chances)
    places = (np.arange(DRAWS) + np.random.default_rng(SEED).random()) / DRAWS * whole[-1]
    rows = np.searchsorted(whole, places).clip(0, len(chances) - 1)
    return np.asarray(np.random.default_rng(SEED).permutation(rows))


def _range(values: Floats) -> Range:
    low, middle, high = np.quantile(values, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
    return Range(float(middle), float(low), float(high))
