"""Groups of like sentences: k-means on unit vectors."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

ROUNDS = 12
MOST = 8_000  # rows that the centres are learnt from
TINY = 1e-9


def clusters(rows: Floats, count: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Return the group of each row, shape (n,), and its cosine to the group's centre, shape (n,).

    Spherical k-means (Dhillon and Modha 2001) from k-means++ seeds; of many rows the centres are
    learnt from a sample. There are never more groups than rows; some may stay empty.
    """
    if len(rows) == 0 or count <= 0:
        return np.zeros(len(rows), np.int64), np.zeros(len(rows), np.float32)
    sample = rows if len(rows) <= MOST else rows[rng.choice(len(rows), MOST, replace=False)]
    centres = _seeds(sample, min(count, len(sample)), rng)
    for _ in range(ROUNDS):
        nearest = np.argmax(sample @ centres.T, axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, sample)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        moved = np.where(lengths > TINY, sums / np.maximum(lengths, TINY), centres)
        if np.allclose(moved, centres, atol=1e-5):
            break
        centres = moved
    likeness = rows @ centres.T
    group = np.argmax(likeness, axis=1)
    return group, likeness[np.arange(len(rows)), group]


def _seeds(rows: Floats, count: int, rng: np.random.Generator) -> Floats:
    """k-means++: each further seed is drawn with the square of its distance to those before."""
    chosen = [int(rng.integers(len(rows)))]
    distance = np.maximum(0.0, 1.0 - rows @ rows[chosen[0]])
    while len(chosen) < count:
        weight = distance.astype(np.float64) ** 2
        whole = weight.sum()
        free = np.setdiff1d(np.arange(len(rows)), chosen)
        at = int(rng.choice(len(rows), p=weight / whole) if whole > 0 else rng.choice(free))
        chosen.append(at)
        distance = np.minimum(distance, np.maximum(0.0, 1.0 - rows @ rows[at]))
    return rows[chosen].copy()
