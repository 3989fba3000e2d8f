"""How far a model's chances can be believed: log loss, reliability, calibration error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BINS = 10
EDGE = 1e-6  # chances of 0 and 1 have no logit
DRAWS = 200  # of truths, to see what luck alone does

Binning = Literal["width", "mass"]


@dataclass(frozen=True, slots=True)
class Decisions:
    """Chances (N,) and whether each decision was right (N,), 0 or 1."""

    chances: Floats
    truths: Floats

    def __post_init__(self) -> None:
        """Refuse arrays that do not belong together."""
        if self.chances.shape != self.truths.shape or self.chances.ndim != 1:
            raise ValueError(
                f"{self.chances.shape} chances cannot be judged by {self.truths.shape} truths"
            )

    def __len__(self) -> int:
        """Return the number of decisions."""
        return len(self.chances)


@dataclass(frozen=True, slots=True)
class Bin:
    """Decisions with chances in [low, high]: how many, what was said of them, what came true."""

    low: float
    high: float
    count: int
    mean_chance: float
    share_right: float


def decisions(chances: Sequence[float], truths: Sequence[bool]) -> Decisions:
    """Put two sequences of equal length together."""
    return Decisions(np.asarray(chances, np.float64), np.asarray(truths, np.float64))


def logits(chances: Floats) -> Floats:
    """Return log(p / (1 - p)) of chances of any shape; those of 0 and 1 are kept finite."""
    inside = np.clip(chances, EDGE, 1 - EDGE)
    found: Floats = np.log(inside) - np.log1p(-inside)
    return found


def log_loss(seen: Decisions) -> float:
    """The mean negative log likelihood of the truths under the chances; 0 for none."""
    if not len(seen):
        return 0.0
    inside = np.clip(seen.chances, EDGE, 1 - EDGE)
    likelihoods = np.where(seen.truths > 0, inside, 1 - inside)
    return float(-np.log(likelihoods).mean())


def reliability(seen: Decisions, *, binning: Binning = "width", bins: int = BINS) -> list[Bin]:
    """Sort the decisions into bins of equal width of chance, or of equal mass; none is empty."""
    order = np.argsort(seen.chances, kind="stable")
    chances, truths = seen.chances[order], seen.truths[order]
    if binning == "width":
        cuts = np.searchsorted(chances, np.linspace(0, 1, bins + 1)[1:-1], side="left")
        edges = [(number / bins, (number + 1) / bins) for number in range(bins)]
    else:
        cuts = np.linspace(0, len(chances), bins + 1).round().astype(int)[1:-1]
        edges = []
    found = []
    parts = zip(np.split(chances, cuts), np.split(truths, cuts), strict=True)
    for number, (part, right) in enumerate(parts):
        if not len(part):
            continue
        low, high = edges[number] if edges else (float(part[0]), float(part[-1]))
        found.append(Bin(low, high, len(part), float(part.mean()), float(right.mean())))
    return found


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """The mean gap between chance and truth, weighed by the decisions of each bin (eq. 3)."""
    whole = sum(one.count for one in bins)
    gaps = sum(one.count * abs(one.mean_chance - one.share_right) for one in bins)
    return gaps / whole if whole else 0.0


def error_by_luck(chances: Floats, *, binning: Binning = "width", draws: int = DRAWS) -> float:
    """The calibration error that chances (N,) would show if every one of them were true.

    A bin of few decisions is off by luck, so that the error of a small set is never 0 (Bröcker and
    Smith 2007 call the band so found a consistency bar). The mean over truths drawn from the
    chances, always the same ones; 0 for none.
    """
    if not len(chances):
        return 0.0
    chance = np.random.default_rng(0)
    drawn = (
        Decisions(chances, (chance.random(len(chances)) < chances).astype(np.float64))
        for _ in range(draws)
    )
    return float(
        np.mean([expected_calibration_error(reliability(one, binning=binning)) for one in drawn])
    )
