"""DuIE 2.0: like CH-DDI, but an object may have parts: `{"@value": "…", "inWork": "…"}`.

A part becomes a relation of its own from the subject, called `predicate_part` (获奖_inWork). The
writer puts parts back to an object of the same subject; which of several it was, the labels do not
say, so a part goes to the first that has room. What is lost: offsets, entities without a relation,
denied pairs, ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from annotator.exchange.formats.ch_ddi import SPELL, VALUE, spelled
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
BETWEEN = "_"


def fits(shown: Mapping[str, Any]) -> bool:
    """Tell whether an object is of this form: it has a triple whose object has parts."""
    triples = shown.get("spo_list")
    if not isinstance(triples, list):
        return False
    ends = [one.get("object") for one in triples if isinstance(one, dict)]
    return "postag" in shown or any(isinstance(end, dict) and len(end) > 1 for end in ends)


def parse(piece: Piece, options: Options) -> Draft:
    """Read one line."""
    line = load_object(piece)
    text = check_text(line.get("text"))
    ident = check_id(line.get("id"))
    if options.labels == "ignore" or "spo_list" not in line:
        return Draft(text=text, id=ident)
    items = listed(line["spo_list"], "spo_list")
    triples = [
        triple
        for index, item in enumerate(items)
        for triple in _triples(item, f"spo_list[{index}]")
    ]
    if len(triples) > MAX_TRIPLES:
        raise LineError("too_many", "spo_list", f"has {len(triples)} triples", "cut the text")
    graph, notes = graph_of(text, triples, options.symmetric, "spo_list")
    return Draft(text=text, id=ident, graph=graph, notes=notes)


def _triples(item: Any, field: str) -> Iterator[Triple]:
    """Give the triple of the object's value, then one for each part that is not empty."""
    item = object_of(item, field)
    predicate = string_of(item.get("predicate"), f"{field}.predicate")
    subject = string_of(item.get("subject"), f"{field}.subject")
    subject_type = string_of(item.get("subject_type"), f"{field}.subject_type")
    values = _parts(item.get("object"), f"{field}.object")
    types = _parts(item.get("object_type"), f"{field}.object_type")
    if VALUE not in values:
        raise LineError("missing_field", f"{field}.object", f"has no {VALUE}", "name the value")
    for part in sorted(values, key=lambda name: name != VALUE):
        if part != VALUE and values[part] == "":
            continue  # the set's way to say that there is none
        value = string_of(values[part], f"{field}.object.{part}")
        kind = string_of(types.get(part), f"{field}.object_type.{part}")
        is_twin = (subject, subject_type) == (value, kind)
        name = predicate if part == VALUE else f"{predicate}{BETWEEN}{part}"
        yield Triple(name, Mention(subject, subject_type), Mention(value, kind, int(is_twin)))


def _parts(value: Any, field: str) -> Json:
    return {VALUE: value} if isinstance(value, str) else object_of(value, field)


def spell(record: Record, about: About) -> str:
    """Spell a sentence as one object."""
    known = {rule.name for rule in about.schema.relations}
    whole: list[Json] = []
    parts: list[tuple[str, ...]] = []
    for triple in said_once(record, about):
        base, between, _ = triple[0].rpartition(BETWEEN)
        if between and base in known:
            parts.append(triple)
        else:
            whole.append(spelled(triple))
    own = [spelled(triple) for triple in parts if not _is_placed(triple, whole)]
    return SPELL({"text": record.example.text, "spo_list": whole + own})


def _is_placed(triple: tuple[str, ...], whole: list[Json]) -> bool:
    """Put a part to the first object of its subject and predicate that lacks it, if one does."""
    predicate, subject, subject_type, object_, object_type = triple
    base, _, part = predicate.rpartition(BETWEEN)
    for one in whole:
        same = (one["predicate"], one["subject"], one["subject_type"])
        if same == (base, subject, subject_type) and part not in one["object"]:
            one["object"][part] = object_
            one["object_type"][part] = object_type
            return True
    return False
