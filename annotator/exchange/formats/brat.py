"""brat's standoff files in a zip: a `.txt` and a `.ann` for each document.

A `.txt` with several lines is cut at their ends, as brat shows them. Relata writes a hundred
sentences to a document, a line each, with brat's own configuration; brat allows Latin names of
types only, so others are coded and shown by their labels. `relata.json` keeps ids and names. What
is lost: denied pairs, meta data. Discontinuous spans are refused; events, attributes and notes are
left out, with a note.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotator.exchange.formats.drafts import Draft, FileError, LineError, Note, Options, Piece
from annotator.exchange.formats.sources import ARCHIVE, Source, open_archive
from annotator.exchange.formats.spans import Arrow, Span, joined, left_out
from annotator.exchange.formats.strict import check_id, check_text
from annotator.exchange.formats.writing import About, Pages, Record
from extraction.types import Schema

KEPT = "relata.json"
MOST_BYTES = 20_000_000  # of one document
LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*$")
T_LINE = re.compile(r"T\S+\t(\S+) ([^\t]+)\t?(.*)$")
R_LINE = re.compile(r"R\S+\t(\S+) (\S+):(T\S+) (\S+):(T\S+)\s*$")
PLACE = re.compile(r"(\d{1,9}) (\d{1,9})$")
SENTENCES = 100  # of a document
BREAK = re.compile(r"[\r\n]")
BLANK = re.compile(r"[\r\n\t\v\f\x1c-\x1e\x85\u2028\u2029]")
STAMP = (1980, 1, 1, 0, 0, 0)


@dataclass(slots=True)
class Document:
    """One pair of files, as read: spans and arrows by brat's ids, and what has no place here."""

    name: str
    text: str
    ids: list[str] = field(default_factory=list)  # of its sentences, where Relata wrote it
    is_whole: bool = False  # one sentence of several lines
    spans: dict[str, Span] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)
    others: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a document: its text, where it begins, and what is said of it."""

    document: Document
    start: int
    end: int
    place: int  # among the sentences of its document


def fits(names: Mapping[str, Any]) -> bool:
    """Tell whether the archive holds standoff files."""
    return any(name.endswith(".ann") for name in names)


def split(source: Source, options: Options) -> Iterator[Piece]:  # noqa: ARG001 - one of the readers
    """Read the documents in the order of their names, a sentence after the other."""
    if source.encoding != ARCHIVE:
        raise FileError("not_an_archive", "brat's files come as a zip; pack .txt and .ann together")
    with open_archive(source) as archive:
        names = set(archive.namelist())
        kept = _kept(archive) if KEPT in names else {}
        number = 0
        for place, name in enumerate(sorted(one for one in names if one.endswith(".txt")), start=1):
            for content in _document(archive, name, names, kept):
                number += 1
                yield Piece(number, content, line=place)


def _kept(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        kept = json.loads(_read(archive, KEPT))
    except (ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _read(archive: zipfile.ZipFile, name: str) -> str:
    """Unpack a file in memory and decode it, or raise with its name."""
    if archive.getinfo(name).file_size > MOST_BYTES:
        problem = f"is larger than {MOST_BYTES} bytes"
        raise LineError("line_too_long", name, problem, "cut the document")
    try:
        raw = archive.read(name)
    except Exception as error:  # zlib.error, lzma's and struct's have no common parent
        problem = "cannot be unpacked"
        raise LineError("unreadable_archive", name, problem, "pack it again") from error
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LineError("wrong_encoding", name, "is not UTF-8", "save it as UTF-8") from error


def _document(
    archive: zipfile.ZipFile, name: str, names: set[str], kept: dict[str, Any]
) -> Iterator[Line | LineError]:
    """Give the sentences of one document, or why it cannot be taken."""
    try:
        document = Document(name, _read(archive, name))
        _note_kept(document, kept)
        beside = f"{name.removesuffix('.txt')}.ann"
        if beside in names:
            _annotate(document, _read(archive, beside), beside, _names_of(kept))
    except LineError as error:
        yield error
        return
    if document.is_whole:
        yield Line(document, 0, len(document.text), 0)
        return
    start = place = 0
    for line in document.text.split("\n"):
        if line.strip():
            yield Line(document, start, start + len(line.rstrip("\r")), place)
            place += 1
        start += len(line) + 1


def _note_kept(document: Document, kept: dict[str, Any]) -> None:
    documents = kept.get("documents")
    known = documents.get(document.name) if isinstance(documents, dict) else None
    ids = known.get("ids") if isinstance(known, dict) else None
    if isinstance(known, dict) and isinstance(ids, list):
        document.ids, document.is_whole = list(map(str, ids)), known.get("whole") is True
    else:
        document.text = document.text.removeprefix("\ufeff")


def _names_of(kept: dict[str, Any]) -> dict[str, str]:
    names = kept.get("types")
    if not isinstance(names, dict):
        return {}
    return {key: value for key, value in names.items() if isinstance(value, str)}


def _annotate(document: Document, plain: str, beside: str, names: dict[str, str]) -> None:
    for number, line in enumerate(plain.split("\n"), start=1):
        place = f"{beside} line {number}"
        if line.startswith("T"):
            _span(document, line, place, names)
        elif line.startswith("R"):
            found = R_LINE.match(line)
            if found is None:
                raise LineError(
                    "unreadable_line", place, "is no relation", "write R1<tab>Type Arg1:T1 Arg2:T2"
                )
            kind = names.get(found[1], found[1])
            document.arrows.append(Arrow(found[3], found[5], kind))
        elif line.strip():
            document.others.add(line[0])


def _span(document: Document, line: str, place: str, names: dict[str, str]) -> None:
    found = T_LINE.match(line)
    if found is None:
        raise LineError("unreadable_line", place, "is no entity", "write T1<tab>Type 0 3<tab>text")
    span = PLACE.match(found[2].strip())
    if span is None:
        problem = f"has the span “{found[2][:40]}”"
        raise LineError("discontinuous_span", place, problem, "write one start and one end")
    kind = names.get(found[1], found[1])
    ident = line.split("\t", 1)[0]
    document.spans[ident] = Span(ident, int(span[1]), int(span[2]), kind)


def parse(piece: Piece, options: Options) -> Draft:
    """Read one sentence of a document."""
    line: Line = piece.content
    document = line.document
    text = check_text(document.text[line.start : line.end], document.name)
    ident = document.ids[line.place] if line.place < len(document.ids) else ""
    name = "" if document.ids else _stem(document.name)
    draft = Draft(text=text, id=check_id(ident), document=name)
    if options.labels == "ignore":
        return draft
    inside = [one for one in document.spans.values() if line.start <= one.start < line.end]
    ids = {one.ident for one in inside}
    arrows = [one for one in document.arrows if one.head in ids]
    across = [one for one in arrows if one.tail not in ids]
    moved = [one._replace(start=one.start - line.start, end=one.end - line.start) for one in inside]
    arrows = [one for one in arrows if one.tail in ids]
    merged, notes = joined(moved, arrows, len(text), options.symmetric)
    return draft._replace(
        graph=merged.graph, notes=(*notes, *_across(across), *left_out(document.others, "lines"))
    )


def _stem(name: str) -> str:
    return name.rsplit("/", 1)[-1].removesuffix(".txt")[:300]


def _across(arrows: list[Arrow]) -> tuple[Note, ...]:
    if not arrows:
        return ()
    message = f"{len(arrows)} relations go to another line and were left out"
    return (Note("relation_across_lines", message),)


def write(pages: Pages, about: About) -> Iterator[bytes]:
    """Write the documents, then what brat and Relata need to read them."""
    sink = _Sink()
    names = latin_names(about.schema)
    written: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in pages:
            for some in _documents(page):
                stem = f"{len(written) + 1:08}"
                is_whole = bool(BREAK.search(some[0].example.text))
                ids = [one.example.id for one in some]
                written[f"{stem}.txt"] = {"ids": ids, "whole": is_whole}
                end = "" if is_whole else "\n"
                _put(archive, f"{stem}.txt", "".join(f"{one.example.text}{end}" for one in some))
                _put(archive, f"{stem}.ann", _spelled(some, names))
            yield sink.taken()
        _put(archive, "annotation.conf", _annotation_conf(about.schema, names))
        _put(archive, "visual.conf", _visual_conf(names))
        coded = {latin: name for name, latin in names.items() if latin != name}
        kept = {"documents": written, "types": coded}
        _put(archive, KEPT, json.dumps(kept, ensure_ascii=False))
    yield sink.taken()


def _documents(page: Iterable[Record]) -> Iterator[list[Record]]:
    """Put sentences together; one of several lines stands alone."""
    waiting: list[Record] = []
    for record in page:
        is_alone = BREAK.search(record.example.text)
        if waiting and (is_alone or len(waiting) == SENTENCES):
            yield waiting
            waiting = []
        if is_alone:
            yield [record]
        else:
            waiting.append(record)
    if waiting:
        yield waiting


class _Sink(io.RawIOBase):
    """Where the archive is written to, to be sent piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def write(self, part: Any) -> int:
        """Keep a part until it is taken."""
        raw = bytes(part)
        self._parts.append(raw)
        return len(raw)

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _put(archive: zipfile.ZipFile, name: str, text: str) -> None:
    """Add a file; the same content gives the same bytes at any hour."""
    info = zipfile.ZipInfo(name, STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, text.encode())


def _spelled(records: Iterable[Record], names: Mapping[str, str]) -> str:
    """Spell the labels of a document; offsets and numbers go on from line to line."""
    lines: list[str] = []
    begin = entities = relations = 0
    for record in records:
        text, graph = record.example.text, record.example.graph
        for place, one in enumerate(graph.entities, start=entities + 1):
            said = BLANK.sub(" ", text[one.start : one.end])
            span = f"{begin + one.start} {begin + one.end}"
            lines.append(f"T{place}\t{names.get(one.type, one.type)} {span}\t{said}")
        for place, arrow in enumerate(graph.relations, start=relations + 1):
            ends = f"Arg1:T{entities + arrow.head + 1} Arg2:T{entities + arrow.tail + 1}"
            lines.append(f"R{place}\t{names.get(arrow.type, arrow.type)} {ends}")
        begin += len(text) + 1
        entities += len(graph.entities)
        relations += len(graph.relations)
    return "".join(f"{line}\n" for line in lines)


def latin_names(schema: Schema) -> dict[str, str]:
    """Return a name that brat allows for every type: its own, or its UTF-8 in hexadecimal."""
    own = [*schema.entity_types, *(rule.name for rule in schema.relations)]
    return {name: name if LATIN.match(name) else f"x{name.encode().hex().upper()}" for name in own}


def _annotation_conf(schema: Schema, names: Mapping[str, str]) -> str:
    lines = ["[entities]", *(names[one] for one in schema.entity_types), "[relations]"]
    for rule in schema.relations:
        pairs = rule.pairs or tuple(
            (head, tail) for head in schema.entity_types for tail in schema.entity_types
        )
        how = ", <REL-TYPE>:symmetric" if rule.symmetric else ""
        lines += [
            f"{names[rule.name]}\tArg1:{names[head]}, Arg2:{names[tail]}{how}"
            for head, tail in pairs
        ]
    return "\n".join([*lines, "[events]", "[attributes]", ""])


def _visual_conf(names: Mapping[str, str]) -> str:
    labels = [f"{latin} | {name}" for name, latin in names.items() if latin != name]
    return "\n".join(["[labels]", *labels, "[drawing]", ""])
