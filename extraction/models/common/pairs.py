"""Pairs of entities over a whole batch, without a Python loop over entities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Unordered pairs: `first` < `second` are positions in the batch's flat list of entities."""

    first: Ints
    second: Ints

    def __len__(self) -> int:
        return len(self.first)


def all_pairs(sentence_of: Ints, nearest: int | None = None) -> Pairs:
    """Every unordered pair of entities of one sentence; entities are grouped by sentence.

    With `nearest`, only pairs that stand at most so many places apart.
    """
    count = len(sentence_of)
    ends = np.searchsorted(sentence_of, sentence_of, side="right")
    partners = ends - np.arange(count) - 1  # entities of the sentence that come later
    if nearest is not None:
        partners = np.minimum(partners, nearest)
    first = np.repeat(np.arange(count), partners)
    begin_of_run = np.cumsum(partners) - partners
    second = first + 1 + np.arange(len(first)) - np.repeat(begin_of_run, partners)
    return Pairs(first.astype(np.int64), second.astype(np.int64))


def between(first: tuple[Ints, Ints], second: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """The range strictly between two spans each; empty when they touch or overlap."""
    starts = np.minimum(first[1], second[1])
    stops = np.maximum(first[0], second[0])
    return starts, np.maximum(starts, stops)
