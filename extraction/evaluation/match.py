"""What counts as the same statement: the sets that gold and prediction are compared by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from extraction.types import Entity, Example, Graph, Relation

Statement = tuple[str, tuple[Any, ...]]  # the type it is counted under, and what must agree
Key = frozenset[Statement]
KeyPair = tuple[Key, Key]  # what gold says of a sentence, what the prediction says


@dataclass(frozen=True, slots=True)
class Reading:
    """A graph of a sentence, and by which rules it is read.

    `symmetric` names the relation types without direction. `no_overlapping` leaves out
    entities that overlap another one, and relations whose two ends overlap each other
    (ADE without overlap, as SpERT's evaluator does it).
    """

    graph: Graph
    text: str
    symmetric: frozenset[str] = frozenset()
    no_overlapping: bool = False


def entities_strict(reading: Reading) -> Key:
    """Span and type (NER strict)."""
    entities = frozenset((one.type, (one.start, one.end)) for one in reading.graph.entities)
    return _alone(entities) if reading.no_overlapping else entities


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


def key_pairs(
    examples: Sequence[Example],
    said: Iterable[Graph],
    symmetric: frozenset[str] = frozenset(),
    *,
    no_overlapping: bool = False,
) -> dict[str, list[KeyPair]]:
    """For each measure, what gold and prediction say of each sentence, in order."""
    readings = [
        (
            Reading(one.graph, one.text, symmetric, no_overlapping),
            Reading(graph, one.text, symmetric, no_overlapping),
        )
        for one, graph in zip(examples, said, strict=True)
    ]
    return {
        name: [(match(gold), match(guess)) for gold, guess in readings]
        for name, match in MATCHES.items()
    }


def _alone(entities: Key) -> Key:
    """The entities that share no place with another one; two types of one span overlap, too."""
    return frozenset(
        one
        for one in entities
        if not any(one != other and _overlap(one[1], other[1]) for other in entities)
    )


def _overlap(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _arrows(reading: Reading) -> list[tuple[Relation, Entity, Entity]]:
    """Relations with their ends; a symmetric one's ends stand in the order of the text."""
    arrows: list[tuple[Relation, Entity, Entity]] = []
    entities = reading.graph.entities
    for relation in reading.graph.relations:
        head, tail = entities[relation.head], entities[relation.tail]
        if reading.no_overlapping and _overlap((head.start, head.end), (tail.start, tail.end)):
            continue
        if relation.type in reading.symmetric and _place(tail) < _place(head):
            head, tail = tail, head
        arrows.append((relation, head, tail))
    return arrows


def _place(entity: Entity) -> tuple[int, int, str]:
    return entity.start, entity.end, entity.type


def _surfaces(reading: Reading, one: Relation, head: Entity, tail: Entity) -> tuple[str, ...]:
    ends = (reading.text[head.start : head.end], reading.text[tail.start : tail.end])
    return tuple(sorted(ends)) if one.type in reading.symmetric else ends
