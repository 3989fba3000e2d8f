"""Labels that a file names by strings: each string finds its place in the text.

The longest string first, at its first occurrence that overlaps nothing chosen before; a string that
occurs more than once is noted with all its places, because only a person can know which was meant.
"""

from __future__ import annotations

from typing import NamedTuple

from annotator.exchange.formats.drafts import LineError, Note
from annotator.exchange.formats.writing import About, Record
from extraction.types import Entity, Graph, Relation

MAX_TRIPLES = 5000
MAX_PLACES = 1000
SHOWN_PLACES = 8
SHOWN_STRING = 30


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


def graph_of(
    text: str, triples: list[Triple], symmetric: frozenset[str], field: str
) -> tuple[Graph, tuple[Note, ...]]:
    """Return the labels with their places, and notes on what was ambiguous or said twice."""
    unique = _without_twins(triples, symmetric)
    graph, notes = _find(text, unique, field)
    if len(unique) < len(triples):
        twins = f"{field}: {len(triples) - len(unique)} repeated triples were taken once"
        notes.append(Note("repeated_triple", twins))
    return graph, tuple(notes)


def said_once(record: Record, about: About) -> list[tuple[str, ...]]:
    """Return the triples as (predicate, subject, its type, object, its type), each once.

    Offsets are lost: a triple that two pairs of places share stands once, and so does one without
    direction that is said both ways.
    """
    text, entities = record.example.text, record.example.graph.entities
    said: dict[tuple[str, ...], None] = {}
    for relation in record.example.graph.relations:
        head, tail = entities[relation.head], entities[relation.tail]
        subject, object_ = text[head.start : head.end], text[tail.start : tail.end]
        mirror = (relation.type, object_, tail.type, subject, head.type)
        if relation.type in about.symmetric and mirror in said:
            continue
        said.setdefault((relation.type, subject, head.type, object_, tail.type))
    return list(said)


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


def _find(text: str, triples: list[Triple], field: str) -> tuple[Graph, list[Note]]:
    """Choose a place for each mention and join the places as the triples say."""
    mentions = dict.fromkeys(end for triple in triples for end in (triple.head, triple.tail))
    places = {string: _places(text, string, field) for string in {one.string for one in mentions}}
    chosen = _choose(mentions, places, field)
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


def _places(text: str, string: str, field: str) -> list[int]:
    found: list[int] = []
    place = text.find(string)
    while place >= 0 and len(found) < MAX_PLACES:
        found.append(place)
        place = text.find(string, place + 1)
    if not found:
        raise LineError(
            "string_not_found",
            field,
            f"“{_short(string)}” does not occur in the text",
            "copy it exactly as it stands there",
        )
    return found


def _choose(
    mentions: dict[Mention, None], places: dict[str, list[int]], field: str
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
            raise LineError("unknown_end", field, problem, "relate two different entities")
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
