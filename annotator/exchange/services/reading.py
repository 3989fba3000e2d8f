"""From a stored file to batches that only need to be written: read, checked, fingerprinted."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from annotator.core.errors import DomainError
from annotator.corpus.groups import fingerprint
from annotator.corpus.services import DocumentKey, Incoming
from annotator.exchange.formats import Reading
from annotator.exchange.formats.drafts import Counted, Draft, LineError, Options, Piece
from annotator.exchange.formats.sources import Source
from annotator.labelling.graphs import Json, check_graph, from_example
from extraction.types import Schema

T = TypeVar("T")

REMEDIES = {
    "unknown_type": "correct the label, or add the type to the schema",
    "illegal_relation": "correct the label, or let the schema allow the pair",
    "duplicate_entity": "list each entity once",
    "duplicate_relation": "list each relation once",
    "unknown_end": "name two different entities by their places in the list, from 0",
}
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """What the report says of one line."""

    line: int
    code: str
    message: str

    def as_json(self) -> Json:
        """Return the row of the report."""
        return {"line": self.line, "code": self.code, "message": self.message}


class Ready(NamedTuple):
    """A line that needs nothing but to be stored. `graph` is its labels in stored form."""

    line: int
    draft: Draft
    incoming: Incoming
    graph: Json | None


@dataclass(slots=True)
class Batch:
    """Some lines in a row; `last` is the number of the last one, `offset` the bytes read so far."""

    ready: list[Ready] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    last: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Reader:
    """What turns a file into batches: its format, what to do with labels, and the schema."""

    source: Source
    reading: Reading
    options: Options
    schema: Schema

    def batches(self, *, after: int, size: int) -> Iterator[Batch]:
        """Read the pieces numbered above `after`, `size` at a time."""
        pieces = (
            one for one in self.reading.split(self.source, self.options) if one.number > after
        )
        while some := list(islice(pieces, size)):
            batch = Batch(last=some[-1].number, offset=self.source.file.tell())
            for piece in some:
                self._take(piece, batch)
            yield batch

    def _take(self, piece: Piece, batch: Batch) -> None:
        line = piece.number if piece.line is None else piece.line
        if isinstance(piece.content, Counted):
            batch.counts.update(piece.content.counts)
            return
        try:
            if isinstance(piece.content, LineError):
                raise piece.content
            draft = self.reading.parse(piece, self.options)
            graph = self._checked(draft)
        except LineError as error:
            batch.refused.append(Problem(line, error.code, str(error)))
            return
        has_gold = graph is not None and self.options.labels == "gold"
        batch.ready.append(Ready(line, draft, _incoming(draft, has_gold=has_gold), graph))
        batch.notes.extend(Problem(line, one.code, one.message) for one in draft.notes)

    def _checked(self, draft: Draft) -> Json | None:
        """Return the labels in stored form if the schema allows them."""
        if draft.graph is None:
            return None
        graph = from_example(draft.graph, source="imported")
        try:
            return check_graph(graph, text=draft.text, schema=self.schema)
        except DomainError as error:
            raise _line_error(error) from error


def one_ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """Make the next item in a thread while the caller works at this one (and waits for SQL)."""
    with ThreadPoolExecutor(1, thread_name_prefix="import-reader") as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item


def _incoming(draft: Draft, *, has_gold: bool) -> Incoming:
    return Incoming(
        text=draft.text,
        text_hash=hashlib.sha256(draft.text.encode()).hexdigest()[:32],
        fingerprint=fingerprint(draft.text),
        external_id=draft.id,
        document=_document(draft),
        passage=(draft.passage.start, draft.passage.end) if draft.passage else None,
        meta=draft.meta,
        has_gold=has_gold,
    )


def _document(draft: Draft) -> DocumentKey | None:
    if not (draft.document or draft.section):
        return None
    return DocumentKey(draft.document, draft.section, draft.passage.text if draft.passage else "")


def _line_error(error: DomainError) -> LineError:
    """Say in the words of a file what the labelling room said in those of a graph."""
    context: dict[str, Any] = error.context
    part = "entities" if "entity" in context else "relations"
    problem = error.message[:1].lower() + error.message[1:]
    if "type" in context:
        problem += f" (“{str(context['type'])[:SHOWN]}”)"
    if "known" in context:
        problem += f"; it has {', '.join(context['known'])[:SHOWN]}"
    remedy = REMEDIES.get(error.code, "correct the label")
    return LineError(error.code, f"{part}[{context.get('index', 0)}]", problem, remedy)
