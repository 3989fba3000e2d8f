"""Learning curves of replays, compared: area under them, labels and seconds to a goal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
GOAL = 0.95  # of what all labels give


@dataclass(frozen=True, slots=True)
class Curve:
    """Replays of one strategy on one set: arrays of shape (seeds, budgets).

    `labels` has shape (budgets,), `seconds` are a simulated annotator's, `f1` the triples'.
    """

    labels: Floats
    seconds: Floats
    f1: Floats

    @classmethod
    def of(cls, replays: Sequence[Sequence[Mapping[str, float]]]) -> Curve:
        """Make a curve of the points of each seed; all seeds have the same budgets."""
        take = {
            name: np.array([[point[name] for point in points] for points in replays])
            for name in ("labels", "seconds", "triple_f1")
        }
        return cls(take["labels"][0].astype(float), take["seconds"], take["triple_f1"])

    @property
    def mean(self) -> Floats:
        """The mean F1 over the seeds, shape (budgets,)."""
        return np.asarray(self.f1.mean(axis=0))

    @property
    def standard_error(self) -> Floats:
        """The standard error of `mean`; zero of a single seed."""
        count = len(self.f1)
        if count == 1:
            return np.zeros(self.f1.shape[1])
        return np.asarray(self.f1.std(axis=0, ddof=1) / np.sqrt(count))

    def area(self) -> float:
        """Mean height of the curve over labels (trapezoids over the range measured)."""
        if len(self.labels) == 1:
            return float(self.mean[0])
        return float(np.trapezoid(self.mean, self.labels) / (self.labels[-1] - self.labels[0]))

    def area_over_seconds(self, low: float, high: float) -> float:
        """Mean height over annotation seconds between `low` and `high`, interpolated."""
        at = np.linspace(low, high, 200)
        curves = [np.interp(at, row, f1) for row, f1 in zip(self.seconds, self.f1, strict=True)]
        return float(np.mean(curves))

    def labels_to(self, goal: float) -> float | None:
        """Labels at which the mean curve first reaches `goal`, interpolated; None if never."""
        return crossing(self.labels, self.mean, goal)

    def seconds_to(self, goal: float) -> float | None:
        """Seconds at which the mean curve first reaches `goal`, interpolated; None if never."""
        return crossing(self.seconds.mean(axis=0), self.mean, goal)

    def worst_against(self, other: Curve) -> float:
        """The largest lag behind another curve at a budget, in standard errors of the difference.

        Negative where this one is ahead everywhere; with a single seed the lag itself.
        """
        lag = other.mean - self.mean
        error = np.hypot(self.standard_error, other.standard_error)
        return float(np.max(np.where(error > 0, lag / np.where(error > 0, error, 1.0), lag)))


def crossing(at: Floats, height: Floats, goal: float) -> float | None:
    """Where a line through the points first reaches `goal`; None if it never does."""
    reached = np.flatnonzero(height >= goal)
    if not len(reached):
        return None
    first = int(reached[0])
    if first == 0:
        return float(at[0])
    low, high = height[first - 1], height[first]
    share = (goal - low) / (high - low)
    return float(at[first - 1] + share * (at[first] - at[first - 1]))
