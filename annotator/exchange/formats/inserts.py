"""Raw drug inserts: `{"drug", "section", "text"}` a line or in one array, a table with these
columns, or the CH-DDI paper's `<药名><药物相互作用><1.…2.…>`.

Every sentence that is cut from an insert is a piece of its own, so that an import which was stopped
goes on in the middle of an insert; `line` is where the insert stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from annotator.exchange.formats import array, table
from annotator.exchange.formats.drafts import (
    MAX_DOCUMENT,
    MAX_LINE_BYTES,
    MAX_SECTION,
    Counted,
    Draft,
    FileError,
    LineError,
    Options,
    Passage,
    Piece,
)
from annotator.exchange.formats.sources import ARCHIVE, Source
from annotator.exchange.formats.strict import (
    check_characters,
    check_short,
    check_text,
    load_object,
)
from annotator.exchange.formats.workbook import header_of, rows_of
from annotator.exchange.inserts.pipeline import Insert, Processed, is_wanted, process

NAMES = {
    "drug": ("drug", "药名", "药品名", "药品名称", "通用名称", "药物"),
    "section": ("section", "章节", "项目", "栏目", "小节"),
    "text": ("text", "content", "内容", "正文", "文本"),
}
PAPER = re.compile(
    r"\s*<(?P<drug>[^<>\n]{1,300})>\s*<(?P<section>[^<>\n]{1,200})>\s*<(?P<text>.*)", re.DOTALL
)
LABELLED = frozenset({"entities", "spo_list", "relations", "label"})
REMEDY = "name the drug, the section and the text of every insert"


@dataclass(frozen=True, slots=True)
class CutFrom:
    """A sentence and the insert that it was cut from."""

    processed: Processed
    place: int  # among the pieces


def fits(shown: Mapping[str, Any]) -> bool:
    """Tell whether an object or a header names what an insert has, or a line begins as the paper's
    form does."""
    names = {name.strip().casefold() for name in shown}
    if names & LABELLED:
        return False
    is_insert = all(names & {*NAMES[part]} for part in ("drug", "section", "text"))
    return is_insert or any(PAPER.match(line) for line in shown)


def split(source: Source, options: Options) -> Iterator[Piece]:
    """Read the inserts and cut those whose section is wanted."""
    number = 0
    for piece in pieces_of(source, options):
        for content in _cut(piece, options):
            number += 1
            yield Piece(number, content, line=piece.number)


def parse(piece: Piece, options: Options) -> Draft:  # noqa: ARG001 - one of the readers
    """Make a sentence of one that was cut."""
    cut: CutFrom = piece.content
    insert, one = cut.processed.insert, cut.processed.pieces[cut.place]
    return Draft(
        text=check_text(one.text),
        document=insert.drug,
        section=insert.section,
        passage=Passage(insert.text, one.start, one.end),
    )


def _cut(piece: Piece, options: Options) -> Iterator[CutFrom | Counted | LineError]:
    try:
        insert = read_insert(piece)
    except LineError as error:
        yield error
        return
    if not is_wanted(insert.section, options.rules):
        yield Counted({"left_out.documents": 1, f"left_out.section.{insert.section}": 1})
        return
    processed = process(insert, options.rules)
    yield Counted(processed.counts)
    for place, one in enumerate(processed.pieces):
        if not one.drop:
            yield CutFrom(processed, place)


def read_insert(piece: Piece) -> Insert:
    """Check what a line, item or row says of an insert, or raise."""
    content = piece.content
    if isinstance(content, LineError):
        raise content
    if isinstance(content, str):
        content = load_object(piece)
    given = {name.strip().casefold(): value for name, value in content.items()}
    drug = check_short(_part(given, "drug"), "drug", MAX_DOCUMENT).strip()
    section = check_short(_part(given, "section"), "section", MAX_SECTION).strip()
    text = _part(given, "text")
    if not drug:
        raise LineError("missing_field", "drug", "is missing", REMEDY)
    if not isinstance(text, str) or not text.strip():
        raise LineError("empty_text", "text", "is empty", "leave the insert out")
    check_characters(text, "text")
    return Insert(drug, section, text)


def _part(given: Mapping[str, Any], part: str) -> Any:
    return next((given[name] for name in NAMES[part] if given.get(name)), None)


def pieces_of(source: Source, options: Options) -> Iterator[Piece]:
    """Read the inserts, one a piece, in whichever of the forms the file has."""
    if source.encoding == ARCHIVE:
        return _workbook(source)
    first = next((one.content for one in source.pieces() if isinstance(one.content, str)), "")
    start = first.lstrip()[:1]
    if start == "{":
        return source.pieces()
    if start == "[":
        return array.split(source, options)
    if PAPER.match(first):
        return _paper(source)
    return _table(source, first)


def _workbook(source: Source) -> Iterator[Piece]:
    if not fits(dict.fromkeys(header_of(source))):
        raise FileError("missing_column", f"The first row must name the columns: {REMEDY}")
    return rows_of(source)


def _table(source: Source, first: str) -> Iterator[Piece]:
    for delimiter, names in table.readings_of(first):
        if fits(dict.fromkeys(names)):
            return table.rows(source, delimiter, names)
    raise FileError(
        "missing_column",
        "The first line must name the columns drug, section and text (药名, 章节, 内容), or begin "
        "an object or `<药名><章节><`; add the header, or choose another format",
    )


def _paper(source: Source) -> Iterator[Piece]:
    """Read `<药名><章节><正文>`; the text may go over several lines, to the next drug."""
    waiting: list[Piece] = []
    size = 0
    for piece in source.pieces():
        if isinstance(piece.content, LineError):
            yield piece
            continue
        if PAPER.match(piece.content) and waiting:
            yield _from_paper(waiting)
            waiting, size = [], 0
        size += len(piece.content)
        if size <= MAX_LINE_BYTES:
            waiting.append(piece)
    if waiting:
        yield _from_paper(waiting)


def _from_paper(lines: list[Piece]) -> Piece:
    number = lines[0].number
    found = PAPER.match("\n".join(one.content for one in lines))
    if found is None:
        problem = "does not begin with <药名><章节><"
        return Piece(number, LineError("unreadable_insert", "line", problem, REMEDY))
    text = found["text"].rstrip()
    parts = {**found.groupdict(), "text": text.removesuffix(">")}
    return Piece(number, parts)
