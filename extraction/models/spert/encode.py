"""From examples to SpERT's numbers: gold in units, drawn negatives, one training batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from extraction.data.tokens import Tokens
from extraction.data.units import Offsets, covering_units
from extraction.models.common.encoder import Features
from extraction.models.common.pairs import all_pairs
from extraction.models.common.spans import draw_near_spans, draw_other_spans
from extraction.models.spert.network import Spans, borders_of
from extraction.models.spert.settings import Settings
from extraction.types import Example, Graph, Schema

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Labels:
    """The names behind the class numbers; entity class 0 is "none", relations count from 0."""

    entities: tuple[str, ...]
    relations: tuple[str, ...]
    symmetric: frozenset[str] = frozenset()

    @classmethod
    def of(cls, schema: Schema) -> Labels:
        """Number the types of a schema."""
        names = tuple(rule.name for rule in schema.relations)
        return cls(schema.entity_types, names, schema.symmetric)

    def entity_numbers(self) -> Mapping[str, int]:
        """Class number of each entity type."""
        return {name: number for number, name in enumerate(self.entities, start=1)}


@dataclass(frozen=True, slots=True)
class Gold:
    """A sentence's graph over units; entities that cover the same units are one."""

    spans: Ints  # (E, 2) half-open
    types: Ints  # (E,)
    pairs: Ints  # (R, 2) ordered pairs of entities with at least one relation
    targets: Floats  # (R, K) multi-hot
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


@dataclass(frozen=True, slots=True)
class Drawn:
    """The spans and pairs on which one batch is judged."""

    spans: Spans
    types: Ints  # (S,)
    heads: Ints  # (P,) positions in spans
    tails: Ints  # (P,)
    targets: Floats  # (P, K)


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
    pairs, targets = _relation_targets(example.graph, index_of, spans, labels)
    return Gold(
        spans=spans,
        types=np.asarray(types, dtype=np.int64),
        pairs=pairs,
        targets=targets,
        denied=_denied_pairs(example.graph, index_of, pairs),
        closed=_closed_pairs(pairs, targets, labels),
    )


def _relation_targets(
    graph: Graph, index_of: Mapping[int, int], spans: Ints, labels: Labels
) -> tuple[Ints, Floats]:
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
    return np.asarray(list(rows), dtype=np.int64).reshape(-1, 2), targets


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


def draw(items: Sequence[Item], settings: Settings, rng: np.random.Generator) -> Drawn:
    """Put together gold and drawn spans and pairs of a batch of sentences."""
    parts = [_draw_one(item, settings, rng) for item in items]
    unit_counts = [len(item.tokens.units) for item in items]
    span_counts = [len(spans) for spans, _, _, _ in parts]
    unit_shift = np.repeat(_begins(unit_counts), span_counts)
    spans = np.concatenate([spans for spans, _, _, _ in parts])
    pair_counts = [len(pairs) for _, _, pairs, _ in parts]
    pair_shift = np.repeat(_begins(span_counts), pair_counts)[:, None]
    pairs = np.concatenate([pairs for _, _, pairs, _ in parts]) + pair_shift
    return Drawn(
        spans=Spans(
            starts=spans[:, 0] + unit_shift,
            stops=spans[:, 1] + unit_shift,
            sentence=np.repeat(np.arange(len(items)), span_counts),
            borders=borders_of(unit_counts),
        ),
        types=np.concatenate([types for _, types, _, _ in parts]),
        heads=np.ascontiguousarray(pairs[:, 0]),
        tails=np.ascontiguousarray(pairs[:, 1]),
        targets=np.concatenate([targets for _, _, _, targets in parts]),
    )


def _draw_one(
    item: Item, settings: Settings, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints, Floats]:
    gold = item.gold
    units = len(item.tokens.units)
    others = _draw_spans(gold.spans, units, settings, rng)
    spans = np.concatenate((gold.spans, others))
    types = np.concatenate((gold.types, np.zeros(len(others), dtype=np.int64)))
    negatives = draw_negative_pairs(gold, settings.negative_relations, rng)
    pairs = np.concatenate((gold.pairs, negatives))
    silence = np.zeros((len(negatives), gold.targets.shape[1]), dtype=np.float32)
    return spans, types, pairs, np.concatenate((gold.targets, silence))


def _draw_spans(gold: Ints, units: int, settings: Settings, rng: np.random.Generator) -> Ints:
    """Spans that are no entity: any, and near misses of the entities."""
    count, near = settings.negative_entities or 0, settings.near_negatives or 0
    others = draw_other_spans(gold, units, settings.widest, count, rng)
    if not near or not len(gold):
        return others
    missed = draw_near_spans(gold, units, settings.widest, near * len(gold), rng)
    return np.unique(np.concatenate((others, missed)), axis=0)


def draw_negative_pairs(gold: Gold, count: int, rng: np.random.Generator) -> Ints:
    """Draw up to `count` ordered pairs of gold entities without relation; denied ones first."""
    entities = len(gold.spans)
    one_way = all_pairs(np.zeros(entities, dtype=np.int64))
    every = np.concatenate(
        (
            np.stack((one_way.first, one_way.second), axis=1),
            np.stack((one_way.second, one_way.first), axis=1),
        )
    )
    is_open = ~np.isin(_numbered(every, entities), _numbered(gold.closed, entities))
    open_pairs = every[is_open]
    if len(open_pairs) <= count:
        return open_pairs
    is_denied = np.isin(_numbered(open_pairs, entities), _numbered(gold.denied, entities))
    order = np.argsort(rng.random(len(open_pairs)) - is_denied)
    return open_pairs[order[:count]]


def _numbered(pairs: Ints, entities: int) -> Ints:
    return pairs[:, 0] * entities + pairs[:, 1]


def _begins(counts: Sequence[int]) -> Ints:
    return np.cumsum([0, *counts[:-1]], dtype=np.int64)
