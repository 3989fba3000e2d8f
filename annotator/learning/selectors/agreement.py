"""How far labels agree with a suggestion, and how sure a difference of two arms is. Pure."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

REPLICATES = 400
TAIL = 0.025  # of a 95 % interval

Place = tuple[int, int, str]
Triple = tuple[Place, Place, str]
Statistic = Callable[[Sequence[float]], float]


@dataclass(frozen=True, slots=True)
class Agreement:
    """F1 of one person's labels of one sentence against its suggestion, and the seconds it took."""

    entity_f1: float
    triple_f1: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Difference:
    """One arm's value less the other's, with a 95 % bootstrap interval."""

    value: float
    low: float
    high: float


def agreement(
    labels: Mapping[str, Any],
    suggestion: Mapping[str, Any],
    seconds: float,
    symmetric: Collection[str],
) -> Agreement:
    """Compare a stored graph with a suggestion's; a symmetric relation is the same both ways."""
    ours, theirs = places(labels), places(suggestion)
    return Agreement(
        entity_f1=f1(frozenset(ours.values()), frozenset(theirs.values())),
        triple_f1=f1(triples(labels, ours, symmetric), triples(suggestion, theirs, symmetric)),
        seconds=seconds,
    )


def f1(ours: frozenset[Any], theirs: frozenset[Any]) -> float:
    """F1 of two sets of statements; two that say nothing agree."""
    if not ours and not theirs:
        return 1.0
    return 2 * len(ours & theirs) / (len(ours) + len(theirs))


def difference(
    first: Sequence[float],
    second: Sequence[float],
    seed: int,
    statistic: Statistic = fmean,
) -> Difference | None:
    """Return the statistic of `first` less that of `second`; None where an arm is empty."""
    if not first or not second:
        return None
    rng = random.Random(seed)  # noqa: S311  (a sample, not a secret)
    drawn = sorted(
        statistic(rng.choices(first, k=len(first))) - statistic(rng.choices(second, k=len(second)))
        for _ in range(REPLICATES)
    )
    cut = round(TAIL * REPLICATES)
    return Difference(statistic(first) - statistic(second), drawn[cut], drawn[-1 - cut])


def wilson(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927); all of [0, 1] where nothing was counted."""
    if not total:
        return 0.0, 1.0
    share = hits / total
    middle = share + z**2 / (2 * total)
    reach = z * math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    whole = 1 + z**2 / total
    return max(0.0, (middle - reach) / whole), min(1.0, (middle + reach) / whole)


def places(graph: Mapping[str, Any]) -> dict[str, Place]:
    """Return the entities of a graph by their ids."""
    return {one["id"]: (one["start"], one["end"], one["type"]) for one in graph["entities"]}


def triples(
    graph: Mapping[str, Any], ends: Mapping[str, Place], symmetric: Collection[str]
) -> frozenset[Triple]:
    """Return the triples of a graph; a symmetric one stands in one order."""
    found = set()
    for relation in graph["relations"]:
        head, tail = ends[relation["head"]], ends[relation["tail"]]
        if relation["type"] in symmetric and tail < head:
            head, tail = tail, head
        found.add((head, tail, relation["type"]))
    return frozenset(found)
