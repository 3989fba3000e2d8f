"""The CH-DDI form: `{"text", "spo_list": [{"predicate", "subject", …, "object": {"@value"}, …}]}`.

The form has no offsets. The reader looks for each string in the text: the longest string first,
at its first occurrence that overlaps nothing chosen before; a string that occurs more than once
is noted with all its places, because only a person can know which was meant. The writer leaves
out what the form cannot hold: offsets, entities without a relation, denied pairs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from annotator.exchange.formats.drafts import Draft, LineError, Options, Piece
from annotator.exchange.formats.mentions import (
    MAX_TRIPLES,
    Mention,
    Triple,
    graph_of,
    said_once,
)
from annotator.exchange.formats.strict import (
    check_id,
    check_text,
    listed,
    load_object,
    object_of,
    string_of,
)
from annotator.exchange.formats.writing import About, Record

Json = dict[str, Any]
VALUE = "@value"
SPELL = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


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
    graph, notes = graph_of(text, triples, options.symmetric, "spo_list")
    return Draft(text=text, id=ident, graph=graph, notes=notes)


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
        raise LineError("complex_object", field, problem, "choose the format `duie`")
    return string_of(value.get(VALUE), f"{field}.{VALUE}")


def fits(shown: Mapping[str, Any]) -> bool:
    """Tell whether an object is of this form."""
    return "spo_list" in shown


def spell(record: Record, about: About) -> str:
    """Spell a sentence as one object; a triple that two pairs of places share stands once."""
    triples = [spelled(triple) for triple in said_once(record, about)]
    return SPELL({"text": record.example.text, "spo_list": triples})


def spelled(triple: tuple[str, ...]) -> Json:
    """Return one member of `spo_list`."""
    predicate, subject, subject_type, object_, object_type = triple
    return {
        "predicate": predicate,
        "subject": subject,
        "subject_type": subject_type,
        "object": {VALUE: object_},
        "object_type": {VALUE: object_type},
    }
