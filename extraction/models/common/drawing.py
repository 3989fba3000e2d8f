"""Drawing what a batch is judged on: gold, spans that are no entity, pairs without relation.

SpERT's negative sampling (Eberts and Ulges 2020, section 3.4), which SpERT.MT, the two-phase
model and ISER take over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from extraction.models.common.gold import Gold, Item
from extraction.models.common.pairs import all_pairs
from extraction.models.common.settings import SpanSettings
from extraction.models.common.spans import Spans, borders_of, draw_near_spans, draw_other_spans

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
Floats = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The spans and pairs on which one batch is judged."""

    spans: Spans
    types: Ints  # (S,)
    heads: Ints  # (P,) positions in spans
    tails: Ints  # (P,)
    targets: Floats  # (P, K)
    first: Ints  # (P,) the relation type that stands first in the data, -1 for a negative

    @property
    def has_relation(self) -> Bools:
        """Which of the pairs are gold."""
        return self.first >= 0


def draw(items: Sequence[Item], settings: SpanSettings, rng: np.random.Generator) -> Drawn:
    """Put together gold and drawn spans and pairs of a batch of sentences."""
    parts = [_draw_one(item, settings, rng) for item in items]
    unit_counts = [len(item.tokens.units) for item in items]
    span_counts = [len(part.types) for part in parts]
    unit_shift = np.repeat(_begins(unit_counts), span_counts)
    spans = np.concatenate([part.spans for part in parts])
    pair_shift = np.repeat(_begins(span_counts), [len(part.pairs) for part in parts])
    pairs = np.concatenate([part.pairs for part in parts]) + pair_shift[:, None]
    return Drawn(
        spans=Spans(
            starts=spans[:, 0] + unit_shift,
            stops=spans[:, 1] + unit_shift,
            sentence=np.repeat(np.arange(len(items)), span_counts),
            borders=borders_of(unit_counts),
        ),
        types=np.concatenate([part.types for part in parts]),
        heads=np.ascontiguousarray(pairs[:, 0]),
        tails=np.ascontiguousarray(pairs[:, 1]),
        targets=np.concatenate([part.targets for part in parts]),
        first=np.concatenate([part.first for part in parts]),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """What was drawn of one sentence."""

    spans: Ints  # (S, 2)
    types: Ints  # (S,)
    pairs: Ints  # (P, 2)
    targets: Floats  # (P, K)
    first: Ints  # (P,)


def _draw_one(item: Item, settings: SpanSettings, rng: np.random.Generator) -> _Part:
    gold = item.gold
    others = _draw_spans(gold.spans, len(item.tokens.units), settings, rng)
    negatives = draw_negative_pairs(gold, settings.negative_relations, rng)
    silence = np.zeros((len(negatives), gold.targets.shape[1]), dtype=np.float32)
    return _Part(
        spans=np.concatenate((gold.spans, others)),
        types=np.concatenate((gold.types, np.zeros(len(others), dtype=np.int64))),
        pairs=np.concatenate((gold.pairs, negatives)),
        targets=np.concatenate((gold.targets, silence)),
        first=np.concatenate((gold.first, np.full(len(negatives), -1))),
    )


def _draw_spans(gold: Ints, units: int, settings: SpanSettings, rng: np.random.Generator) -> Ints:
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
