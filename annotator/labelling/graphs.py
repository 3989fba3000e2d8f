"""Graphs as stored JSON: checked against text and schema, turned into the engine's values and back.

Pure: the same check stands behind the API, the import and the tests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from annotator.core.errors import InvalidError, UnprocessableError
from extraction.types import Entity, Graph, Relation, Schema

MAX_ENTITIES = 2000
MAX_RELATIONS = 5000
SOURCES = frozenset({"human", "accepted", "edited", "imported"})

Json = dict[str, Any]
EMPTY: Json = {"entities": [], "relations": [], "negatives": []}


class SpanOutsideTextError(UnprocessableError):
    """An entity does not lie inside the sentence."""

    code = "span_outside_text"


class UnknownTypeError(UnprocessableError):
    """The project's schema has no such type."""

    code = "unknown_type"


class IllegalRelationError(UnprocessableError):
    """The schema does not allow this relation between these types."""

    code = "illegal_relation"


class UnknownEndError(UnprocessableError):
    """A relation or denied pair names an entity that is not there, or twice the same."""

    code = "unknown_end"


class DuplicateEntityError(UnprocessableError):
    """The same entity stands twice in the graph."""

    code = "duplicate_entity"


class DuplicateRelationError(UnprocessableError):
    """The same relation stands twice in the graph."""

    code = "duplicate_relation"


class TooManyError(InvalidError):
    """More entities or relations than a sentence can hold."""

    code = "too_many"


def check_graph(graph: Mapping[str, Any], *, text: str, schema: Schema) -> Json:
    """Return the graph in its stored form, or raise with the place and the rule it breaks."""
    entities = [_entity(item) for item in graph.get("entities", ())]
    relations = [_relation(item) for item in graph.get("relations", ())]
    negatives = [_pair(item) for item in graph.get("negatives", ())]
    if len(entities) > MAX_ENTITIES or len(relations) + len(negatives) > MAX_RELATIONS:
        raise TooManyError("Too many entities or relations in one sentence")
    types = _check_entities(entities, len(text), schema)
    _check_relations(relations, types, schema)
    _check_negatives(negatives, relations, types)
    return {"entities": entities, "relations": relations, "negatives": negatives}


def _entity(item: Mapping[str, Any]) -> Json:
    return {
        "id": str(item["id"]),
        "start": item["start"],
        "end": item["end"],
        "type": item["type"],
        "source": item.get("source", "human"),
    }


def _relation(item: Mapping[str, Any]) -> Json:
    return {
        "head": str(item["head"]),
        "tail": str(item["tail"]),
        "type": item["type"],
        "source": item.get("source", "human"),
    }


def _pair(item: Mapping[str, Any]) -> Json:
    return {"head": str(item["head"]), "tail": str(item["tail"])}


def _check_entities(entities: list[Json], length: int, schema: Schema) -> dict[str, str]:
    """Return the type of each entity id."""
    types: dict[str, str] = {}
    seen: set[tuple[int, int, str]] = set()
    for index, entity in enumerate(entities):
        ident, start, end, kind = entity["id"], entity["start"], entity["end"], entity["type"]
        place = {"entity": ident, "index": index}
        if not 0 <= start < end <= length:
            raise SpanOutsideTextError(
                "The entity does not lie inside the sentence",
                **place,
                start=start,
                end=end,
                length=length,
            )
        if kind not in schema.entity_types:
            raise UnknownTypeError(
                "The schema has no such entity type",
                **place,
                type=kind,
                known=list(schema.entity_types),
            )
        if ident in types or (start, end, kind) in seen:
            raise DuplicateEntityError("The entity stands twice in the graph", **place, type=kind)
        types[ident] = kind
        seen.add((start, end, kind))
    return types


def _check_relations(relations: list[Json], types: Mapping[str, str], schema: Schema) -> None:
    rules = {rule.name: rule for rule in schema.relations}
    seen: set[tuple[str, str, str]] = set()
    for index, relation in enumerate(relations):
        head, tail, kind = relation["head"], relation["tail"], relation["type"]
        place = {"index": index, "head": head, "tail": tail, "type": kind}
        _check_ends(head, tail, types, place)
        rule = rules.get(kind)
        if rule is None:
            raise UnknownTypeError(
                "The schema has no such relation type", **place, known=list(rules)
            )
        if not rule.allows(types[head], types[tail]):
            raise IllegalRelationError(
                "The schema does not allow this relation between these types",
                **place,
                head_type=types[head],
                tail_type=types[tail],
            )
        twins = {(head, tail, kind), (tail, head, kind)} if rule.symmetric else {(head, tail, kind)}
        if seen & twins:
            raise DuplicateRelationError("The relation stands twice in the graph", **place)
        seen |= twins


def _check_negatives(
    negatives: list[Json], relations: list[Json], types: Mapping[str, str]
) -> None:
    related = {(relation["head"], relation["tail"]) for relation in relations}
    for index, pair in enumerate(negatives):
        place = {"index": index, "head": pair["head"], "tail": pair["tail"]}
        _check_ends(pair["head"], pair["tail"], types, place)
        if (pair["head"], pair["tail"]) in related:
            raise DuplicateRelationError("The pair is both related and denied", **place)


def _check_ends(head: str, tail: str, types: Mapping[str, str], place: Json) -> None:
    if head not in types or tail not in types or head == tail:
        raise UnknownEndError("Both ends must be two different entities of this graph", **place)


def from_example(graph: Graph, *, source: str) -> Json:
    """Spell the engine's graph as stored JSON; entity ids are e1, e2, … in its order."""
    ids = [f"e{number}" for number in range(1, len(graph.entities) + 1)]
    return {
        "entities": [
            {"id": ident, "start": e.start, "end": e.end, "type": e.type, "source": source}
            for ident, e in zip(ids, graph.entities, strict=True)
        ],
        "relations": [
            {"head": ids[r.head], "tail": ids[r.tail], "type": r.type, "source": source}
            for r in graph.relations
        ],
        "negatives": [{"head": ids[head], "tail": ids[tail]} for head, tail in graph.negatives],
    }


def to_graph(stored: Mapping[str, Any]) -> Graph:
    """Return the engine's value of a stored graph."""
    place = {entity["id"]: index for index, entity in enumerate(stored["entities"])}
    return Graph(
        entities=tuple(Entity(e["start"], e["end"], e["type"]) for e in stored["entities"]),
        relations=tuple(
            Relation(place[r["head"]], place[r["tail"]], r["type"]) for r in stored["relations"]
        ),
        negatives=tuple((place[n["head"]], place[n["tail"]]) for n in stored.get("negatives", ())),
    )


def meaning(stored: Mapping[str, Any]) -> tuple[Iterable[Any], ...]:
    """Return what the graph says regardless of ids, order and source: two equal ones agree."""
    span = {e["id"]: (e["start"], e["end"], e["type"]) for e in stored["entities"]}
    return (
        frozenset(span.values()),
        frozenset((span[r["head"]], span[r["tail"]], r["type"]) for r in stored["relations"]),
    )


def content_hash(value: Any) -> str:
    """Return the SHA-256 of a JSON value in one canonical spelling."""
    plain = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()
