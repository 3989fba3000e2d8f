"""The formats that files may have: pure functions, and one table that names them.

A format that can be read has `split` (a file into pieces), `parse` (a piece into a draft) and
`fits` (whether one of its pieces looks like it); one that can be written has a `Writing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from annotator.exchange.formats import (
    array,
    brat,
    card,
    ch_ddi,
    conll,
    docbin,
    doccano,
    duie,
    inserts,
    label_studio,
    native,
    neo4j,
    provenance,
    rdf,
    spert,
    table,
    text,
    triples,
    xlsx,
)
from annotator.exchange.formats.drafts import Draft, Options, Piece
from annotator.exchange.formats.sources import Source
from annotator.exchange.formats.writing import Lines, Writing

AUTO = "auto"
Split = Callable[[Source, Options], Iterator[Piece]]
Parse = Callable[[Piece, Options], Draft]
Fits = Callable[[Mapping[str, Any]], bool]


class Container(Enum):
    """What holds the sentences of a file; detection looks at this first."""

    LINES = "lines"  # one JSON object a line
    ARRAY = "array"  # JSON objects in one array
    TABLE = "table"
    ARCHIVE = "archive"  # a zip, a workbook
    TEXT = "text"  # whatever is none of these


@dataclass(frozen=True, slots=True)
class Reading:
    """How a format is read.

    `fits` tells by one parsed object (lines, arrays), by the header's names (tables), or by the
    names of the files within (archives), given as the keys, whether a file has this format.
    """

    split: Split
    parse: Parse
    container: Container = Container.LINES
    fits: Fits = lambda _: False
    also: tuple[Container, ...] = ()  # further containers


@dataclass(frozen=True, slots=True)
class Format:
    """A format by name; one that cannot be read or written has None there."""

    name: str
    reading: Reading | None
    writing: Writing | None = None


JSONL = "application/x-ndjson; charset=utf-8"
JSON = "application/json; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"
ZIP = "application/zip"
CSV = "text/csv; charset=utf-8"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADING = "\ufeff" + ",".join(triples.COLUMNS) + "\r\n"
ROWS = (HEADING, "\r\n", "\r\n")
IN_AN_ARRAY = ("[\n", ",\n", "\n]\n", "]\n")
# Detection asks from the top; what fits nothing is `native`, `ch-ddi-array`, `csv` or `text`.
FORMATS: Mapping[str, Format] = {
    format_.name: format_
    for format_ in (
        Format(
            "native",
            Reading(Source.lines, native.parse),
            Writing(Lines(native.spell), "jsonl", JSONL),
        ),
        Format(
            "duie",
            Reading(Source.lines, duie.parse, fits=duie.fits),
            Writing(Lines(duie.spell), "json", JSONL),
        ),
        Format(
            "spert",
            Reading(array.objects, spert.parse, Container.ARRAY, spert.fits, (Container.LINES,)),
            Writing(Lines(spert.spell, *IN_AN_ARRAY), "json", JSON),
        ),
        Format(
            "conll",
            Reading(conll.split, conll.parse, Container.TEXT, conll.fits),
            Writing(Lines(conll.spell), "conll", PLAIN, refuse=conll.refuse_overlaps),
        ),
        Format(
            "doccano",
            Reading(Source.lines, doccano.parse, fits=doccano.fits),
            Writing(Lines(doccano.spell), "jsonl", JSONL),
        ),
        Format(
            "label-studio",
            Reading(
                array.objects,
                label_studio.parse,
                Container.ARRAY,
                label_studio.fits,
                (Container.LINES,),
            ),
            Writing(Lines(label_studio.spell, *IN_AN_ARRAY), "json", JSON),
        ),
        Format(
            "brat",
            Reading(brat.split, brat.parse, Container.ARCHIVE, brat.fits),
            Writing(brat.write, "zip", ZIP),
        ),
        Format(
            "triples-csv",
            Reading(triples.split, triples.parse, Container.TABLE, triples.fits),
            Writing(Lines(triples.spell, *ROWS), "csv", CSV, needs_codes=True),
        ),
        Format(
            "inserts",
            Reading(
                inserts.split,
                inserts.parse,
                fits=inserts.fits,
                also=(Container.ARRAY, Container.TABLE, Container.TEXT),
            ),
        ),
        Format("text", Reading(Source.lines, text.parse, Container.TEXT)),
        Format(
            "xlsx",
            Reading(xlsx.split, xlsx.parse, Container.ARCHIVE, xlsx.fits),
            Writing(xlsx.write, "xlsx", WORKBOOK, needs_codes=True),
        ),
        Format("csv", Reading(table.split, table.parse, Container.TABLE, table.fits)),
        Format("docbin", None, Writing(docbin.write, "zip", ZIP)),
        Format(
            "rdf", None, Writing(rdf.write, "ttl", "text/turtle; charset=utf-8", needs_codes=True)
        ),
        Format("neo4j", None, Writing(neo4j.write, "zip", ZIP, needs_codes=True)),
        Format(
            "provenance",
            None,
            Writing(Lines(provenance.spell), "jsonl", JSONL, needs_origin=True, needs_codes=True),
        ),
        Format(
            "card",
            None,
            Writing(card.write, "md", "text/markdown; charset=utf-8", needs_origin=True),
        ),
        Format(
            "ch-ddi",
            Reading(Source.lines, ch_ddi.parse, fits=ch_ddi.fits),
            Writing(Lines(ch_ddi.spell), "jsonl", JSONL),
        ),
        Format(
            "ch-ddi-array",
            Reading(array.split, ch_ddi.parse, Container.ARRAY, ch_ddi.fits),
            Writing(
                Lines(
                    ch_ddi.spell, before="[\n", between=",\n", after="\n]\n", after_nothing="]\n"
                ),
                "json",
                JSON,
            ),
        ),
    )
}
READABLE = tuple(format_.name for format_ in FORMATS.values() if format_.reading)
WRITABLE = tuple(format_.name for format_ in FORMATS.values() if format_.writing)
