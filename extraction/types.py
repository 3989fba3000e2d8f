"""The frozen values that travel between rooms: graphs, predictions, schema.

Offsets are half-open code points of the sentence's text, always.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Entity:
    """A typed span [start, end)."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A typed arrow between two entities, named by their indices."""

    head: int
    tail: int
    type: str


@dataclass(frozen=True, slots=True)
class Graph:
    """What is said of one sentence; `negatives` are (head, tail) pairs said to hold no relation."""

    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    negatives: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """One line of native data."""

    id: str
    text: str
    graph: Graph = field(default_factory=Graph)
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScoredEntity:
    """An entity with the model's chance that span and type are right."""

    start: int
    end: int
    type: str
    confidence: float


@dataclass(frozen=True, slots=True)
class ScoredRelation:
    """A relation with the chance that the whole triple is right, its two ends included."""

    head: int
    tail: int
    type: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A statement the model did not make, with the chance that it should have.

    `span` is the entity, or the relation's head; `tail` is the relation's other end.
    """

    kind: Literal["entity", "relation"]
    type: str
    confidence: float
    span: tuple[int, int]
    tail: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of one sentence, and the strongest candidates it refused.

    `refused` counts in the scores, one type a pair at most. `alternatives` is for people to look
    at: every relation type that was weighed and not said between two entities that were.
    """

    entities: tuple[ScoredEntity, ...] = ()
    relations: tuple[ScoredRelation, ...] = ()
    refused: tuple[Candidate, ...] = ()
    alternatives: tuple[Candidate, ...] = ()

    def graph(self) -> Graph:
        """The statements without their confidence."""
        return Graph(
            tuple(Entity(e.start, e.end, e.type) for e in self.entities),
            tuple(Relation(r.head, r.tail, r.type) for r in self.relations),
        )


@dataclass(frozen=True, slots=True)
class RelationRule:
    """A relation type; no `pairs` means that every pair of entity types is legal."""

    name: str
    symmetric: bool = False
    pairs: tuple[tuple[str, str], ...] = ()

    def allows(self, head_type: str, tail_type: str) -> bool:
        """Tell whether the two types may stand at the ends; a symmetric rule reads both ways."""
        if not self.pairs or (head_type, tail_type) in self.pairs:
            return True
        return self.symmetric and (tail_type, head_type) in self.pairs


@dataclass(frozen=True, slots=True)
class Schema:
    """The entity types and relation types a project knows."""

    entity_types: tuple[str, ...]
    relations: tuple[RelationRule, ...] = ()

    @property
    def symmetric(self) -> frozenset[str]:
        """The names of the relations that have no direction."""
        return frozenset(rule.name for rule in self.relations if rule.symmetric)

    def is_legal(self, head_type: str, relation: str, tail_type: str) -> bool:
        """Tell whether the schema allows this triple of types."""
        return relation in self.types_for(head_type, tail_type)

    def types_for(self, head_type: str, tail_type: str) -> tuple[str, ...]:
        """The relation types that may join these two entity types, in schema order."""
        if head_type not in self.entity_types or tail_type not in self.entity_types:
            return ()
        return tuple(rule.name for rule in self.relations if rule.allows(head_type, tail_type))
