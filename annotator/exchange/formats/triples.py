"""A table of triples, a row each, for spreadsheets: both ends with type, offsets and code.

An entity without a relation has a row with a head only, a sentence without entities one with its
text only. Rows of one sentence follow one another. A cell that a spreadsheet would take for a
formula begins with an apostrophe; the reader takes it away again. Where offsets are left out, the
strings are looked for in the text. What is lost: denied pairs, meta data, blanks in lines of
nothing else, carriage returns.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotator.exchange.formats import table
from annotator.exchange.formats.drafts import (
    Draft,
    FileError,
    LineError,
    Options,
    Piece,
)
from annotator.exchange.formats.mentions import Mention, Triple, graph_of
from annotator.exchange.formats.sources import Source
from annotator.exchange.formats.spans import Arrow, Span, joined
from annotator.exchange.formats.strict import check_id, check_text
from annotator.exchange.formats.writing import About, Record
from extraction.types import Entity

COLUMNS = (
    "sentence_id", "text", "head", "head_type", "head_start", "head_end", "predicate",
    "tail", "tail_type", "tail_start", "tail_end", "head_code", "tail_code",
)  # fmt: skip
NEEDED = frozenset({"text", "head", "head_type", "predicate", "tail", "tail_type"})
FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
MOST_ROWS = 10_000  # of one sentence
Cells = Mapping[str, str]


def fits(names: Mapping[str, Any]) -> bool:
    """Tell whether these are the columns of triples."""
    return set(names) >= NEEDED


def split(source: Source, options: Options) -> Iterator[Piece]:  # noqa: ARG001 - one of the readers
    """Read the rows, those of one sentence together."""
    first = next((one.content for one in source.pieces() if isinstance(one.content, str)), "")
    for delimiter, names in table.readings_of(first):
        if fits(dict.fromkeys(names)):
            return grouped(map(_unguarded_row, table.rows(source, delimiter, names)))
    raise FileError(
        "missing_column",
        f"The first line must name the columns; needed are {', '.join(sorted(NEEDED))}",
    )


def _unguarded_row(row: Piece) -> Piece:
    if isinstance(row.content, LineError):
        return row
    return row._replace(content={name: unguarded(cell) for name, cell in row.content.items()})


def grouped(rows: Iterable[Piece]) -> Iterator[Piece]:
    """Put rows of one sentence that follow one another together, under the first one's number."""
    waiting: list[Piece] = []
    for row in rows:
        if waiting and (isinstance(row.content, LineError) or _key(row) != _key(waiting[0])):
            yield _sentence(waiting)
            waiting = []
        if isinstance(row.content, LineError):
            yield row
        elif len(waiting) < MOST_ROWS:
            waiting.append(row)
    if waiting:
        yield _sentence(waiting)


def _key(row: Piece) -> tuple[str, str]:
    return row.content.get("sentence_id", ""), row.content["text"]


def _sentence(rows: list[Piece]) -> Piece:
    return Piece(rows[0].number, [row.content for row in rows], line=rows[0].line)


def parse(piece: Piece, options: Options) -> Draft:
    """Read the rows of one sentence."""
    rows: list[Cells] = piece.content
    text = check_text(rows[0]["text"])
    ident = check_id(rows[0].get("sentence_id", ""))
    if options.labels == "ignore":
        return Draft(text=text, id=ident)
    said = [row for row in rows if row["head"] or row["tail"]]
    if said and all(row.get("head_start") for row in said):
        return _placed(Draft(text=text, id=ident), said, options)
    triples = [_triple(row, f"row {i + 1} of the sentence") for i, row in enumerate(said)]
    graph, notes = graph_of(text, triples, options.symmetric, "head, tail")
    return Draft(text=text, id=ident, graph=graph, notes=notes)


def _triple(row: Cells, field: str) -> Triple:
    if not all(row[name] for name in ("head", "head_type", "predicate", "tail", "tail_type")):
        problem = "lacks an end, a type or the predicate"
        raise LineError("missing_field", field, problem, "fill the row, or give offsets")
    is_twin = (row["head"], row["head_type"]) == (row["tail"], row["tail_type"])
    return Triple(
        row["predicate"],
        Mention(row["head"], row["head_type"]),
        Mention(row["tail"], row["tail_type"], int(is_twin)),
    )


def _placed(draft: Draft, rows: list[Cells], options: Options) -> Draft:
    """Read rows with offsets; each place with its type is one entity."""
    spans: dict[tuple[int, int, str], Span] = {}
    arrows: list[Arrow] = []
    for number, row in enumerate(rows):
        field = f"row {number + 1} of the sentence"
        ends = [_end(row, end, field, draft.text) for end in ("head", "tail") if row[end]]
        for end in ends:
            spans.setdefault(end, Span(end, *end))
        if row["predicate"] and len(ends) == len(("head", "tail")):
            arrows.append(Arrow(ends[0], ends[1], row["predicate"]))
    merged, notes = joined(list(spans.values()), arrows, len(draft.text), options.symmetric)
    return draft._replace(graph=merged.graph, notes=notes)


def _end(row: Cells, end: str, field: str, text: str) -> tuple[int, int, str]:
    start, stop, kind = (row.get(f"{end}_{part}", "") for part in ("start", "end", "type"))
    if not (start.isdecimal() and stop.isdecimal() and len(start + stop) < len(text) + 20 and kind):
        problem = f"has no whole {end}_start, {end}_end and {end}_type"
        raise LineError("missing_field", field, problem, "fill all three")
    place = int(start), int(stop)
    if text[place[0] : place[1]] != row[end]:
        problem = f"says {end} is “{row[end][:30]}”, which does not stand at [{start}, {stop})"
        remedy = "count code points from 0, or leave the offsets out"
        raise LineError("string_not_found", field, problem, remedy)
    return *place, kind


def unguarded(cell: str) -> str:
    """Take the apostrophe away that keeps a cell from being a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA and len(cell) > 1 else cell


def guarded(cell: str) -> str:
    """Keep a spreadsheet from taking a cell for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def rows_of(record: Record) -> Iterator[tuple[str, ...]]:
    """Give the rows of one sentence, in the order of COLUMNS."""
    example = record.example
    entities = example.graph.entities
    start = (example.id, example.text)
    for relation in example.graph.relations:
        head, tail = entities[relation.head], entities[relation.tail]
        ends = _cells(record, head), _cells(record, tail)
        codes = ends[0][-1], ends[1][-1]
        yield (*start, *ends[0][:-1], relation.type, *ends[1][:-1], *codes)
    related = {end for one in example.graph.relations for end in (one.head, one.tail)}
    alone = [one for place, one in enumerate(entities) if place not in related]
    for entity in alone:
        *cells, code = _cells(record, entity)
        yield (*start, *cells, "", "", "", "", "", code, "")
    if not entities:
        yield (*start, *[""] * (len(COLUMNS) - len(start)))


def _cells(record: Record, entity: Entity) -> tuple[str, ...]:
    string = record.example.text[entity.start : entity.end]
    code = record.codes.get((string, entity.type))
    place = str(entity.start), str(entity.end)
    return string, entity.type, *place, code.code if code else ""


def spell(record: Record, about: About) -> str:  # noqa: ARG001 - one of the writers
    """Spell a sentence as rows of separated values."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerows([guarded(cell) for cell in row] for row in rows_of(record))
    return file.getvalue().removesuffix("\r\n")
