"""CoNLL: a token a line, its BIO tag, and, as in multi-head selection, the relations it begins.

    #doc 17
    # text = "布洛芬增强华法林"
    0    布    B-药物    ["N"]    [0]
    2    芬    I-药物    ["协同"]    [7]

A relation stands at the last token of its head and names the last token of its tail. Columns are
separated by tabs. `# text` is how Relata keeps blanks; with it, odd characters in tokens are
escaped as in JSON. Plain files with a token and a tag (BIO, BIOES, BILOU) are read, too.
What is lost: denied pairs, meta data. Entities that overlap cannot be written at all: the export
is refused with a list of the sentences.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from annotator.exchange.formats.drafts import (
    CannotHoldError,
    Draft,
    LineError,
    Options,
    Piece,
)
from annotator.exchange.formats.merging import merge
from annotator.exchange.formats.sources import Source
from annotator.exchange.formats.strict import check_id, check_text
from annotator.exchange.formats.tokens import Token, aligned, joined, token_spans, tokens_of
from annotator.exchange.formats.writing import About, Pages, Record
from extraction.types import Entity, Graph, Relation

DOC = re.compile(r"#\s?doc\b[ \t]*(.*)")
TEXT = re.compile(r"#\s?text\s*=\s*(\".*\")\s*$")
TAG = re.compile(r"(?:O|([BIESLU])-(.+))$")
QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")
BLANK = re.compile(r"\s")
NOTHING = ("N", "O", "NA")
MULTI_HEAD = 5  # columns
MOST_SHOWN = 100
STARTS = frozenset("BSU")
ENDS = frozenset("ESLU")
SPELL = json.JSONEncoder(ensure_ascii=False).encode
ONE_FORM = "write a token and its tag, or the five columns of multi-head selection"


@dataclass(slots=True)
class Row:
    """One token: its word, its tag, and where its relations go."""

    word: str
    letter: str
    type: str
    relations: list[str] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)


def fits(shown: Mapping[str, Any]) -> bool:
    """Tell whether a first line is one of this form."""
    return any(map(_fits, shown))


def _fits(head: str) -> bool:
    if DOC.match(head) or TEXT.match(head) or head.startswith("-DOCSTART-"):
        return True
    cells = head.split("\t")
    return len(cells) > 1 and any(TAG.fullmatch(cell) for cell in cells[1:3])


def split(source: Source, options: Options) -> Iterator[Piece]:  # noqa: ARG001 - one of the readers
    """Read blocks of lines that blank lines or `#doc` part."""
    block: list[Piece] = []
    for piece in source.pieces():
        is_new = isinstance(piece.content, str) and DOC.match(piece.content)
        if block and (is_new or piece.number != block[-1].number + 1):
            yield _block(block)
            block = []
        block.append(piece)
    if block:
        yield _block(block)


def _block(block: list[Piece]) -> Piece:
    bad = next((one for one in block if isinstance(one.content, LineError)), None)
    if bad is not None:
        return bad
    return Piece(block[0].number, [one.content for one in block])


def parse(piece: Piece, options: Options) -> Draft:
    """Read one block."""
    lines: list[str] = piece.content
    ident = next((found[1].strip() for one in lines if (found := DOC.match(one))), "")
    told = next((found[1] for one in lines if (found := TEXT.match(one))), None)
    is_row = [
        not (one.startswith(("#doc", "# doc", "-DOCSTART-")) or TEXT.match(one)) for one in lines
    ]
    rows = [
        _row(line, number, is_escaped=told is not None)
        for number, (line, is_kept) in enumerate(zip(lines, is_row, strict=True))
        if is_kept
    ]
    words = [row.word for row in rows]
    if told is None:
        text, tokens = joined(words)
        check_text(text, "tokens")
    else:
        text, ident = check_text(_json(told, "text")), _json(f'"{ident}"', "#doc")
        tokens = aligned(text, words, "token")
    if options.labels == "ignore" or not rows:
        return Draft(text=text, id=check_id(ident))
    graph = merge(_graph(rows, tokens), options.symmetric).graph
    return Draft(text=text, id=check_id(ident), graph=graph)


def _row(line: str, number: int, *, is_escaped: bool) -> Row:
    cells = line.split("\t") if "\t" in line else line.split()
    place = f"line {number + 1} of the sentence"
    if len(cells) not in {2, 3, 4, MULTI_HEAD}:
        raise LineError("wrong_columns", place, f"has {len(cells)} columns", ONE_FORM)
    is_full = len(cells) == MULTI_HEAD
    word, tag = (cells[1], cells[2]) if is_full else (cells[0], cells[-1])
    found = TAG.fullmatch(tag.strip())
    if found is None:
        raise LineError(
            "unknown_tag", place, f"has the tag “{tag[:50]}”", "write O, B-TYPE or I-TYPE"
        )
    row = Row(_json(f'"{word}"', place) if is_escaped else word, found[1] or "O", found[2] or "")
    if is_full:
        row.relations, row.heads = _names(cells[3], place), _numbers(cells[4], place)
        if len(row.relations) != len(row.heads):
            raise LineError("wrong_columns", place, "has more relations than heads", ONE_FORM)
    return row


def _json(plain: str, place: str) -> str:
    try:
        value: str = json.loads(plain)
    except ValueError as error:
        raise LineError(
            "unreadable_json", place, "is no JSON string", "escape it as JSON"
        ) from error
    return value


def _names(cell: str, place: str) -> list[str]:
    """Read `["N"]` or, as Python prints it, `['N']`."""
    if "'" in cell and '"' not in cell:
        return QUOTED.findall(cell)
    return _list(cell, str, place)


def _numbers(cell: str, place: str) -> list[int]:
    return _list(cell, int, place)


def _list(cell: str, kind: type, place: str) -> list[Any]:
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, list) or not all(type(one) is kind for one in value):
        raise LineError("wrong_columns", place, f"has “{cell[:50]}” where a list stands", ONE_FORM)
    return value


def _graph(rows: Sequence[Row], tokens: Sequence[Token]) -> Graph:
    spans = _spans(rows)
    entities = [Entity(tokens[a].start, tokens[b - 1].end, kind) for a, b, kind in spans]
    by_last = {end - 1: place for place, (_, end, _) in enumerate(spans)}
    relations = [
        Relation(*_ends(by_last, number, tail), name)
        for number, row in enumerate(rows)
        for name, tail in zip(row.relations, row.heads, strict=True)
        if name not in NOTHING
    ]
    return Graph(tuple(entities), tuple(relations))


def _ends(by_last: dict[int, int], head: int, tail: int) -> tuple[int, int]:
    if head not in by_last or tail not in by_last or head == tail:
        problem = f"{head} -> {tail} does not join the last tokens of two entities"
        raise LineError("unknown_end", "relations", problem, "count tokens from 0 in each sentence")
    return by_last[head], by_last[tail]


def _spans(rows: Sequence[Row]) -> list[tuple[int, int, str]]:
    """Return the entities as [first token, token after the last) with their types."""
    spans: list[tuple[int, int, str]] = []
    is_open = False
    for place, row in enumerate(rows):
        goes_on = is_open and row.letter not in STARTS and row.type == spans[-1][2]
        if row.letter == "O":
            is_open = False
            continue
        if goes_on:
            start, _, kind = spans[-1]
            spans[-1] = (start, place + 1, kind)
        else:
            spans.append((place, place + 1, row.type))
        is_open = row.letter not in ENDS
    return spans


def refuse_overlaps(pages: Pages, about: About) -> None:  # noqa: ARG001 - one of the checks
    """Raise if any sentence has entities that overlap, with the ids of the first of them."""
    ids = [one.example.id for page in pages for one in page if _overlaps(one)]
    if ids:
        raise CannotHoldError(
            "nested_entities",
            f"{len(ids)} sentences have entities that overlap, which BIO tags cannot say; choose "
            "another format",
            ids[:MOST_SHOWN],
            len(ids),
        )


def _overlaps(record: Record) -> bool:
    spans = sorted((one.start, one.end) for one in record.example.graph.entities)
    return any(one[1] > other[0] for one, other in pairwise(spans))


def _escaped(plain: str) -> str:
    """Spell a string as JSON does, without quotes and without any blank."""
    return BLANK.sub(lambda found: f"\\u{ord(found.group()):04x}", SPELL(plain)[1:-1])


def spell(record: Record, about: About) -> str:  # noqa: ARG001 - one of the writers
    """Spell a sentence as a block, a blank line after it."""
    example = record.example
    entities = example.graph.entities
    tokens = tokens_of(example.text, entities)
    spans = token_spans(tokens, entities)
    tags = ["O"] * len(tokens)
    for one, (start, end) in zip(entities, spans, strict=True):
        tags[start:end] = [f"B-{one.type}", *[f"I-{one.type}"] * (end - start - 1)]
    names: dict[int, list[str]] = {}
    heads: dict[int, list[int]] = {}
    for relation in example.graph.relations:
        last = spans[relation.head][1] - 1
        names.setdefault(last, []).append(relation.type)
        heads.setdefault(last, []).append(spans[relation.tail][1] - 1)
    lines = [f"#doc {_escaped(example.id)}", f"# text = {SPELL(example.text)}"]
    for place, (token, tag) in enumerate(zip(tokens, tags, strict=True)):
        word = _escaped(example.text[token.start : token.end])
        said = SPELL(names.get(place, ["N"]))
        lines.append(f"{place}\t{word}\t{tag}\t{said}\t{SPELL(heads.get(place, [place]))}")
    return "\n".join(lines) + "\n"
