"""What a change of the schema makes of a graph and of the schema itself. Pure.

Used alike for annotations, gold, suggestions, and for what an older model still says in old words.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
OTHER_COLOR = "#7a5c00"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: `names` become `into` (a part of them in a split), or turn round (reverse).

    `of` is "entity" or "relation"; `where` says which labels of a split go over.
    """

    kind: str
    of: str
    names: tuple[str, ...]
    into: str = ""
    where: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> Json:
        """Return the form that is kept."""
        return {
            "kind": self.kind,
            "of": self.of,
            "from": list(self.names),
            "into": self.into,
            "where": dict(self.where),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Change:
        """Read the kept form."""
        return cls(kept["kind"], kept["of"], tuple(kept["from"]), kept["into"], kept["where"])


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The graph afterwards, how many labels changed, and how many fell together with others."""

    graph: Json
    entities: int
    relations: int
    collapsed: int


def rewrite(graph: Json, change: Change, *, text: str, symmetric: Collection[str]) -> Rewritten:
    """Return the graph as the change makes it; labels that then say the same become one."""
    entities, same, changed = _entities(graph["entities"], change, text)
    ends = {one["id"]: one for one in graph["entities"]}
    turned = [_relation(one, change, ends, text) for one in graph["relations"]]
    moved = sum(1 for old, new in zip(graph["relations"], turned, strict=True) if old != new)
    pointed = [_repointed(one, same) for one in turned]
    relations = _distinct(pointed, lambda one: _statement(one, symmetric))
    related = {frozenset((one["head"], one["tail"])) for one in relations}
    negatives = [
        one
        for one in _distinct([_repointed(one, same) for one in graph.get("negatives", ())], _pair)
        if _pair(one) not in related
    ]
    lost = len(graph["entities"]) - len(entities) + len(pointed) - len(relations)
    whole = {**graph, "entities": entities, "relations": relations}
    if "negatives" in graph:
        whole["negatives"] = negatives
    return Rewritten(whole, changed, moved, lost)


def rewrite_suggestion(
    graph: Json, change: Change, *, text: str, symmetric: Collection[str]
) -> Json:
    """Rewrite a suggestion: its entities stay s1, s2, … in order; what was weighed follows."""
    done = rewrite(graph, change, text=text, symmetric=symmetric).graph
    ids = {one["id"]: f"s{place}" for place, one in enumerate(done["entities"], 1)}
    weighed: Json = {
        name: [_weighed(one, change, text) for one in graph[name]]
        for name in ("refused", "alternatives")
        if name in graph
    }
    return {
        **done,
        "entities": [{**one, "id": ids[one["id"]]} for one in done["entities"]],
        "relations": [
            {**one, "head": ids[one["head"]], "tail": ids[one["tail"]]} for one in done["relations"]
        ],
        **weighed,
    }


def _entities(
    given: list[Json], change: Change, text: str
) -> tuple[list[Json], dict[str, str], int]:
    """Return the entities afterwards, which id each one now has, and how many changed."""
    kept: dict[tuple[Any, ...], Json] = {}
    same: dict[str, str] = {}
    changed = 0
    for one in given:
        kind = change.into if _fits_entity(one, change, text) else one["type"]
        changed += kind != one["type"]
        place = (one["start"], one["end"], kind)
        first = kept.setdefault(place, {**one, "type": kind})
        same[one["id"]] = first["id"]
    return list(kept.values()), same, changed


def _fits_entity(one: Json, change: Change, text: str) -> bool:
    if change.of != "entity" or change.kind == "reverse" or one["type"] not in change.names:
        return False
    surfaces = change.where.get("surfaces")
    return surfaces is None or text[one["start"] : one["end"]] in surfaces


def _relation(one: Json, change: Change, ends: Mapping[str, Json], text: str) -> Json:
    if change.of != "relation" or one["type"] not in change.names:
        return one
    if change.kind == "reverse":
        return {**one, "head": one["tail"], "tail": one["head"]}
    fits = _fits_ends(ends[one["head"]], ends[one["tail"]], change.where, text)
    return {**one, "type": change.into} if fits else one


def _fits_ends(head: Json, tail: Json, where: Mapping[str, Any], text: str) -> bool:
    def surface(one: Json) -> str:
        return text[one["start"] : one["end"]]

    return (
        where.get("head_type", head.get("type")) == head.get("type")
        and where.get("tail_type", tail.get("type")) == tail.get("type")
        and where.get("subject_contains", "") in surface(head)
        and where.get("object_contains", "") in surface(tail)
    )


def _weighed(one: Json, change: Change, text: str) -> Json:
    """Rewrite what a model weighed; the types of its ends are not kept, so they are not asked."""
    if one["kind"] == "entity":
        return {**one, "type": change.into} if _fits_entity(one, change, text) else one
    if change.of != "relation" or one["type"] not in change.names:
        return one
    head = {"start": one["start"], "end": one["end"]}
    tail = {"start": one["tail_start"], "end": one["tail_end"]}
    if change.kind == "reverse":
        turned = {**tail, "tail_start": head["start"], "tail_end": head["end"]}
        return {**one, **turned}
    fits = _fits_ends(head, tail, change.where, text) and not (
        {"head_type", "tail_type"} & set(change.where)
    )
    return {**one, "type": change.into} if fits else one


def _repointed(one: Json, same: Mapping[str, str]) -> Json:
    return {**one, "head": same[one["head"]], "tail": same[one["tail"]]}


def _pair(one: Json) -> frozenset[str]:
    return frozenset((one["head"], one["tail"]))


def _statement(one: Json, symmetric: Collection[str]) -> tuple[Any, ...]:
    ends = _pair(one) if one["type"] in symmetric else (one["head"], one["tail"])
    return (ends, one["type"])


def _distinct(given: list[Json], key: Callable[[Json], Any]) -> list[Json]:
    """Keep the first of equal ones, and none that joins an entity to itself."""
    kept: dict[Any, Json] = {}
    for one in given:
        if one["head"] != one["tail"]:
            kept.setdefault(key(one), one)
    return list(kept.values())


def rewrite_schema(schema: Json, change: Change) -> Json:
    """Return the schema (as the API spells it) after the change."""
    entities = [dict(one) for one in schema["entity_types"]]
    relations = [
        {**one, "pairs": [list(pair) for pair in one["pairs"]]} for one in schema["relation_types"]
    ]
    if change.kind == "reverse":
        for one in relations:
            if one["name"] in change.names:
                one["pairs"] = [[tail, head] for head, tail in one["pairs"]]
    elif change.of == "entity":
        entities = _types(entities, change)
        for one in relations:
            one["pairs"] = _pairs(one["pairs"], change)
    else:
        relations = _types(relations, change)
    return {"entity_types": entities, "relation_types": relations}


def _types(given: list[Json], change: Change) -> list[Json]:
    if change.kind == "rename":
        return [
            {**one, "name": change.into} if one["name"] in change.names else one for one in given
        ]
    if change.kind == "merge":
        return [
            one for one in given if one["name"] == change.into or one["name"] not in change.names
        ]
    if any(one["name"] == change.into for one in given):
        return given
    model = next(one for one in given if one["name"] == change.names[0])
    new = {"name": change.into, "label": change.into, "key": "", "color": OTHER_COLOR}
    return [*given, {**model, **new}]


def _pairs(given: list[list[str]], change: Change) -> list[list[str]]:
    """Return the legal pairs after entity types changed; a part of a type may do what it did."""

    def options(name: str) -> list[str]:
        if name not in change.names:
            return [name]
        return [name, change.into] if change.kind == "split" else [change.into]

    found = [[head, tail] for a, b in given for head in options(a) for tail in options(b)]
    return [list(pair) for pair in dict.fromkeys(map(tuple, found))]


def both(one: Json, other: Json) -> Json:
    """Return a schema under which everything is legal that is legal under either."""

    def joined(kind: str) -> list[Json]:
        known = {each["name"]: each for each in one[kind]}
        more = [each for each in other[kind] if each["name"] not in known]
        return [*one[kind], *({**each, "key": ""} for each in more)]

    theirs = {each["name"]: each for each in other["relation_types"]}
    relations = []
    for each in joined("relation_types"):
        pairs = [each["pairs"], theirs.get(each["name"], each)["pairs"]]
        free = any(not some for some in pairs)
        whole = [list(pair) for pair in dict.fromkeys(map(tuple, [*pairs[0], *pairs[1]]))]
        relations.append({**each, "pairs": [] if free else whole})
    return {"entity_types": joined("entity_types"), "relation_types": relations}
