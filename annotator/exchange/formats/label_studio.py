"""Label Studio's JSON: an array of tasks with `data`, `annotations` and `predictions`.

A task's first annotation that was not cancelled is taken; its predictions are taken as suggestions
when the file is imported as such. Offsets are code points; older versions counted UTF-16 units,
which `value.text` betrays: they are put right, with a note. What is lost: denied pairs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from annotator.exchange.formats.drafts import Confidences, Draft, LineError, Note, Options, Piece
from annotator.exchange.formats.merging import Merged
from annotator.exchange.formats.spans import Arrow, Span, joined, left_out
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
FROM, TO = "label", "text"
TEXT_KEYS = ("text", "sentence", "content")
SPELL = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def fits(shown: Mapping[str, Any]) -> bool:
    """Tell whether an object is a task."""
    has_data = isinstance(shown.get("data"), dict)
    return has_data and bool({"annotations", "predictions", "completions"} & set(shown))


def parse(piece: Piece, options: Options) -> Draft:
    """Read one task."""
    task = load_object(piece)
    if "data" not in task:
        problem = "is missing: this is no task, or the short form JSON-MIN"
        raise LineError("wrong_format", "data", problem, "export from Label Studio as JSON")
    data = object_of(task["data"], "data")
    key = _text_key(data)
    text = check_text(data[key], f"data.{key}")
    meta = _meta(data, {key, "id", "meta"})
    ident = check_id(data.get("id", task.get("id")))
    chosen, notes = _chosen(task, options)
    if options.labels == "ignore" or chosen is None:
        return Draft(text=text, id=ident, meta=meta, notes=notes)
    return _labelled(Draft(text=text, id=ident, meta=meta, notes=notes), chosen, options)


def _text_key(data: Json) -> str:
    """Return which part of the data is the sentence."""
    strings = [key for key, value in data.items() if isinstance(value, str)]
    named = [key for key in TEXT_KEYS if key in strings]
    others = [key for key in strings if key != "id"]
    if named or len(others) == 1:
        return (named or others)[0]
    raise LineError("missing_field", "data.text", "is missing", "name the sentence `text`")


def _meta(data: Json, known: set[str]) -> Json:
    own = data.get("meta")
    extra = {name: value for name, value in data.items() if name not in known}
    return check_meta({**extra, **(own if isinstance(own, dict) else {})})


def _chosen(task: Json, options: Options) -> tuple[Json | None, tuple[Note, ...]]:
    """Return the annotation, or for suggestions the prediction, that is taken."""
    if options.labels == "suggestions" and task.get("predictions"):
        found = listed(task["predictions"], "predictions")
        return object_of(found[0], "predictions[0]"), ()
    given = task.get("annotations", task.get("completions", []))
    found = [object_of(one, "annotations") for one in listed(given, "annotations")]
    kept = [one for one in found if not one.get("was_cancelled")]
    if not kept:
        return None, ()
    more = len(kept) - 1
    note = Note("more_annotations", f"{more} further annotations of the task were not taken")
    return kept[0], (note,) if more else ()


def _labelled(draft: Draft, chosen: Json, options: Options) -> Draft:
    """Add the labels of a result to the draft."""
    items = [
        object_of(one, f"result[{i}]")
        for i, one in enumerate(listed(chosen.get("result"), "result"))
    ]
    units = _Units(draft.text)
    spans = [_span(one, f"result[{i}]", units) for i, one in enumerate(items) if _is_span(one)]
    arrows = [
        _arrow(one, f"result[{i}]") for i, one in enumerate(items) if one.get("type") == "relation"
    ]
    merged, notes = joined(spans, arrows, len(draft.text), options.symmetric)
    others = (
        str(one.get("type")) for one in items if not _is_span(one) and one.get("type") != "relation"
    )
    corrected = Note("offsets_corrected", "Offsets counted UTF-16 units and were put right")
    return draft._replace(
        graph=merged.graph,
        notes=(
            *draft.notes,
            *notes,
            *left_out(others, "results"),
            *((corrected,) if units.moved else ()),
        ),
        confidences=_confidences(items, merged) if options.labels == "suggestions" else None,
    )


def _is_span(item: Json) -> bool:
    value = item.get("value")
    return item.get("type") in {"labels", "hypertextlabels"} and isinstance(value, dict)


class _Units:
    """Offsets of a text in code points and in UTF-16 units."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.moved = False
        self._places: dict[int, int] = {}
        if any(ord(char) > 0xFFFF for char in text):  # noqa: PLR2004 - the basic plane's end
            unit = 0
            for place, char in enumerate(text):
                self._places[unit] = place
                unit += 1 + (ord(char) > 0xFFFF)  # noqa: PLR2004
            self._places[unit] = len(text)

    def points(self, start: Any, end: Any, said: Any) -> tuple[Any, Any]:
        """Return code points: as given if they spell what was said, else counted from units."""
        if not self._places or self.text[start:end] == said:
            return start, end
        moved = self._places.get(start), self._places.get(end)
        if None not in moved and self.text[moved[0] : moved[1]] == said:
            self.moved = True
            return moved
        return start, end


def _span(item: Json, field: str, units: _Units) -> Span:
    value = object_of(item["value"], f"{field}.value")
    labels = listed(value.get("labels", value.get("hypertextlabels")), f"{field}.value.labels")
    kind = string_of(labels[0] if labels else None, f"{field}.value.labels[0]")
    start, end = value.get("start"), value.get("end")
    if type(start) is int and type(end) is int:
        start, end = units.points(start, end, value.get("text"))
    return Span(item.get("id"), start, end, kind)


def _arrow(item: Json, field: str) -> Arrow:
    labels = listed(item.get("labels", []), f"{field}.labels")
    kind = string_of(labels[0] if labels else None, f"{field}.labels[0]")
    ends = item.get("from_id"), item.get("to_id")
    head, tail = ends if item.get("direction") != "left" else ends[::-1]
    return Arrow(head, tail, kind)


def _confidences(items: list[Json], merged: Merged) -> Confidences:
    """Return how sure a prediction is of each label that was kept, 1 where it does not say."""
    spans = [one for one in items if _is_span(one)]
    arrows = [one for one in items if one.get("type") == "relation"]
    return Confidences(
        tuple(_share(spans[place].get("score")) for place in merged.entities),
        tuple(_share(arrows[place].get("score")) for place in merged.relations),
    )


def _share(value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value <= 1 else 1.0


def spell(record: Record, about: About) -> str:
    """Spell a sentence as one task with one annotation."""
    example = record.example
    text = example.text
    spans = [
        {
            "id": f"e{place}",
            "type": "labels",
            "from_name": FROM,
            "to_name": TO,
            "value": {
                "start": one.start,
                "end": one.end,
                "text": text[one.start : one.end],
                "labels": [one.type],
            },
        }
        for place, one in enumerate(example.graph.entities)
    ]
    arrows = [
        {
            "type": "relation",
            "from_id": f"e{one.head}",
            "to_id": f"e{one.tail}",
            "direction": "bi" if one.type in about.symmetric else "right",
            "labels": [one.type],
        }
        for one in example.graph.relations
    ]
    data: Json = {"text": text, "id": example.id}
    if example.meta:
        data["meta"] = dict(sorted(example.meta.items()))
    return SPELL(
        {"data": data, "annotations": [{"result": [*spans, *arrows], "was_cancelled": False}]}
    )
