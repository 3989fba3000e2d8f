"""Workbooks of triples or of plain sentences: the columns are those of `triples-csv` and `csv`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from annotator.exchange.formats import table, triples
from annotator.exchange.formats.drafts import Draft, FileError, LineError, Options, Piece
from annotator.exchange.formats.sources import Source
from annotator.exchange.formats.workbook import header_of, is_workbook, rows_of, written
from annotator.exchange.formats.writing import About, Pages


def fits(names: Mapping[str, Any]) -> bool:
    """Tell whether the archive is a workbook."""
    return is_workbook(names)


def split(source: Source, options: Options) -> Iterator[Piece]:  # noqa: ARG001 - one of the readers
    """Read the rows; those of one sentence together where they are triples."""
    names = header_of(source)
    rows = rows_of(source)
    if triples.fits(dict.fromkeys(names)):
        return triples.grouped(rows)
    if table.TEXT not in names:
        raise FileError(
            "missing_column", "The first row must name the columns, one of them `text`; add it"
        )
    return rows


def parse(piece: Piece, options: Options) -> Draft:
    """Read a sentence or the rows of one."""
    if isinstance(piece.content, list):
        return triples.parse(piece, options)
    if table.TEXT not in piece.content:
        raise LineError("missing_field", "text", "is missing", "give every sheet the same columns")
    return table.parse(piece, options)


def write(pages: Pages, about: About) -> Iterator[bytes]:  # noqa: ARG001 - one of the writers
    """Write all triples to one workbook."""
    rows = chain.from_iterable(triples.rows_of(record) for page in pages for record in page)
    return written(triples.COLUMNS, rows, "triples")
