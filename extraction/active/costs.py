"""What a sentence costs a person, in seconds: defaults, and coefficients fitted on own timings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np

STRENGTH = 20.0  # timings that the defaults are worth
LONGEST = 600.0  # seconds: whoever took longer was at the telephone
FEWEST_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of a person's time; the defaults stand until a project has timings of its own."""

    opening: float = 3.0  # a sentence
    reading: float = 0.12  # a character
    checking: float = 1.5  # a suggested entity or relation
    fixing: float = 6.0  # an error: something to add, to change or to take away

    def seconds(self, *, characters: int, items: int, errors: float) -> float:
        """Seconds for a sentence: opening + reading·characters + checking·items + fixing·errors."""
        cost = (
            self.opening + self.reading * characters + self.checking * items + self.fixing * errors
        )
        return max(FEWEST_SECONDS, cost)


DEFAULT_COSTS = Costs()


@dataclass(frozen=True, slots=True)
class Timing:
    """One submitted sentence: how long it took, and what there was to do."""

    seconds: float
    characters: int
    items: int
    errors: float


def fit_costs(timings: Sequence[Timing], prior: Costs = DEFAULT_COSTS) -> Costs:
    """Ridge regression of seconds on what there was to do, drawn towards `prior`.

    Minimises ‖y - Xw‖² + λ‖S(w - w₀)‖² with S the columns' root mean square, so that `STRENGTH`
    sentences like the prior's pull as much as that many of one's own. Timings are cut at the
    95th percentile and at ten minutes; a coefficient below zero becomes zero. Without timings
    the prior comes back.
    """
    if not timings:
        return prior
    rows = np.array([(1.0, t.characters, t.items, t.errors) for t in timings], dtype=np.float64)
    taken = np.array([t.seconds for t in timings], dtype=np.float64)
    taken = np.clip(taken, 0.0, min(LONGEST, float(np.quantile(taken, 0.95))))
    start = np.array(astuple(prior))
    scale = np.maximum((rows**2).mean(axis=0), 1e-3)
    left = rows.T @ rows + np.diag(STRENGTH * scale)
    right = rows.T @ taken + STRENGTH * scale * start
    found = np.maximum(np.linalg.solve(left, right), 0.0)
    return Costs(*(float(value) for value in found))
