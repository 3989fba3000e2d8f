"""Gold graphs over units: what every paper's targets are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from extraction.data.tokens import Tokens
from extraction.data.units import Offsets, covering_units
from extraction.models.common.encoder import Features
from extraction.models.common.labels import Labels
from extraction.types import Example, Graph

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Gold:
    """A sentence's graph over units; entities that cover the same units are one."""

    spans: Ints  # (E, 2) half-open
    types: Ints  # (E,)
    pairs: Ints  # (R, 2) ordered pairs of entities with at least one relation
    targets: Floats  # (R, K) multi-hot
    first: Ints  # (R,) of a pair's relation types the one that stands first in the data
    denied: Ints  # (D, 2) pairs said to hold no relation
    closed: Ints  # (S, 2) pairs that must not be drawn as negatives


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence ready for batches; with a frozen encoder its features are kept here."""

    tokens: Tokens
    gold: Gold
    features: Features | None = None

    @property
    def length(self) -> int:
        """What it costs in a batch."""
        return self.tokens.length


def gold_of(example: Example, units: Sequence[Offsets], labels: Labels) -> Gold:
    """Lay a graph over the units; an entity that splits a unit takes all of it."""
    numbers = labels.entity_numbers()
    place: dict[Offsets, int] = {}
    types: list[int] = []
    index_of: dict[int, int] = {}
    for index, entity in enumerate(example.graph.entities):
        span = covering_units(units, entity.start, entity.end)
        if span is None or entity.type not in numbers:
            continue
        if span not in place:
            place[span] = len(types)
            types.append(numbers[entity.type])
        index_of[index] = place[span]
    spans = np.asarray(list(place), dtype=np.int64).reshape(-1, 2)
    pairs, targets, first = _relation_targets(example.graph, index_of, spans, labels)
    return Gold(
        spans=spans,
        types=np.asarray(types, dtype=np.int64),
        pairs=pairs,
        targets=targets,
        first=first,
        denied=_denied_pairs(example.graph, index_of, pairs),
        closed=_closed_pairs(pairs, targets, labels),
    )


def _relation_targets(
    graph: Graph, index_of: Mapping[int, int], spans: Ints, labels: Labels
) -> tuple[Ints, Floats, Ints]:
    rows: dict[tuple[int, int], list[int]] = {}
    for relation in graph.relations:
        head, tail = index_of.get(relation.head), index_of.get(relation.tail)
        if head is None or tail is None or head == tail or relation.type not in labels.relations:
            continue
        if relation.type in labels.symmetric and tuple(spans[tail]) < tuple(spans[head]):
            head, tail = tail, head
        rows.setdefault((head, tail), []).append(labels.relations.index(relation.type))
    targets = np.zeros((len(rows), len(labels.relations)), dtype=np.float32)
    for row, classes in enumerate(rows.values()):
        targets[row, classes] = 1.0
    pairs = np.asarray(list(rows), dtype=np.int64).reshape(-1, 2)
    return pairs, targets, np.asarray([one[0] for one in rows.values()], dtype=np.int64)


def _denied_pairs(graph: Graph, index_of: Mapping[int, int], pairs: Ints) -> Ints:
    said = {tuple(pair) for pair in pairs.tolist()}
    denied = {
        (index_of[head], index_of[tail])
        for head, tail in graph.negatives
        if head in index_of and tail in index_of and index_of[head] != index_of[tail]
    }
    return np.asarray(sorted(denied - said), dtype=np.int64).reshape(-1, 2)


def _closed_pairs(pairs: Ints, targets: Floats, labels: Labels) -> Ints:
    """Gold pairs, and the other way round for symmetric relations: neither is a negative."""
    is_symmetric = np.asarray([name in labels.symmetric for name in labels.relations], dtype=bool)
    both_ways = (targets[:, is_symmetric] > 0).any(axis=1)
    return np.concatenate((pairs, pairs[both_ways][:, ::-1]))
