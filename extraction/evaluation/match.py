"""What counts as the same statement: the sets that gold and prediction are compared by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from extraction.types import Entity, Graph, Relation

Statement = tuple[str, tuple[Any, ...]]  # the type it is counted under, and what must agree
Key = frozenset[Statement]


@dataclass(frozen=True, slots=True)
class Reading:
    """A graph of a sentence, and which relation types have no direction."""

    graph: Graph
    text: str
    symmetric: frozenset[str] = frozenset()


def entities_strict(reading: Reading) -> Key:
    """Span and type (NER strict)."""
    return frozenset((one.type, (one.start, one.end)) for one in reading.graph.entities)


def relations_boundary(reading: Reading) -> Key:
    """Relation type and both spans (RE boundary, "rel")."""
    return frozenset(
        (one.type, ((head.start, head.end), (tail.start, tail.end)))
        for one, head, tail in _arrows(reading)
    )


def relations_strict(reading: Reading) -> Key:
    """Relation type, both spans and both entity types (RE strict, "rel+")."""
    return frozenset(
        (one.type, ((head.start, head.end, head.type), (tail.start, tail.end, tail.type)))
        for one, head, tail in _arrows(reading)
    )


def triples_by_text(reading: Reading) -> Key:
    """Relation type and the surface of both ends, wherever they stand (triple text match)."""
    return frozenset(
        (one.type, _surfaces(reading, one, head, tail)) for one, head, tail in _arrows(reading)
    )


Match = Callable[[Reading], Key]

MATCHES: Mapping[str, Match] = {
    "ner_strict": entities_strict,
    "re_boundary": relations_boundary,
    "re_strict": relations_strict,
    "triple_text": triples_by_text,
}


def _arrows(reading: Reading) -> list[tuple[Relation, Entity, Entity]]:
    """Relations with their ends; a symmetric one's ends stand in the order of the text."""
    arrows: list[tuple[Relation, Entity, Entity]] = []
    entities = reading.graph.entities
    for relation in reading.graph.relations:
        head, tail = entities[relation.head], entities[relation.tail]
        if relation.type in reading.symmetric and _place(tail) < _place(head):
            head, tail = tail, head
        arrows.append((relation, head, tail))
    return arrows


def _place(entity: Entity) -> tuple[int, int, str]:
    return entity.start, entity.end, entity.type


def _surfaces(reading: Reading, one: Relation, head: Entity, tail: Entity) -> tuple[str, ...]:
    ends = (reading.text[head.start : head.end], reading.text[tail.start : tail.end])
    return tuple(sorted(ends)) if one.type in reading.symmetric else ends
