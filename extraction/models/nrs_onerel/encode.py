"""Negative relation sampling: which relation types a sentence is judged by (equation 6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from extraction.models.common.gold import Item

Bools = np.ndarray[Any, np.dtype[np.bool_]]
Floats = np.ndarray[Any, np.dtype[np.float32]]
Weights = np.ndarray[Any, np.dtype[np.float64]]
Scope = Literal["sentence", "batch", "slots"]


def positives(items: Sequence[Item]) -> Bools:
    """Which relation types occur in each sentence (B, K)."""
    return np.stack([item.gold.targets.any(axis=0) for item in items])


def frequencies(occurring: Bools) -> Weights:
    """In how many sentences each type occurs, one at least, so that none is never drawn."""
    counts: Weights = np.maximum(occurring.sum(axis=0), 1).astype(np.float64)
    return counts


def negative_sample(
    occurring: Bools, count: int, weights: Weights, rng: np.random.Generator
) -> Bools:
    """R~ = NegativeSample(R, NS): in each row all that occur, others up to `count`.

    Without replacement, the first one by its weight, the next by its weight among the rest, ...:
    exponential clocks that run at the weights' rates, of which the earliest win.
    """
    clocks = rng.exponential(size=occurring.shape) / weights
    clocks[occurring] = -1.0
    rank = clocks.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    wanted = np.maximum(count, occurring.sum(axis=1, keepdims=True))
    drawn: Bools = rank < wanted
    return drawn


def drawn_relations(
    occurring: Bools, count: int, scope: Scope, weights: Weights, rng: np.random.Generator
) -> Bools:
    """Which relation types each sentence of a batch is judged by (B, K)."""
    if scope == "sentence":
        return negative_sample(occurring, count, weights, rng)
    if scope == "batch":
        union = negative_sample(occurring.max(axis=0, keepdims=True), count, weights, rng)
        return np.repeat(union, len(occurring), axis=0)
    slots = negative_sample(occurring.reshape(1, -1), count, np.tile(weights, len(occurring)), rng)
    return slots.reshape(occurring.shape)


def scale_to_all(drawn: Bools, scope: Scope) -> Floats:
    """What makes the sum over the drawn types their mean times K, for each sentence (B,)."""
    kinds = drawn.shape[1]
    counts = drawn.sum(axis=1)
    if scope == "slots":
        counts = np.full(len(drawn), drawn.sum() / len(drawn))
    scale: Floats = (kinds / np.maximum(counts, 1e-9)).astype(np.float32)
    return scale
