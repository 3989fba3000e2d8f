"""Labels that a file says twice, said once: real corpora repeat themselves."""

from __future__ import annotations

from typing import NamedTuple

from extraction.types import Entity, Graph, Relation


class Merged(NamedTuple):
    """A graph without repetitions, and the places of what was kept in the one before."""

    graph: Graph
    entities: list[int]
    relations: list[int]

    def left_out(self, before: Graph) -> int:
        """Return how many labels were repetitions."""
        return (
            len(before.entities) + len(before.relations) - len(self.entities) - len(self.relations)
        )


def merge(graph: Graph, symmetric: frozenset[str]) -> Merged:
    """Keep the first of equal entities and of equal relations, which then join what was kept."""
    first: dict[tuple[int, int, str], int] = {}
    kept_entities: list[int] = []
    new_place: list[int] = []
    for place, entity in enumerate(graph.entities):
        key = (entity.start, entity.end, entity.type)
        if key not in first:
            first[key] = len(kept_entities)
            kept_entities.append(place)
        new_place.append(first[key])
    relations: dict[tuple[int, int, str], int] = {}
    for place, relation in enumerate(graph.relations):
        head, tail = new_place[relation.head], new_place[relation.tail]
        is_mirrored = relation.type in symmetric and (tail, head, relation.type) in relations
        if not is_mirrored:
            relations.setdefault((head, tail, relation.type), place)
    if len(kept_entities) == len(graph.entities) and len(relations) == len(graph.relations):
        return Merged(graph, kept_entities, list(relations.values()))
    said_once = Graph(
        entities=tuple(Entity(*key) for key in first),
        relations=tuple(Relation(*key) for key in relations),
        negatives=tuple((new_place[head], new_place[tail]) for head, tail in graph.negatives),
    )
    return Merged(said_once, kept_entities, list(relations.values()))
