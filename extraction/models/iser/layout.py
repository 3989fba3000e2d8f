"""Where flat units stand in rectangles, and in the order in which a recurrence reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor
from torch.nn import functional

from extraction.models.common.spans import Spans, to_index

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """B sentences of at most M units side by side; places beyond a sentence hold unit U."""

    units: Ints  # (B, M)
    lengths: Ints  # (B,)

    @property
    def is_filled(self) -> Bools:
        """Which places (B, M) hold a unit of the sentence."""
        filled: Bools = np.arange(self.units.shape[1]) < self.lengths[:, None]
        return filled

    def turned(self) -> Ints:
        """The units (B, M) of every sentence from its last to its first."""
        places = np.arange(self.units.shape[1])
        backwards = np.maximum(self.lengths[:, None] - 1 - places, 0)
        turned = np.take_along_axis(self.units, backwards, axis=1)
        return np.where(self.is_filled, turned, self.units)

    def places_of(self, units: Ints) -> Ints:
        """For each unit (U,) its place in the flat (B * M), when the rectangle is read so."""
        where = np.flatnonzero(self.is_filled)
        places = np.empty(len(where), dtype=np.int64)
        places[units.reshape(-1)[where]] = where
        return places


def rectangle(borders: Ints, sentences: Ints | None = None) -> Rectangle:
    """Lay these sentences (all of them if none are named) side by side."""
    chosen = np.arange(len(borders) - 1) if sentences is None else sentences
    first, lengths = borders[chosen], borders[chosen + 1] - borders[chosen]
    places = np.arange(int(lengths.max(initial=0)))
    units = np.where(places < lengths[:, None], first[:, None] + places, borders[-1])
    return Rectangle(units, lengths)


@dataclass(frozen=True, slots=True)
class Reading:
    """The sentences of S spans, N positions in all, as a recurrence reads them.

    Place by place, and at each place span by span, the spans of longer sentences first; so
    what still runs stands at the front and nothing is padded.
    """

    spans: Spans
    counts: Ints  # (M,) how many sentences still run at each place
    span: Ints  # (N,) whose sentence
    place: Ints  # (N,) counted from the sentence's beginning
    unit: Ints  # (N,) the row of the unit
    is_masked: Bools  # (N,) whether the unit lies in the span

    @property
    def last(self) -> Ints:
        """For each span the position (S,) at which its sentence ends."""
        lengths = sentence_lengths(self.spans)
        before = np.cumsum(self.counts) - self.counts
        return before[lengths - 1] + np.arange(len(lengths))

    @property
    def seen(self) -> Ints:
        """The row (N,) that is read at each position: U, one past the units, where masked."""
        return np.where(self.is_masked, self.spans.borders[-1], self.unit)


def taken(rows: Tensor, positions: Ints) -> Tensor:
    """The rows (..., d) at these positions; indexing does the same, several times slower."""
    found: Tensor = functional.embedding(to_index(positions, rows), rows)
    return found


def sentence_lengths(spans: Spans) -> Ints:
    """The length of the sentence that each span lies in."""
    return spans.borders[spans.sentence + 1] - spans.borders[spans.sentence]


def reading_of(spans: Spans) -> Reading:
    """Lay out the sentences of these spans, which are ordered from the longest sentence on."""
    lengths = sentence_lengths(spans)
    places = np.arange(int(lengths.max(initial=0)))
    place, span = np.nonzero(places[:, None] < lengths)
    unit = spans.borders[spans.sentence][span] + place
    is_masked = (unit >= spans.starts[span]) & (unit < spans.stops[span])
    counts = np.bincount(place, minlength=len(places))
    return Reading(spans, counts, span, place, unit, is_masked)


def strongest(scores: np.ndarray[Any, Any], sentence: Ints, most: Ints) -> Bools:
    """Mark (S,) the most[b] highest scores of each sentence b."""
    order = np.lexsort((-scores, sentence))
    grouped = sentence[order]
    rank = np.arange(len(order)) - np.searchsorted(grouped, grouped)
    is_strong = np.zeros(len(order), dtype=bool)
    is_strong[order] = rank < most[grouped]
    return is_strong
