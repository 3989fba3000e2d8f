"""Reading triples from tagged corners: of each HB-TE cell the HB-TB to its left, the HE-TE below.

Works on the few rows and columns that hold a strong HB-TE cell; everything else of a table is
never scored for all of its tags. No Python per cell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from extraction.models.common.table import Layout, Strong
from extraction.models.onerel.network import HB_TB, HB_TE, HE_TE

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float32]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

LogChances = Callable[[Ints, Ints], Tensor]  # of the tags (cells, 4, K) of cells (rows, columns)


@dataclass(frozen=True, slots=True)
class Corners:
    """Places of triples: where heads and tails begin and end."""

    head_begins: Ints
    head_ends: Ints
    tail_begins: Ints
    tail_ends: Ints
    types: Ints
    chance: Floats  # the geometric mean of the three corners' chances
    is_said: Bools  # whether the scheme reads it, or it is only a candidate


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole rows of tables, or whole columns, laid end to end."""

    lines: Ints  # (L,) the rows, in order
    first: Ints  # (L,) the position of each one's first cell
    begin: Ints  # (L,) the place that its first cell stands for
    counts: Ints  # (L,) its cells
    chance: Floats  # (cells, 4, K) log
    tag: Ints  # (cells, K) the likeliest

    def at(self, lines: Ints, across: Ints) -> Ints:
        """The positions of the cells where these lines meet these places."""
        line = np.searchsorted(self.lines, lines)
        return self.first[line] + across - self.begin[line]

    def place(self, lines: Ints, positions: Ints) -> Ints:
        """The places that these positions stand for, the inverse of `at`."""
        line = np.searchsorted(self.lines, lines)
        return self.begin[line] + positions - self.first[line]

    def edges(self, lines: Ints) -> tuple[Ints, Ints]:
        """The positions where lines begin, and where they end."""
        line = np.searchsorted(self.lines, lines)
        return self.first[line], self.first[line] + self.counts[line]

    def nearest(self, is_wanted: Bools, at: Ints, kinds: Ints, *, before: bool) -> Ints:
        """Of the wanted cells (cells, K) the last before, or the first after, each position.

        -1 where there is none of this kind; it may belong to another line.
        """
        size = len(self.tag)
        kind, cell = is_wanted.T.nonzero()  # in the order of kinds, then of cells
        keys = kind * size + cell
        wanted = np.searchsorted(keys, kinds * size + at) - int(before)
        is_there = (wanted >= 0) & (wanted < len(keys))
        found = keys[wanted[is_there]] - kinds[is_there] * size
        positions = np.full(len(at), -1, dtype=np.int64)
        positions[is_there] = np.where((found >= 0) & (found < size), found, -1)
        return positions

    def likeliest(self, tag: int, kinds: Ints, begins: Ints, ends: Ints) -> Ints:
        """The likeliest cell of a tag in each range of positions; -1 for an empty range."""
        if not len(begins):
            return begins
        steps = begins[:, None] + np.arange(max(1, int((ends - begins).max())))
        is_inside = steps < ends[:, None]
        chance = self.chance[np.where(is_inside, steps, 0), tag, kinds[:, None]]
        best = begins + np.where(is_inside, chance, -np.inf).argmax(1)
        return np.where(ends > begins, best, -1)


def read_corners(
    strong: Strong, layout: Layout, log_chances: LogChances, *, is_walked: bool
) -> Corners:
    """Complete strong HB-TE cells to triples, and say which of them the scheme reads.

    Nearest: the last HB-TB to the left, the first HE-TE below. Walked, as in the reference
    implementation: the HB-TB must be the tagged cell just before. What is not read is completed
    by its likeliest corners, as a candidate.
    """
    kinds = strong.slices
    rows = _lines(strong.rows, layout, log_chances, is_row=True)
    columns = _lines(strong.columns, layout, log_chances, is_row=False)
    middle = rows.at(strong.rows, strong.columns)
    above = columns.at(strong.columns, strong.rows)
    left_edge, _ = rows.edges(strong.rows)
    _, bottom = columns.edges(strong.columns)
    is_begin = rows.tag > 0 if is_walked else rows.tag == HB_TB
    begin = rows.nearest(is_begin, middle, kinds, before=True)
    end = columns.nearest(columns.tag == HE_TE, above, kinds, before=False)
    is_said = (rows.tag[middle, kinds] == HB_TE) & (begin >= left_edge)
    is_said &= (rows.tag[begin, kinds] == HB_TB) & (end >= 0) & (end < bottom)
    begin = np.where(is_said, begin, rows.likeliest(HB_TB, kinds, left_edge, middle))
    end = np.where(is_said, end, columns.likeliest(HE_TE, kinds, above + 1, bottom))
    chance = rows.chance[begin, HB_TB, kinds] + rows.chance[middle, HB_TE, kinds]
    chance += columns.chance[end, HE_TE, kinds]
    found = np.flatnonzero((begin >= 0) & (end >= 0))
    return Corners(
        head_begins=strong.rows[found],
        head_ends=columns.place(strong.columns, end)[found],
        tail_begins=rows.place(strong.rows, begin)[found],
        tail_ends=strong.columns[found],
        types=kinds[found],
        chance=np.exp(chance[found] / 3),
        is_said=is_said[found],
    )


def _lines(wanted: Ints, layout: Layout, log_chances: LogChances, *, is_row: bool) -> Lines:
    lines = np.unique(wanted)
    sentence = layout.sentence_of(lines)
    begin = layout.borders[sentence]
    counts = layout.borders[sentence + 1] - begin
    first = np.cumsum(counts) - counts
    along = np.repeat(lines, counts)
    across = np.repeat(begin - first, counts) + np.arange(len(along))
    chance = log_chances(along, across) if is_row else log_chances(across, along)
    tag = chance.argmax(1)
    return Lines(lines, first, begin, counts, chance.cpu().numpy(), tag.cpu().numpy())
