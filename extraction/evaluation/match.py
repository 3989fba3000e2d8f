"""What counts as the same statement: the sets that gold and prediction are compared by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extraction.types import Entity, Graph, Relation

Statement = tuple[str, tuple[Any, ...]]  # the type it is counted under, and what must agree
Key = frozenset[Statement]


def entities_strict(graph: Graph, text: str, symmetric: frozenset[str]) -> Key:
    """Span and type (NER strict)."""
    return frozenset((one.type, (one.start, one.end)) for one in graph.entities)


def relations_boundary(graph: Graph, text: str, symmetric: frozenset[str]) -> Key:
    """Relation type and both spans (RE boundary, "rel")."""
    return frozenset(
        (one.type, ((head.start, head.end), (tail.start, tail.end)))
        for one, head, tail in _arrows(graph, symmetric)
    )


def relations_strict(graph: Graph, text: str, symmetric: frozenset[str]) -> Key:
    """Relation type, both spans and both entity types (RE strict, "rel+")."""
    return frozenset(
        (one.type, ((head.start, head.end, head.type), (tail.start, tail.end, tail.type)))
        for one, head, tail in _arrows(graph, symmetric)
    )


def triples_by_text(graph: Graph, text: str, symmetric: frozenset[str]) -> Key:
    """Relation type and the surface of both ends, wherever they stand (triple text match)."""
    return frozenset(
        (one.type, _surfaces(text, head, tail, is_sorted=one.type in symmetric))
        for one, head, tail in _arrows(graph, symmetric)
    )


MATCHES: Mapping[str, Any] = {
    "ner_strict": entities_strict,
    "re_boundary": relations_boundary,
    "re_strict": relations_strict,
    "triple_text": triples_by_text,
}


def _arrows(graph: Graph, symmetric: frozenset[str]) -> list[tuple[Relation, Entity, Entity]]:
    """Relations with their ends; a symmetric one's ends stand in the order of the text."""
    arrows: list[tuple[Relation, Entity, Entity]] = []
    for relation in graph.relations:
        head, tail = graph.entities[relation.head], graph.entities[relation.tail]
        if relation.type in symmetric and _place(tail) < _place(head):
            head, tail = tail, head
        arrows.append((relation, head, tail))
    return arrows


def _place(entity: Entity) -> tuple[int, int, str]:
    return entity.start, entity.end, entity.type


def _surfaces(text: str, head: Entity, tail: Entity, *, is_sorted: bool) -> tuple[str, ...]:
    ends = (text[head.start : head.end], text[tail.start : tail.end])
    return tuple(sorted(ends)) if is_sorted else ends
