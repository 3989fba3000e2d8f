"""Cutting a corpus into batches of like length under a token budget."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

SORT_NOISE = 0.1  # when training, lengths are blurred by this share so that neighbours change


def length_batches(
    lengths: Sequence[int],
    budget: int,
    rng: np.random.Generator | None = None,
    *,
    most: int | None = None,
) -> list[list[int]]:
    """Group positions so that `count * longest` stays within the budget, one sentence at least.

    No batch holds more than `most` sentences, if that is given.

    With an rng the order within near lengths and the order of the batches fall to chance;
    without one, batches go from short to long.
    """
    keys = np.asarray(lengths, dtype=np.float64)
    if rng is not None:
        keys = keys * (1 + SORT_NOISE * rng.random(len(keys)))
    batches: list[list[int]] = []
    batch: list[int] = []
    longest = 0
    for position in np.argsort(keys, kind="stable").tolist():
        longest = max(longest, lengths[position])
        if batch and (longest * (len(batch) + 1) > budget or len(batch) == most):
            batches.append(batch)
            batch, longest = [], lengths[position]
        batch.append(position)
    if batch:
        batches.append(batch)
    if rng is None:
        return batches
    return [batches[index] for index in rng.permutation(len(batches))]
