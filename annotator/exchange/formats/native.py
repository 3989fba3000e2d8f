"""Native JSONL: `{"id", "text", "entities", "relations"}`, optional `"negatives"` and `"meta"`.

A line with the key `entities` carries labels, even when the list is empty; a line without it is
unlabelled. An entity or relation that stands twice is taken once, with a note. Keys that the
format does not know are kept in `meta`. `meta.document` and `meta.section` name the document.
"""

from __future__ import annotations

import json
from typing import Any

from annotator.exchange.formats.drafts import (
    MAX_DOCUMENT,
    MAX_SECTION,
    Confidences,
    Draft,
    LineError,
    Note,
    Options,
    Piece,
)
from annotator.exchange.formats.merging import Merged, merge
from annotator.exchange.formats.strict import (
    check_id,
    check_meta,
    check_short,
    check_text,
    listed,
    load_object,
    object_of,
    string_of,
)
from annotator.exchange.formats.writing import About, Record
from extraction.types import Entity, Graph, Relation

Json = dict[str, Any]
KNOWN = frozenset({"id", "text", "entities", "relations", "negatives", "meta", "score"})
MAX_ENTITIES = 2000
MAX_RELATIONS = 5000
SPELL = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
SPELL_SORTED = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True).encode


def parse(piece: Piece, options: Options) -> Draft:
    """Read one line."""
    line = load_object(piece)
    text = check_text(line.get("text"))
    meta = _meta(line)
    graph = confidences = None
    notes: tuple[Note, ...] = ()
    if options.labels != "ignore" and "entities" in line:
        said = _graph(line, len(text))
        merged = merge(said, options.symmetric)
        graph = merged.graph
        if graph is not said:
            notes = (_said_twice(merged.left_out(said)),)
        if options.labels == "suggestions":
            confidences = _confidences(line, merged)
    elif options.labels != "ignore":
        _refuse_triples(line)
    return Draft(
        text=text,
        id=check_id(line.get("id")),
        graph=graph,
        confidences=confidences,
        document=check_short(meta.pop("document", None), "meta.document", MAX_DOCUMENT),
        section=check_short(meta.pop("section", None), "meta.section", MAX_SECTION),
        meta=meta,
        notes=notes,
    )


def _said_twice(count: int) -> Note:
    return Note("repeated_label", f"{count} repeated entities or relations were taken once")


def _refuse_triples(line: Json) -> None:
    """Do not take a line for unlabelled whose labels only have another form."""
    if "spo_list" in line:
        remedy = "choose the format `ch-ddi`"
        raise LineError("wrong_format", "spo_list", "belongs to the CH-DDI form", remedy)


def _meta(line: Json) -> Json:
    given = line.get("meta")
    extra = {key: value for key, value in line.items() if key not in KNOWN}
    if not given and not extra:
        return {}
    return check_meta({**extra, **(object_of(given, "meta") if given is not None else {})})


def _graph(line: Json, length: int) -> Graph:
    entities = listed(line["entities"], "entities")
    relations = listed(line.get("relations", []), "relations")
    negatives = listed(line.get("negatives", []), "negatives")
    if len(entities) > MAX_ENTITIES or len(relations) + len(negatives) > MAX_RELATIONS:
        limit = f"more than {MAX_ENTITIES} entities or {MAX_RELATIONS} relations"
        raise LineError("too_many", "line", f"has {limit}", "cut the text into sentences")
    count = len(entities)
    return Graph(
        entities=tuple(_entity(one, i, length) for i, one in enumerate(entities)),
        relations=tuple(_relation(one, i, count) for i, one in enumerate(relations)),
        negatives=tuple(_ends(one, f"negatives[{i}]", count) for i, one in enumerate(negatives)),
    )


def _entity(item: Any, index: int, length: int) -> Entity:
    field = f"entities[{index}]"
    item = object_of(item, field)
    start, end = item.get("start"), item.get("end")
    if type(start) is not int or type(end) is not int:
        raise LineError("wrong_type", field, "start and end are no whole numbers", "write both")
    if not 0 <= start < end <= length:
        raise LineError(
            "span_outside_text",
            field,
            f"[{start}, {end}) does not lie inside the text of {length} characters",
            "count code points from 0, the end not included",
        )
    return Entity(start, end, string_of(item.get("type"), f"{field}.type"))


def _relation(item: Any, index: int, count: int) -> Relation:
    field = f"relations[{index}]"
    head, tail = _ends(item, field, count)
    return Relation(head, tail, string_of(item.get("type"), f"{field}.type"))


def _ends(item: Any, field: str, count: int) -> tuple[int, int]:
    item = object_of(item, field)
    head, tail = item.get("head"), item.get("tail")
    if type(head) is not int or type(tail) is not int:
        raise LineError("wrong_type", field, "head and tail are no whole numbers", "write both")
    if not (0 <= head < count and 0 <= tail < count) or head == tail:
        problem = f"{head} -> {tail} does not join two of the {count} entities"
        remedy = "name two different entities by their places in the list, from 0"
        raise LineError("unknown_end", field, problem, remedy)
    return head, tail


def _confidences(line: Json, merged: Merged) -> Confidences:
    entities, relations = line["entities"], line.get("relations", [])
    return Confidences(
        entities=tuple(
            _share(entities[i].get("confidence", 1.0), f"entities[{i}].confidence")
            for i in merged.entities
        ),
        relations=tuple(
            _share(relations[i].get("confidence", 1.0), f"relations[{i}].confidence")
            for i in merged.relations
        ),
        score=_number(line["score"], "score") if line.get("score") is not None else None,
    )


def _share(value: Any, field: str) -> float:
    number = _number(value, field)
    if not 0.0 <= number <= 1.0:
        raise LineError("wrong_type", field, "is not between 0 and 1", "write a probability")
    return number


def _number(value: Any, field: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise LineError("wrong_type", field, "is no number", "write a number")
    return float(value)


def spell(record: Record, about: About) -> str:  # noqa: ARG001 - one of the writers
    """Spell a sentence as one line; equal sentences give equal bytes."""
    example = record.example
    graph = example.graph
    line: Json = {
        "id": example.id,
        "text": example.text,
        "entities": [{"start": e.start, "end": e.end, "type": e.type} for e in graph.entities],
        "relations": [{"head": r.head, "tail": r.tail, "type": r.type} for r in graph.relations],
    }
    if graph.negatives:
        line["negatives"] = [{"head": head, "tail": tail} for head, tail in graph.negatives]
    if not example.meta:
        return SPELL(line)
    return f'{SPELL(line)[:-1]}, "meta": {SPELL_SORTED(example.meta)}}}'
