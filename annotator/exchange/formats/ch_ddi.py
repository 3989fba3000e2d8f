"""The CH-DDI form: `{"text", "spo_list": [{"predicate", "subject", …, "object": {"@value"}, …}]}`.

The form has no offsets. The reader looks for each string in the text: the longest string first,
at its first occurrence that overlaps nothing chosen before; a string that occurs more than once
is noted with all its places, because only a person can know which was meant. The writer leaves
out what the form cannot hold: offsets, entities without a relation, denied pairs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from annotator.exchange.formats.drafts import Draft, LineError, Note, Options, Piece
from annotator.exchange.formats.strict import (
    check_id,
    check_text,
    listed,
    load_object,
    object_of,
    string_of,
)
from annotator.exchange.formats.writing import About, Record
from extraction.types import Entity, Graph, Relation

Json = dict[str, Any]
VALUE = "@value"
MAX_TRIPLES = 5000
MAX_PLACES = 1000
SHOWN_PLACES = 8
SHOWN_STRING = 30
SPELL = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


class Mention(NamedTuple):
    """A string that must be found; `nth` is 1 for the second end of a relation with its like."""

    string: str
    type: str
    nth: int = 0


class Triple(NamedTuple):
    """One member of `spo_list`, in strings."""

    predicate: str
    head: Mention
    tail: Mention


def parse(piece: Piece, options: Options) -> Draft:
    """Read one line, or one item of an array."""
    line = load_object(piece)
    text = check_text(line.get("text"))
    ident = check_id(line.get("id"))
    if options.labels == "ignore" or "spo_list" not in line:
        _refuse_native(line, options)
        return Draft(text=text, id=ident)
    items = listed(line["spo_list"], "spo_list")
    if len(items) > MAX_TRIPLES:
        raise LineError("too_many", "spo_list", f"has {len(items)} triples", "cut the text")
    triples = [_triple(item, f"spo_list[{index}]") for index, item in enumerate(items)]
    unique = _without_twins(triples, options.symmetric)
    graph, notes = _find(text, unique)
    if len(unique) < len(triples):
        twins = f"spo_list: {len(triples) - len(unique)} repeated triples were taken once"
        notes.append(Note("repeated_triple", twins))
    return Draft(text=text, id=ident, graph=graph, notes=tuple(notes))


def _refuse_native(line: Json, options: Options) -> None:
    """Do not take a line for unlabelled whose labels only have another form."""
    if options.labels != "ignore" and "entities" in line:
        remedy = "choose the format `native`, one object a line"
        raise LineError("wrong_format", "entities", "belong to the native form", remedy)


def _triple(item: Any, field: str) -> Triple:
    item = object_of(item, field)
    subject = string_of(item.get("subject"), f"{field}.subject")
    subject_type = string_of(item.get("subject_type"), f"{field}.subject_type")
    object_ = _value(item.get("object"), f"{field}.object")
    object_type = _value(item.get("object_type"), f"{field}.object_type")
    is_twin = (subject, subject_type) == (object_, object_type)
    return Triple(
        string_of(item.get("predicate"), f"{field}.predicate"),
        Mention(subject, subject_type),
        Mention(object_, object_type, int(is_twin)),
    )


def _value(value: Any, field: str) -> str:
    """Return the string of `{"@value": …}`, or of the older plain form."""
    if not isinstance(value, dict):
        return string_of(value, field)
    if set(value) - {VALUE}:
        problem = f"has parts beside {VALUE}: {', '.join(sorted(set(value) - {VALUE}))[:100]}"
        raise LineError("complex_object", field, problem, "write one triple for each part")
    return string_of(value.get(VALUE), f"{field}.{VALUE}")


def _without_twins(triples: list[Triple], symmetric: frozenset[str]) -> list[Triple]:
    kept: dict[Triple, None] = {}
    for triple in triples:
        mirror = Triple(
            triple.predicate,
            Mention(triple.tail.string, triple.tail.type),
            Mention(triple.head.string, triple.head.type, triple.tail.nth),
        )
        if triple.predicate not in symmetric or mirror not in kept:
            kept.setdefault(triple)
    return list(kept)


def _find(text: str, triples: list[Triple]) -> tuple[Graph, list[Note]]:
    """Choose a place for each mention and join the places as the triples say."""
    mentions = dict.fromkeys(end for triple in triples for end in (triple.head, triple.tail))
    places = {string: _places(text, string) for string in {one.string for one in mentions}}
    chosen = _choose(mentions, places)
    spans = {mention: Entity(*span, mention.type) for mention, span in chosen.items()}
    entities = sorted(set(spans.values()), key=lambda one: (one.start, one.end, one.type))
    index = {entity: place for place, entity in enumerate(entities)}
    relations = tuple(
        Relation(index[spans[one.head]], index[spans[one.tail]], one.predicate) for one in triples
    )
    notes = [
        _ambiguous(string, found, [span[0] for one, span in chosen.items() if one.string == string])
        for string, found in sorted(places.items())
        if len(found) > 1
    ]
    return Graph(tuple(entities), relations), notes


def _places(text: str, string: str) -> list[int]:
    found: list[int] = []
    place = text.find(string)
    while place >= 0 and len(found) < MAX_PLACES:
        found.append(place)
        place = text.find(string, place + 1)
    if not found:
        raise LineError(
            "string_not_found",
            "spo_list",
            f"“{_short(string)}” does not occur in the text",
            "copy it exactly as it stands there",
        )
    return found


def _choose(
    mentions: dict[Mention, None], places: dict[str, list[int]]
) -> dict[Mention, tuple[int, int]]:
    """Give every mention a span: long strings first, then in the order of the text."""
    order = sorted(mentions, key=lambda one: (-len(one.string), places[one.string][0], one))
    taken: list[tuple[int, int]] = []
    chosen: dict[Mention, tuple[int, int]] = {}
    for one in order:
        spans = [(place, place + len(one.string)) for place in places[one.string]]
        if one.nth:
            first = chosen.get(Mention(one.string, one.type))
            spans = [span for span in spans if span != first]
        if not spans:
            problem = f"“{_short(one.string)}” occurs once, but is both ends of a relation"
            raise LineError("unknown_end", "spo_list", problem, "relate two different entities")
        free = (span for span in spans if not _overlaps(span, taken))
        chosen[one] = next(free, spans[0])
        taken.append(chosen[one])
    return chosen


def _overlaps(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in taken)


def _ambiguous(string: str, found: list[int], chosen: list[int]) -> Note:
    shown = ", ".join(map(str, found[:SHOWN_PLACES])) + (" …" if len(found) > SHOWN_PLACES else "")
    taken = ", ".join(map(str, sorted(set(chosen))))
    message = f"“{_short(string)}” occurs {len(found)} times, at {shown}; taken: {taken}"
    return Note("ambiguous_string", message)


def _short(string: str) -> str:
    return string if len(string) <= SHOWN_STRING else string[:SHOWN_STRING] + "…"


def fits(shown: Mapping[str, Any]) -> bool:
    """Tell whether an object is of this form."""
    return "spo_list" in shown


def spell(record: Record, about: About) -> str:
    """Spell a sentence as one object; a triple that two pairs of places share stands once."""
    example, symmetric = record.example, about.symmetric
    text, entities = example.text, example.graph.entities
    said: dict[tuple[str, ...], Json] = {}
    for relation in example.graph.relations:
        head, tail = entities[relation.head], entities[relation.tail]
        subject, object_ = text[head.start : head.end], text[tail.start : tail.end]
        mirror = (relation.type, object_, tail.type, subject, head.type)
        if relation.type in symmetric and mirror in said:
            continue
        said.setdefault(
            (relation.type, subject, head.type, object_, tail.type),
            {
                "predicate": relation.type,
                "subject": subject,
                "subject_type": head.type,
                "object": {VALUE: object_},
                "object_type": {VALUE: tail.type},
            },
        )
    return SPELL({"text": text, "spo_list": list(said.values())})
