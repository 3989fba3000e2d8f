"""The places of a table: which rows and columns of it mean the begin and the end of a span.

OneRel's reference implementation inserts a token after each word and lets entities end on it,
so that begin and end never coincide; an end at the NEXT unit says the same without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from extraction.data.tokens import Tokeniser, Tokens, window_of_units, window_spans

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
Ends = Literal["exclusive", "separator", "inclusive"]

SEPARATORS = ("[unused1]", "[unused0]")  # pieces of a vocabulary that mean nothing yet


@dataclass(frozen=True, slots=True)
class Places:
    """Place of a begin b: step * b; of an end e (exclusive): step * e + shift."""

    step: int
    shift: int
    extra: int  # places a sentence has beyond its step * units
    diagonal: int  # how far an end lies at least from its begin

    def count(self, units: Ints) -> Ints:
        """How many places sentences of these many units have."""
        return self.step * units + self.extra

    def of_begin(self, units: Ints) -> Ints:
        """Where spans that begin at these units begin."""
        return self.step * units

    def of_end(self, units: Ints) -> Ints:
        """Where spans that end before these units end."""
        return self.step * units + self.shift

    def is_span(self, begins: Ints, ends: Ints) -> Bools:
        """Whether these places of one sentence are the begin and the end of a span."""
        is_placed = (begins % self.step == 0) & ((ends - self.shift) % self.step == 0)
        is_span: Bools = is_placed & (self.end_unit(ends) > self.begin_unit(begins))
        return is_span

    def begin_unit(self, places: Ints) -> Ints:
        """The inverse of `of_begin`."""
        return places // self.step

    def end_unit(self, places: Ints) -> Ints:
        """The inverse of `of_end`."""
        return (places - self.shift) // self.step


PLACES: Mapping[Ends, Places] = {
    "exclusive": Places(step=1, shift=0, extra=1, diagonal=1),
    "separator": Places(step=2, shift=-1, extra=0, diagonal=1),
    "inclusive": Places(step=1, shift=-1, extra=0, diagonal=0),
}


def placed(tokens: Tokens, ends: Ends, tokeniser: Tokeniser) -> Tokens:
    """The sentence with one "unit" for each place, for the encoder to read."""
    if ends == "exclusive":
        return with_last_piece(tokens)
    return tokens if ends == "inclusive" else with_separators(tokens, tokeniser)


def with_last_piece(tokens: Tokens) -> Tokens:
    """The special piece at the end becomes a unit, so that a span can end there."""
    size = len(tokens.windows[-1])
    end = tokens.units[-1][1] if tokens.units else 0
    return Tokens(
        units=(*tokens.units, (end, end)),
        windows=tokens.windows,
        window_of=np.append(tokens.window_of, len(tokens.windows) - 1),
        starts=np.append(tokens.starts, size - 1),
        stops=np.append(tokens.stops, size),
    )


def with_separators(tokens: Tokens, tokeniser: Tokeniser) -> Tokens:
    """A piece that means nothing stands after each unit, and is a unit of its own."""
    ranges = zip(
        tokens.window_of.tolist(), tokens.starts.tolist(), tokens.stops.tolist(), strict=True
    )
    separator = np.asarray([_separator(tokeniser)])
    pieces: list[Ints] = []
    for window, start, stop in ranges:
        pieces += (tokens.windows[window][start:stop], separator)
    counts = np.asarray([len(one) for one in pieces], dtype=np.int64)
    flat = np.concatenate((*pieces, np.zeros(0, dtype=np.int64)))
    stops = np.cumsum(counts)
    starts = stops - counts
    spans = window_spans(starts, stops, tokeniser.limit - 2)
    window_of = window_of_units(starts, stops, spans)
    shift = np.asarray([begin - 1 for begin, _ in spans])[window_of]
    first, last = tokeniser.specials.first, tokeniser.specials.last
    return Tokens(
        units=tuple(
            place for left, right in tokens.units for place in ((left, right), (right, right))
        ),
        windows=tuple(np.concatenate(([first], flat[a:b], [last])) for a, b in spans),
        window_of=window_of,
        starts=starts - shift,
        stops=stops - shift,
    )


def _separator(tokeniser: Tokeniser) -> int:
    known = [tokeniser.tokenizer.token_to_id(name) for name in SEPARATORS]
    return next((one for one in known if one is not None), tokeniser.specials.last)
