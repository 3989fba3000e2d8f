"""The formats that files may have: pure functions, and one table that names them.

A format that can be read has `split` (a file into pieces) and `parse` (a piece into a draft); one
that can be written has `spell` (a sentence into a line) and what stands around the lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from annotator.exchange.formats import array, ch_ddi, native, table, text
from annotator.exchange.formats.drafts import Draft, Options, Piece
from annotator.exchange.formats.sources import Source
from extraction.types import Example

AUTO = "auto"
Split = Callable[[Source], Iterator[Piece]]
Parse = Callable[[Piece, Options], Draft]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a format is read."""

    split: Split
    parse: Parse


@dataclass(frozen=True, slots=True)
class Writing:
    """How a format is written: lines, and what stands before, between and after them."""

    spell: Callable[[Example, frozenset[str]], str]
    ending: str
    content_type: str
    before: str = ""
    between: str = "\n"
    after: str = "\n"
    after_nothing: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """A format by name; one that cannot be read or written has None there."""

    name: str
    reading: Reading | None
    writing: Writing | None = None


JSONL = "application/x-ndjson; charset=utf-8"
FORMATS: Mapping[str, Format] = {
    format_.name: format_
    for format_ in (
        Format(
            "native",
            Reading(Source.pieces, native.parse),
            Writing(native.spell, "jsonl", JSONL),
        ),
        Format("text", Reading(Source.pieces, text.parse)),
        Format("csv", Reading(table.split, table.parse)),
        Format(
            "ch-ddi",
            Reading(Source.pieces, ch_ddi.parse),
            Writing(ch_ddi.spell, "jsonl", JSONL),
        ),
        Format(
            "ch-ddi-array",
            Reading(array.split, ch_ddi.parse),
            Writing(
                ch_ddi.spell,
                "json",
                "application/json; charset=utf-8",
                before="[\n",
                between=",\n",
                after="\n]\n",
                after_nothing="]\n",
            ),
        ),
    )
}
READABLE = tuple(format_.name for format_ in FORMATS.values() if format_.reading)
WRITABLE = tuple(format_.name for format_ in FORMATS.values() if format_.writing)
