"""Draws a wrong triple to put among a suggestion: legal under the schema, not what the model says.

Pure. The draw is a hash of the project's seed, the sentence and the person, so that handing a
sentence back and taking it again is no second draw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from itertools import permutations
from statistics import median
from typing import Any

from extraction.types import Schema

UNLIKELY = 0.05  # a type that the model gives a pair less than this may be planted there
USUAL = 0.8  # confidence where the suggestion holds no relation to take it from

Json = dict[str, Any]
Ends = tuple[int, int, int, int]


def draw(seed: int, sentence_id: int, person_id: int, purpose: str) -> float:
    """Return a number in [0, 1) that belongs to a person at a sentence for ever."""
    drawn = hashlib.sha256(f"{purpose} {seed} {sentence_id} {person_id}".encode()).digest()
    return int.from_bytes(drawn[:6], "big") / 2**48


def wrong_triple(graph: Mapping[str, Any], schema: Schema, chance: float) -> Json | None:
    """Choose among all wrong triples by a number in [0, 1); None where there is none.

    Pairs between which the model says nothing come first.
    """
    said = {_ends_of(graph, one) for one in graph["relations"]}
    found = list(_candidates(graph, schema))
    silent = [one for one in found if not {_ends(one), _turned(one)} & said]
    chosen = silent or found
    if not chosen:
        return None
    sure = [one["confidence"] for one in graph["relations"]]
    triple = chosen[int(chance * len(chosen))]
    return {**triple, "confidence": round(median(sure) if sure else USUAL, 4)}


def with_plant(graph: Mapping[str, Any], triple: Mapping[str, Any]) -> Json:
    """Return a suggestion with the triple among its relations; as it is where an end is missing."""
    ids = {(one["start"], one["end"], one["type"]): one["id"] for one in graph["entities"]}
    head, tail = (
        ids.get((triple[end]["start"], triple[end]["end"], triple[end]["type"]))
        for end in ("head", "tail")
    )
    if head is None or tail is None:
        return dict(graph)
    confidence = triple["confidence"]
    planted = {"head": head, "tail": tail, "type": triple["type"], "confidence": confidence}
    middle = len(graph["relations"]) // 2
    relations = [*graph["relations"][:middle], planted, *graph["relations"][middle:]]
    alternatives = [
        {**one, "confidence": confidence} if _is_of(one, triple) else one
        for one in graph.get("alternatives", ())
    ]
    return {**graph, "relations": relations, "alternatives": alternatives}


def _candidates(graph: Mapping[str, Any], schema: Schema) -> Iterator[Json]:
    """Yield the legal triples between suggested entities that the model does not believe in."""
    likely = set(_likely(graph))
    for head, tail in permutations(graph["entities"], 2):
        if head["start"] < tail["end"] and tail["start"] < head["end"]:
            continue
        for rule in schema.relations:
            triple = {"head": _place(head), "tail": _place(tail), "type": rule.name}
            ways = {_ends(triple), _turned(triple)} if rule.symmetric else {_ends(triple)}
            is_legal = rule.allows(head["type"], tail["type"])
            if is_legal and not any((way, rule.name) in likely for way in ways):
                yield triple


def _likely(graph: Mapping[str, Any]) -> Iterator[tuple[Ends, str]]:
    for said in graph["relations"]:
        yield _ends_of(graph, said), said["type"]
    for one in (*graph.get("alternatives", ()), *graph.get("refused", ())):
        if one["kind"] == "relation" and one["confidence"] >= UNLIKELY:
            yield _weighed(one), one["type"]


def _place(entity: Mapping[str, Any]) -> Json:
    return {name: entity[name] for name in ("start", "end", "type")}


def _ends(triple: Mapping[str, Any]) -> Ends:
    head, tail = triple["head"], triple["tail"]
    return head["start"], head["end"], tail["start"], tail["end"]


def _turned(triple: Mapping[str, Any]) -> Ends:
    return _ends({"head": triple["tail"], "tail": triple["head"]})


def _ends_of(graph: Mapping[str, Any], relation: Mapping[str, Any]) -> Ends:
    places = {one["id"]: one for one in graph["entities"]}
    return _ends({"head": places[relation["head"]], "tail": places[relation["tail"]]})


def _weighed(one: Mapping[str, Any]) -> Ends:
    return one["start"], one["end"], one["tail_start"], one["tail_end"]


def _is_of(one: Mapping[str, Any], triple: Mapping[str, Any]) -> bool:
    return (
        one["kind"] == "relation"
        and one["type"] == triple["type"]
        and _weighed(one) in {_ends(triple), _turned(triple)}
    )
