"""From gold graphs to the tagged cells of a batch's tables (relation-specific horns tagging)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from extraction.models.common.gold import Item
from extraction.models.common.pairs import all_pairs
from extraction.models.common.spans import borders_of
from extraction.models.common.table import Layout
from extraction.models.common.table_loss import Marks
from extraction.models.common.table_places import Places
from extraction.models.onerel.network import HB_TB, HB_TE, HE_TE

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Ends:
    """The places where spans of a batch begin and end."""

    begins: Ints
    ends: Ints

    def at(self, some: Ints) -> Ends:
        """These spans only."""
        return Ends(self.begins[some], self.ends[some])


def layout_of(items: Sequence[Item], places: Places) -> Layout:
    """One square table for each sentence."""
    units = np.asarray([len(item.tokens.units) for item in items], dtype=np.int64)
    return Layout.of(borders_of(places.count(units).tolist()))


def entity_ends(items: Sequence[Item], layout: Layout, places: Places) -> Ends:
    """Where the gold entities of the batch begin and end, sentence by sentence."""
    shift = np.repeat(layout.borders[:-1], entity_counts(items))
    spans = np.concatenate([item.gold.spans for item in items])
    return Ends(places.of_begin(spans[:, 0]) + shift, places.of_end(spans[:, 1]) + shift)


def entity_marks(items: Sequence[Item], layout: Layout, places: Places) -> Marks:
    """The cell (begin, end) of each gold entity holds its type."""
    spans = entity_ends(items, layout, places)
    types = np.concatenate([item.gold.types for item in items])
    return _last_of_each(layout.cell_of(spans.begins, spans.ends), np.zeros_like(types), types)


def relation_marks(items: Sequence[Item], layout: Layout, places: Places) -> Marks:
    """The three corners of each gold triple; where two triples meet, the later one stands."""
    spans = entity_ends(items, layout, places)
    counts = entity_counts(items)
    shift = np.repeat(np.cumsum(counts) - counts, [len(item.gold.pairs) for item in items])
    pairs = np.concatenate([item.gold.pairs for item in items]) + shift[:, None]
    rows, kinds = np.nonzero(np.concatenate([item.gold.targets for item in items]))
    cells = corners(layout, spans.at(pairs[rows, 0]), spans.at(pairs[rows, 1]))  # (R, 3)
    tags = np.broadcast_to(np.asarray([HB_TB, HB_TE, HE_TE]), cells.shape)
    return _last_of_each(cells.reshape(-1), np.repeat(kinds, 3), tags.reshape(-1))


def crossings(items: Sequence[Item], layout: Layout, places: Places) -> Ints:
    """The corners of all ordered pairs of gold entities, in order, each once."""
    spans = entity_ends(items, layout, places)
    pairs = all_pairs(np.repeat(np.arange(len(items)), entity_counts(items)))
    first, second = spans.at(pairs.first), spans.at(pairs.second)
    both_ways = corners(layout, first, second), corners(layout, second, first)
    return np.unique(np.concatenate(both_ways))


def corners(layout: Layout, heads: Ends, tails: Ends) -> Ints:
    """The cells (R, 3) HB-TB, HB-TE, HE-TE of these heads and tails."""
    return np.stack(
        (
            layout.cell_of(heads.begins, tails.begins),
            layout.cell_of(heads.begins, tails.ends),
            layout.cell_of(heads.ends, tails.ends),
        ),
        axis=1,
    )


def entity_counts(items: Sequence[Item]) -> Ints:
    """How many gold entities each sentence has."""
    return np.asarray([len(item.gold.spans) for item in items], dtype=np.int64)


def _last_of_each(cells: Ints, slices: Ints, tags: Ints) -> Marks:
    """In the order of the cells; of several tags of one cell and slice the last one."""
    order = np.lexsort((slices, cells))
    cells, slices, tags = cells[order], slices[order], tags[order]
    is_last = np.ones(len(cells), dtype=bool)
    is_last[:-1] = (cells[1:] != cells[:-1]) | (slices[1:] != slices[:-1])
    return Marks(cells[is_last], slices[is_last], np.ascontiguousarray(tags[is_last]))
