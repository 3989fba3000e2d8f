"""Strategies: which sentences of a pool are shown next, and why each of them.

A strategy is a score (`scores.SCORES`) and a way to pick with it. Picking is a pure function of
the scores, the texts and the near-duplicate groups, the same in the queue and in a simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

import numpy as np
import numpy.typing as npt

from extraction.active.clusters import clusters
from extraction.active.vectors import vectors

Why = Literal["uncertain", "diverse", "typical", "random", "in_order"]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DOUBTFUL_SHARE = 1 / 3
LIKELY_PART = 0.5  # the middle half of the lengths, for a start without a model
LARGEST_POOL = 30_000  # sentences that are compared with each other


@dataclass(frozen=True, slots=True)
class Pool:
    """Sentences to choose from; all sequences have one entry a sentence.

    `scores` is empty before the first model. `groups` names near duplicates, `taken` the groups
    that somebody has labelled already.
    """

    texts: Sequence[str]
    groups: Sequence[int]
    scores: Sequence[float] = ()
    taken: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Choice:
    """A sentence of the pool by its place, and why it was chosen."""

    place: int
    why: Why


Picker = Callable[[Pool, Ints, int, np.random.Generator], list[Choice]]


@dataclass(frozen=True, slots=True)
class Strategy:
    """A score and a way to pick with it, and how to begin before there is a first model.

    `uses_earlier`: the score compares with what an older model said.
    """

    score: str
    pick: Picker
    start: Picker
    uses_earlier: bool = False


def choose(strategy: Strategy, pool: Pool, count: int, rng: np.random.Generator) -> list[Choice]:
    """Choose up to `count` sentences, the first one first.

    Near-duplicate groups count once: of each one the best sentence may be chosen, of those in
    `taken` none as long as there are others. Before the first model `scores` is empty and the
    strategy's `start` picks. Where all fit into the batch variety does not matter: they come by
    score, or in order.
    """
    order = _one_of_each_group(pool)
    pick = strategy.pick if len(pool.scores) else strategy.start
    if len(order) <= count and pick in _ALL_TAKEN:
        pick = _ALL_TAKEN[pick]
    return pick(pool, order, count, rng)[:count]


def repeats(pool: Pool) -> list[int]:
    """The places that `choose` passes by: near duplicates of better ones, or of labelled ones."""
    rest = np.ones(len(pool.texts), dtype=bool)
    rest[_one_of_each_group(pool)] = False
    return [int(place) for place in np.flatnonzero(rest)]


def _one_of_each_group(pool: Pool) -> Ints:
    """Return the places of the pool without near duplicates, the best of each group."""
    places = np.arange(len(pool.texts), dtype=np.int64)
    if len(pool.scores):
        places = places[np.argsort(-np.asarray(pool.scores), kind="stable")]
    groups = np.asarray(pool.groups, dtype=np.int64)[places]
    _, first = np.unique(groups, return_index=True)
    single = places[np.sort(first)]
    if not pool.taken:
        return single
    is_new = ~np.isin(np.asarray(pool.groups)[single], list(pool.taken))
    return single[is_new] if is_new.any() else single


def _best(_: Pool, order: Ints, count: int, __: np.random.Generator) -> list[Choice]:
    """The highest scores."""
    return [Choice(int(place), "uncertain") for place in order[:count]]


def _hybrid(pool: Pool, order: Ints, count: int, rng: np.random.Generator) -> list[Choice]:
    """The best of each cluster among the most doubtful third, in as many clusters as are wanted."""
    wanted = max(count, int(np.ceil(len(order) * DOUBTFUL_SHARE)))
    doubtful = order[: min(wanted, LARGEST_POOL)]
    group, _ = clusters(vectors([pool.texts[place] for place in doubtful]), count, rng)
    _, first = np.unique(group, return_index=True)  # `doubtful` is in order: the first is the best
    chosen = _filled(np.sort(first), len(doubtful), count)
    return [Choice(int(doubtful[at]), "uncertain" if at < count else "diverse") for at in chosen]


def _filled(leaders: Iterable[int], available: int, count: int) -> list[int]:
    """The leaders of clusters, and the first others where clusters stayed empty."""
    chosen = [int(at) for at in leaders]
    known = set(chosen)
    others = (at for at in range(available) if at not in known)
    return [*chosen, *islice(others, max(0, count - len(chosen)))]


def _dense(pool: Pool, order: Ints, count: int, _: np.random.Generator) -> list[Choice]:
    """Score times the mean likeness to the pool: doubtful sentences that stand for many."""
    near = order[:LARGEST_POOL]
    rows = vectors([pool.texts[place] for place in near])
    likeness = np.maximum(0.0, rows @ rows.mean(axis=0))
    scores = np.asarray(pool.scores, dtype=np.float64)[near] * likeness
    best = near[np.argsort(-scores, kind="stable")][:count]
    return [Choice(int(place), "uncertain") for place in best]


def _typical(pool: Pool, order: Ints, count: int, rng: np.random.Generator) -> list[Choice]:
    """Without a model: of each cluster the sentence nearest to its centre, of moderate length."""
    lengths = np.array([len(pool.texts[place]) for place in order])
    low, high = np.quantile(lengths, [(1 - LIKELY_PART) / 2, (1 + LIKELY_PART) / 2])
    moderate = order[(lengths >= low) & (lengths <= high)] if len(order) > 2 * count else order
    if len(moderate) < count:
        moderate = order
    if len(moderate) > LARGEST_POOL:
        moderate = np.sort(rng.choice(moderate, LARGEST_POOL, replace=False))
    group, nearness = clusters(vectors([pool.texts[place] for place in moderate]), count, rng)
    by_size = np.argsort(-np.bincount(group, minlength=count), kind="stable")
    nearest = [
        int(members[np.argmax(nearness[members])])
        for members in (np.flatnonzero(group == one) for one in by_size)
        if len(members)
    ]
    return [Choice(int(moderate[at]), "typical") for at in _filled(nearest, len(moderate), count)]


def _at_random(_: Pool, order: Ints, count: int, rng: np.random.Generator) -> list[Choice]:
    """Any sentences."""
    drawn = rng.permutation(order)[:count]
    return [Choice(int(place), "random") for place in drawn]


def _in_order(_: Pool, order: Ints, count: int, __: np.random.Generator) -> list[Choice]:
    """The order of the corpus."""
    return [Choice(int(place), "in_order") for place in np.sort(order)[:count]]


_ALL_TAKEN: Mapping[Picker, Picker] = {_hybrid: _best, _typical: _in_order}

STRATEGIES: Mapping[str, Strategy] = {
    "hybrid.v1": Strategy("expected_errors_per_second.v1", _hybrid, _typical),
    "rare_hybrid.v1": Strategy("rare_errors_per_second.v1", _hybrid, _typical),
    "expected_errors_per_second.v1": Strategy("expected_errors_per_second.v1", _best, _at_random),
    "expected_errors.v1": Strategy("expected_errors.v1", _best, _at_random),
    "expected_dice.v1": Strategy("expected_dice.v1", _best, _at_random),
    "least_confidence.v1": Strategy("least_confidence.v1", _best, _at_random),
    "margin.v1": Strategy("margin.v1", _best, _at_random),
    "entropy.v1": Strategy("entropy.v1", _best, _at_random),
    "density.v1": Strategy("expected_errors_per_second.v1", _dense, _typical),
    "committee.v1": Strategy("disagreement.v1", _best, _at_random, uses_earlier=True),
    "random.v1": Strategy("expected_errors_per_second.v1", _at_random, _at_random),
    "in_order.v1": Strategy("expected_errors_per_second.v1", _in_order, _in_order),
}

DEFAULT_STRATEGY = "hybrid.v1"
