"""How sure an F1 is: percentile bootstrap over sentences, alone and for two predictions at once.

Sentences with equal counts are interchangeable, so that a resample of n sentences is one
multinomial draw over the distinct rows of counts: the same distribution as drawing sentence
by sentence (Efron 1979; for F1 and pairs of systems Koehn 2004), without a loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from extraction.evaluation.match import KeyPair

Table = NDArray[np.int64]
Floats = NDArray[np.float64]

COLUMNS = 3  # right, wrong, missed
CELLS_AT_ONCE = 2_000_000  # numbers drawn in one piece, 16 MB


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to resample: how often, from which seed, and the share that the interval holds."""

    resamples: int = 1000
    seed: int = 0
    level: float = 0.95


DEFAULT_SAMPLING = Sampling()


@dataclass(frozen=True, slots=True)
class Difference:
    """The F1 of a first prediction less that of a second one on the same sentences."""

    f1: float
    low: float
    high: float
    share_above: float  # of the resamples in which the first is better; ties are not


def sentence_counts(pairs: Sequence[KeyPair]) -> Table:
    """Count right, wrong and missed statements of each sentence, (N, 3)."""
    rows = [(len(gold & said), len(said - gold), len(gold - said)) for gold, said in pairs]
    return as_table(rows)


def as_table(rows: Sequence[Sequence[int]]) -> Table:
    """Counts that were kept, a row a sentence: right, wrong, missed; (N, 3)."""
    return np.array(rows, dtype=np.int64).reshape(len(rows), COLUMNS)


def f1_interval(counts: Table, sampling: Sampling = DEFAULT_SAMPLING) -> tuple[float, float]:
    """The percentile interval of micro F1 over counts (N, 3); (0, 0) where nothing was said."""
    return _percentiles(_f1(_resampled(counts, sampling)), sampling.level)


def paired_difference(
    first: Table, second: Table, sampling: Sampling = DEFAULT_SAMPLING
) -> Difference:
    """Compare two predictions of the same sentences, counts (N, 3) each, resampled together."""
    if first.shape != second.shape:
        raise ValueError(f"{len(first)} sentences cannot be paired with {len(second)}")
    both = np.concatenate([first, second], axis=1)  # (N, 6)
    drawn = _resampled(both, sampling)  # (R, 6)
    gaps = _f1(drawn[:, :COLUMNS]) - _f1(drawn[:, COLUMNS:])  # (R,)
    low, high = _percentiles(gaps, sampling.level)
    gap = _f1(first.sum(axis=0)) - _f1(second.sum(axis=0))
    return Difference(float(gap), low, high, float(np.mean(gaps > 0)))


def _resampled(table: Table, sampling: Sampling) -> Table:
    """The sums over resampled rows, (R, columns)."""
    if not len(table):
        return np.zeros((sampling.resamples, table.shape[1]), dtype=np.int64)
    rng = np.random.default_rng(sampling.seed)
    rows, times = np.unique(table, axis=0, return_counts=True)  # (K, columns), (K,)
    step = max(1, CELLS_AT_ONCE // len(rows))
    sizes = [min(step, sampling.resamples - done) for done in range(0, sampling.resamples, step)]
    chances = times / len(table)
    return np.concatenate([rng.multinomial(len(table), chances, size) @ rows for size in sizes])


def _f1(sums: Table) -> Floats:
    """F1 of sums (..., 3); 0/0 is 0."""
    right = 2.0 * sums[..., 0]
    whole = right + sums[..., 1] + sums[..., 2]
    shares: Floats = np.divide(right, whole, out=np.zeros_like(whole), where=whole > 0)
    return shares


def _percentiles(values: Floats, level: float) -> tuple[float, float]:
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
