"""SpERT's JSON: `{"tokens", "entities": [{"type", "start", "end"}], "relations", "orig_id"}`.

Offsets count tokens. A file that Relata wrote has `text`, too, which SpERT does not look at, so
that blanks come back as they were; a file without it is joined with blanks, as SpERT's own sets
were made. What is lost: denied pairs, meta data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from annotator.exchange.formats.drafts import Draft, LineError, Note, Options, Piece
from annotator.exchange.formats.merging import merge
from annotator.exchange.formats.native import MAX_ENTITIES, MAX_RELATIONS
from annotator.exchange.formats.strict import (
    check_id,
    check_text,
    listed,
    load_object,
    object_of,
    string_of,
)
from annotator.exchange.formats.tokens import Token, aligned, token_spans, tokens_of
from annotator.exchange.formats.writing import About, Record
from extraction.types import Entity, Graph, Relation

Json = dict[str, Any]
SPELL = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def fits(shown: Mapping[str, Any]) -> bool:
    """Tell whether an object is of this form."""
    return isinstance(shown.get("tokens"), list) and "entities" in shown


def parse(piece: Piece, options: Options) -> Draft:
    """Read one sentence."""
    line = load_object(piece)
    words = [
        string_of(word, f"tokens[{i}]")
        for i, word in enumerate(listed(line.get("tokens"), "tokens"))
    ]
    text, tokens = _text(line.get("text"), words)
    ident = check_id(line.get("orig_id"))
    if options.labels == "ignore" or "entities" not in line:
        return Draft(text=text, id=ident)
    said = _graph(line, tokens)
    merged = merge(said, options.symmetric)
    notes: tuple[Note, ...] = ()
    if merged.graph is not said:
        count = merged.left_out(said)
        notes = (Note("repeated_label", f"{count} repeated entities or relations were taken once"),)
    return Draft(text=text, id=ident, graph=merged.graph, notes=notes)


def _text(given: Any, words: list[str]) -> tuple[str, Sequence[Token]]:
    if given is not None:
        text = check_text(given)
        return text, aligned(text, words, "tokens")
    text = check_text(" ".join(words), "tokens")
    return text, aligned(text, words, "tokens")


def _graph(line: Json, tokens: Sequence[Token]) -> Graph:
    entities = listed(line["entities"], "entities")
    relations = listed(line.get("relations", []), "relations")
    if len(entities) > MAX_ENTITIES or len(relations) > MAX_RELATIONS:
        limit = f"more than {MAX_ENTITIES} entities or {MAX_RELATIONS} relations"
        raise LineError("too_many", "line", f"has {limit}", "cut the text into sentences")
    return Graph(
        tuple(_entity(one, f"entities[{i}]", tokens) for i, one in enumerate(entities)),
        tuple(_relation(one, f"relations[{i}]", len(entities)) for i, one in enumerate(relations)),
    )


def _entity(item: Any, field: str, tokens: Sequence[Token]) -> Entity:
    item = object_of(item, field)
    start, end = item.get("start"), item.get("end")
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(tokens):
        problem = f"does not lie inside the {len(tokens)} tokens"
        raise LineError(
            "span_outside_text", field, problem, "count tokens from 0, the end not included"
        )
    return Entity(
        tokens[start].start, tokens[end - 1].end, string_of(item.get("type"), f"{field}.type")
    )


def _relation(item: Any, field: str, count: int) -> Relation:
    item = object_of(item, field)
    head, tail = item.get("head"), item.get("tail")
    is_whole = type(head) is int and type(tail) is int
    if not is_whole or head == tail or not (0 <= head < count and 0 <= tail < count):
        problem = f"does not join two of the {count} entities"
        raise LineError("unknown_end", field, problem, "name two entities by their places, from 0")
    return Relation(head, tail, string_of(item.get("type"), f"{field}.type"))


def spell(record: Record, about: About) -> str:  # noqa: ARG001 - one of the writers
    """Spell a sentence as one object."""
    example = record.example
    entities = example.graph.entities
    tokens = tokens_of(example.text, entities)
    spans = token_spans(tokens, entities)
    return SPELL(
        {
            "tokens": [example.text[token.start : token.end] for token in tokens],
            "entities": [
                {"type": one.type, "start": start, "end": end}
                for one, (start, end) in zip(entities, spans, strict=True)
            ],
            "relations": [
                {"type": one.type, "head": one.head, "tail": one.tail}
                for one in example.graph.relations
            ],
            "orig_id": example.id,
            "text": example.text,
        }
    )
