"""Labels that annotation tools name by ids and character offsets: checked and joined."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from annotator.exchange.formats.drafts import LineError, Note
from annotator.exchange.formats.merging import Merged, merge
from annotator.exchange.formats.native import MAX_ENTITIES, MAX_RELATIONS
from extraction.types import Entity, Graph, Relation


class Span(NamedTuple):
    """An entity under the id by which the file's relations name it."""

    ident: Any
    start: Any
    end: Any
    type: str


class Arrow(NamedTuple):
    """A relation between two ids."""

    head: Any
    tail: Any
    type: str


def joined(
    spans: list[Span], arrows: list[Arrow], length: int, symmetric: frozenset[str]
) -> tuple[Merged, tuple[Note, ...]]:
    """Return the graph without repetitions, or raise with the place of what does not fit."""
    if len(spans) > MAX_ENTITIES or len(arrows) > MAX_RELATIONS:
        limit = f"more than {MAX_ENTITIES} entities or {MAX_RELATIONS} relations"
        raise LineError("too_many", "line", f"has {limit}", "cut the text into sentences")
    entities = tuple(_entity(one, f"entities[{i}]", length) for i, one in enumerate(spans))
    places = {_key(one.ident): place for place, one in enumerate(spans)}
    relations = tuple(_relation(one, f"relations[{i}]", places) for i, one in enumerate(arrows))
    said = Graph(entities, relations)
    merged = merge(said, symmetric)
    if merged.graph is said:
        return merged, ()
    count = merged.left_out(said)
    note = Note("repeated_label", f"{count} repeated entities or relations were taken once")
    return merged, (note,)


def _key(ident: Any) -> str:
    return str(ident)


def _entity(span: Span, field: str, length: int) -> Entity:
    start, end = span.start, span.end
    if type(start) is not int or type(end) is not int:
        raise LineError("wrong_type", field, "start and end are no whole numbers", "write both")
    if not 0 <= start < end <= length:
        raise LineError(
            "span_outside_text",
            field,
            f"[{start}, {end}) does not lie inside the text of {length} characters",
            "count code points from 0, the end not included",
        )
    return Entity(start, end, span.type)


def _relation(arrow: Arrow, field: str, places: dict[str, int]) -> Relation:
    ends = [places.get(_key(one)) for one in (arrow.head, arrow.tail)]
    head, tail = ends
    if head is None or tail is None or head == tail:
        problem = "does not join two entities of the line"
        raise LineError("unknown_end", field, problem, "name two different entities by their ids")
    return Relation(head, tail, arrow.type)


def left_out(names: Iterable[str], what: str) -> tuple[Note, ...]:
    """Return a note on labels that Relata has no place for, if there are any."""
    found = sorted(set(names))
    if not found:
        return ()
    return (
        Note("left_out", f"{what} have no place here and were left out: {', '.join(found)[:200]}"),
    )
