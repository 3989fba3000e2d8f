"""Tables of separated values with a header: column `text`, optional `id`, `document`, `section`.

Other columns are kept in `meta`. A quoted cell may hold line ends; a row that opens a quote and
never closes it is refused by itself, and reading goes on in the next line.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from annotator.exchange.formats.drafts import (
    MAX_DOCUMENT,
    MAX_SECTION,
    Draft,
    FileError,
    LineError,
    Options,
    Piece,
)
from annotator.exchange.formats.sources import Source
from annotator.exchange.formats.strict import check_id, check_meta, check_short, check_text

DELIMITERS = ",;\t|"
TEXT = "text"
OWN = frozenset({TEXT, "id", "document", "section"})
MAX_ROW_LINES = 1000
CLOSE_IT = "double the quotes inside the cell, or close it"


def readings_of(line: str) -> list[tuple[str, list[str]]]:
    """Return the delimiters with the column names that a first line may stand for, most first."""
    read = [(delimiter, _names(line, delimiter)) for delimiter in DELIMITERS]
    return sorted(read, key=lambda one: -len(one[1]))


def fits(names: Mapping[str, Any]) -> bool:
    """Tell whether these are the columns of a table of sentences."""
    return TEXT in names


def delimiter_of(header: str) -> str | None:
    """Return the delimiter that makes a header with a column `text` of this line, if any does."""
    found = {
        delimiter: names for delimiter in DELIMITERS if TEXT in (names := _names(header, delimiter))
    }
    return max(found, key=lambda delimiter: len(found[delimiter]), default=None)


def _names(header: str, delimiter: str) -> list[str]:
    try:
        row = next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:  # a lone carriage return, for one
        return []
    return [name.strip().casefold() for name in row]


def split(source: Source, options: Options) -> Iterator[Piece]:  # noqa: ARG001 - one of the readers
    """Read the rows below the header as mappings, each under the number of its first line."""
    lines = iter(source.pieces())
    header = next(lines, None)
    if header is None:
        return
    delimiter = None if isinstance(header.content, LineError) else delimiter_of(header.content)
    if delimiter is None:
        raise FileError(
            "missing_column",
            "The first line must name the columns, one of them `text`; add the header line, or "
            "choose the format `text`",
        )
    yield from rows(source, delimiter, _names(header.content, delimiter))


def rows(source: Source, delimiter: str, names: list[str]) -> Iterator[Piece]:
    """Read the rows below a header that was understood."""
    if len(set(names)) < len(names):
        raise FileError("duplicate_column", "The header names a column twice; rename one")
    lines = iter(source.pieces())
    next(lines, None)
    for row in _rows(lines, delimiter):
        yield _with_names(row, names)


def _with_names(row: Piece, names: list[str]) -> Piece:
    if isinstance(row.content, LineError):
        return row
    if len(row.content) != len(names):
        problem = f"has {len(row.content)} cells where the header has {len(names)}"
        error = LineError("wrong_columns", "row", problem, "quote cells that hold the delimiter")
        return Piece(row.number, error)
    return Piece(row.number, dict(zip(names, row.content, strict=True)), row.is_cut)


def _rows(lines: Iterator[Piece], delimiter: str) -> Iterator[Piece]:
    """Read rows one by one; the lines of a row that does not end are given back."""
    waiting: deque[Piece] = deque()
    while True:
        first = waiting.popleft() if waiting else next(lines, None)
        if first is None:
            return
        if isinstance(first.content, LineError):
            yield first
            continue
        taken: list[Piece] = []
        rest = _cells_lines(first, taken, waiting, lines)
        try:
            row = next(csv.reader(rest, delimiter=delimiter, strict=True))
        except (csv.Error, LineError) as error:
            waiting.extendleft(reversed(taken))
            problem = "opens a quote that is not closed" if taken else f"is no row ({error})"
            yield Piece(first.number, LineError("unclosed_quote", "row", problem, CLOSE_IT))
        else:
            yield Piece(first.number, row, (taken or [first])[-1].is_cut)


def _cells_lines(
    first: Piece, taken: list[Piece], waiting: deque[Piece], lines: Iterator[Piece]
) -> Iterator[str]:
    """Give a row its first line and as many more as its quotes ask for, remembering these."""
    yield first.content + "\n"
    while len(taken) < MAX_ROW_LINES:
        line = waiting.popleft() if waiting else next(lines, None)
        if line is None:
            return
        taken.append(line)
        if isinstance(line.content, LineError):
            raise line.content
        missing = line.number - (taken[-2].number if len(taken) > 1 else first.number) - 1
        yield from chain(["\n"] * missing, [line.content + "\n"])
    raise LineError("unclosed_quote", "row", f"is longer than {MAX_ROW_LINES} lines", CLOSE_IT)


def parse(piece: Piece, options: Options) -> Draft:  # noqa: ARG001 - one of the readers
    """Read one row."""
    cells: dict[str, str] = piece.content
    return Draft(
        text=check_text(cells[TEXT].strip()),
        id=check_id(cells.get("id", "").strip()),
        document=check_short(cells.get("document", "").strip(), "document", MAX_DOCUMENT),
        section=check_short(cells.get("section", "").strip(), "section", MAX_SECTION),
        meta=check_meta({name: cell for name, cell in cells.items() if name not in OWN and cell}),
    )
