"""From texts to the encoder's pieces, batch by batch, keeping which unit each piece belongs to.

A sentence longer than the encoder's limit becomes several overlapping windows; every unit
is read in the window where it has most context on its nearer side, so nothing is cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from extraction.data.units import Offsets, cut_units

Ints = np.ndarray[Any, np.dtype[np.int64]]

CHARS_SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
UNKNOWN = "[UNK]"
CHARS_LIMIT = 256  # pieces that a window of a built-in encoder holds
NO_LIMIT = 1 << 30  # an encoder without context reads a sentence of any length whole


@dataclass(frozen=True, slots=True)
class Tokens:
    """A sentence as the encoder reads it.

    `windows` hold piece ids with the special ones at both ends; unit u is made of the pieces
    [starts[u], stops[u]) of window `window_of[u]`.
    """

    units: tuple[Offsets, ...]
    windows: tuple[Ints, ...]
    window_of: Ints
    starts: Ints
    stops: Ints

    @property
    def length(self) -> int:
        """What the sentence costs the encoder: the pieces of all its windows."""
        return sum(len(window) for window in self.windows)


@dataclass(frozen=True, slots=True)
class Specials:
    """The ids that every window needs."""

    first: int
    last: int
    pad: int
    unknown: int


class Tokeniser:
    """Cuts texts into units and units into pieces, whole lists at a time."""

    def __init__(self, tokenizer: Tokenizer, specials: Specials, limit: int) -> None:
        self.tokenizer = tokenizer
        self.specials = specials
        self.limit = limit  # pieces a window may hold, the special ones included

    @classmethod
    def of_chars(cls, tokenizer: Tokenizer) -> Tokeniser:
        """The tokeniser of a built-in character encoder."""
        pad, unknown, first, last = range(4)  # the order of CHARS_SPECIALS
        return cls(tokenizer, Specials(first, last, pad, unknown), CHARS_LIMIT)

    @classmethod
    def of_words(cls, tokenizer: Tokenizer) -> Tokeniser:
        """The tokeniser of the built-in word table."""
        return cls(tokenizer, cls.of_chars(tokenizer).specials, NO_LIMIT)

    def encode(self, texts: Sequence[str]) -> list[Tokens]:
        """Encode a list of texts; the order is kept."""
        cut = [cut_units(text) for text in texts]
        words = [
            [text[start:end] for start, end in units]
            for text, units in zip(texts, cut, strict=True)
        ]
        pieces = self.tokenizer.encode_batch(words, is_pretokenized=True, add_special_tokens=False)
        return [
            self._tokens(units, encoding.ids, encoding.word_ids)
            for units, encoding in zip(cut, pieces, strict=True)
        ]

    def _tokens(
        self, units: Sequence[Offsets], ids: list[int], word_ids: Sequence[int | None]
    ) -> Tokens:
        pieces = np.asarray(ids, dtype=np.int64)
        owners = np.asarray(word_ids, dtype=np.int64)
        counts = np.bincount(owners, minlength=len(units)).astype(np.int64)
        if len(units) and counts.min() == 0:
            pieces, counts = self._fill_silent_units(pieces, counts)
        room = self.limit - 2
        stops = np.cumsum(counts)
        if len(units) and counts.max() > room:
            pieces, counts = _shorten(pieces, stops, counts, room)
            stops = np.cumsum(counts)
        return self._in_windows(tuple(units), pieces, stops - counts, stops)

    def _fill_silent_units(self, pieces: Ints, counts: Ints) -> tuple[Ints, Ints]:
        """Give a unit for which the tokeniser has no piece at all the unknown piece."""
        silent = np.flatnonzero(counts == 0)
        places = (np.cumsum(counts) - counts)[silent]
        return np.insert(pieces, places, self.specials.unknown), np.maximum(counts, 1)

    def _in_windows(
        self, units: tuple[Offsets, ...], pieces: Ints, starts: Ints, stops: Ints
    ) -> Tokens:
        spans = window_spans(starts, stops, self.limit - 2)
        begins = np.asarray([begin for begin, _ in spans], dtype=np.int64)
        window_of = window_of_units(starts, stops, spans)
        shift = begins[window_of] - 1  # one place for the first special piece
        return Tokens(
            units=units,
            windows=tuple(self._wrap(pieces[begin:end]) for begin, end in spans),
            window_of=window_of,
            starts=starts - shift,
            stops=stops - shift,
        )

    def _wrap(self, pieces: Ints) -> Ints:
        return np.concatenate(([self.specials.first], pieces, [self.specials.last]))


def window_spans(starts: Ints, stops: Ints, room: int) -> list[tuple[int, int]]:
    """Cut a sentence's pieces into windows of at most `room`, on unit borders, overlapping.

    Neighbours share about a quarter of a window.
    """
    total = int(stops[-1]) if len(stops) else 0
    if total <= room:
        return [(0, total)]
    spans: list[tuple[int, int]] = []
    begin = 0
    while True:
        last = int(np.searchsorted(stops, begin + room, side="right"))  # units that fit
        end = int(stops[last - 1])
        spans.append((begin, end))
        if end == total:
            return spans
        back = int(np.searchsorted(starts, end - room // 4, side="left"))
        begin = int(starts[min(max(back, _next_unit(starts, begin)), last)])


def window_of_units(starts: Ints, stops: Ints, spans: Sequence[tuple[int, int]]) -> Ints:
    """For each unit the window that holds it with the most context on its nearer side."""
    if len(spans) == 1:
        return np.zeros(len(starts), dtype=np.int64)
    begins = np.asarray([begin for begin, _ in spans])[:, None]
    ends = np.asarray([end for _, end in spans])[:, None]
    total = spans[-1][1]
    left = np.where(begins == 0, total, starts[None] - begins)  # the text's own ends cut nothing
    right = np.where(ends == total, total, ends - stops[None])
    is_inside = (starts[None] >= begins) & (stops[None] <= ends)
    context = np.where(is_inside, np.minimum(left, right), -1)
    chosen: Ints = context.argmax(axis=0).astype(np.int64)
    return chosen


def _next_unit(starts: Ints, begin: int) -> int:
    return int(np.searchsorted(starts, begin, side="right"))


def _shorten(pieces: Ints, stops: Ints, counts: Ints, room: int) -> tuple[Ints, Ints]:
    """Keep the first `room` pieces of a unit that no window could hold (a unit is one word)."""
    rank = np.arange(len(pieces)) - np.repeat(stops - counts, counts)
    return pieces[rank < room], np.minimum(counts, room)
