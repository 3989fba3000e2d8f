"""The side file: where each sentence and each label of an export comes from, an object a line.

Offsets, sources and confidences that clean exports leave out. Lines are in the order of every
other export; `text_sha256` joins them to forms without ids.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from annotator.exchange.formats.writing import About, Origin, Record

SPELL = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def spell(record: Record, about: About) -> str:  # noqa: ARG001 - one of the writers
    """Spell where a sentence comes from."""
    example, origin = record.example, record.origin or Origin("")
    text, graph = example.text, example.graph
    entities = [
        {
            "start": one.start,
            "end": one.end,
            "type": one.type,
            "string": text[one.start : one.end],
            "source": _at(origin.entity_sources, place),
            **_code(record, text[one.start : one.end], one.type),
        }
        for place, one in enumerate(graph.entities)
    ]
    relations = [
        {
            "head": one.head,
            "tail": one.tail,
            "type": one.type,
            "source": _at(origin.relation_sources, place),
        }
        for place, one in enumerate(graph.relations)
    ]
    return SPELL(
        {
            "id": example.id,
            "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
            **_where(origin),
            "entities": entities,
            "relations": relations,
            "negatives": [{"head": head, "tail": tail} for head, tail in graph.negatives],
            "suggestion": origin.suggestion,
        }
    )


def _where(origin: Origin) -> dict[str, Any]:
    return {
        "state": origin.state,
        "split": origin.split,
        "group": origin.group,
        "document": origin.document or None,
        "section": origin.section or None,
        "start": origin.start,
        "end": origin.end,
        "gold": {
            "version": origin.gold_version,
            "origin": origin.gold_origin,
            "decided_at": origin.decided_at or None,
            "decided_by": origin.decided_by or None,
        }
        if origin.gold_version
        else None,
    }


def _at(sources: tuple[str, ...], place: int) -> str | None:
    return sources[place] if place < len(sources) else None


def _code(record: Record, string: str, kind: str) -> dict[str, str]:
    code = record.codes.get((string, kind))
    return {"code": code.code, "name": code.name} if code else {}
