"""doccano's JSONL: `{"id", "text", "entities": [{"id", "label", "start_offset", "end_offset"}],
"relations": [{"id", "from_id", "to_id", "type"}], "Comments"}`, and `"label": [[0, 3, "药物"]]`.

Offsets are code points. What is lost: denied pairs. Comments are kept in `meta`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from annotator.exchange.formats.drafts import Draft, LineError, Options, Piece
from annotator.exchange.formats.spans import Arrow, Span, joined
from annotator.exchange.formats.strict import (
    check_id,
    check_meta,
    check_text,
    listed,
    load_object,
    object_of,
    string_of,
)
from annotator.exchange.formats.writing import About, Record

Json = dict[str, Any]
KNOWN = frozenset({"id", "text", "data", "entities", "relations", "label", "labels", "meta"})
TRIPLE = 3
SPELL = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def fits(shown: Mapping[str, Any]) -> bool:
    """Tell whether an object is of this form."""
    entities = shown.get("entities")
    if isinstance(entities, list) and entities and isinstance(entities[0], dict):
        return "start_offset" in entities[0]
    label = shown.get("label", shown.get("labels"))
    return isinstance(label, list) and all(isinstance(one, list) for one in label) and bool(label)


def parse(piece: Piece, options: Options) -> Draft:
    """Read one line."""
    line = load_object(piece)
    text = check_text(line.get("text", line.get("data")))
    meta = _meta(line)
    ident = check_id(line.get("id"))
    is_labelled = bool({"entities", "label", "labels"} & set(line))
    if options.labels == "ignore" or not is_labelled:
        return Draft(text=text, id=ident, meta=meta)
    merged, notes = joined(_spans(line), _arrows(line), len(text), options.symmetric)
    return Draft(text=text, id=ident, graph=merged.graph, meta=meta, notes=notes)


def _meta(line: Json) -> Json:
    given = line.get("meta")
    extra = {
        key: value for key, value in line.items() if key not in KNOWN and value not in ([], None)
    }
    return check_meta({**extra, **(object_of(given, "meta") if given else {})})


def _spans(line: Json) -> list[Span]:
    if "entities" in line:
        items = [
            object_of(one, f"entities[{i}]")
            for i, one in enumerate(listed(line["entities"], "entities"))
        ]
        return [
            Span(
                one.get("id"),
                one.get("start_offset"),
                one.get("end_offset"),
                string_of(one.get("label"), f"entities[{i}].label"),
            )
            for i, one in enumerate(items)
        ]
    name = "label" if "label" in line else "labels"
    spans = []
    for i, one in enumerate(listed(line[name], name)):
        if not isinstance(one, list) or len(one) != TRIPLE:
            problem = "is no list of start, end and label"
            raise LineError("wrong_type", f"{name}[{i}]", problem, 'write [0, 3, "TYPE"]')
        spans.append(Span(i, one[0], one[1], string_of(one[2], f"{name}[{i}]")))
    return spans


def _arrows(line: Json) -> list[Arrow]:
    items = listed(line.get("relations", []), "relations")
    arrows = []
    for i, item in enumerate(items):
        one = object_of(item, f"relations[{i}]")
        kind = string_of(one.get("type"), f"relations[{i}].type")
        arrows.append(Arrow(one.get("from_id"), one.get("to_id"), kind))
    return arrows


def spell(record: Record, about: About) -> str:  # noqa: ARG001 - one of the writers
    """Spell a sentence as one line; ids of labels count from 0 in each sentence."""
    example = record.example
    line: Json = {
        "id": example.id,
        "text": example.text,
        "entities": [
            {"id": place, "label": one.type, "start_offset": one.start, "end_offset": one.end}
            for place, one in enumerate(example.graph.entities)
        ],
        "relations": [
            {"id": place, "from_id": one.head, "to_id": one.tail, "type": one.type}
            for place, one in enumerate(example.graph.relations)
        ],
        "Comments": [],
    }
    if example.meta:
        line["meta"] = dict(sorted(example.meta.items()))
    return SPELL(line)
