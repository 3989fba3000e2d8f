"""Sentences written for these tests, and small functions that make variety."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from extraction.types import Entity, Example, Graph, Relation

Marked = tuple[str, str]  # surface, type
Arrow = tuple[int, int, str]

SENTENCES: Sequence[tuple[str, Sequence[Marked], Sequence[Arrow]]] = (
    ("安宁片@与乐平合用,作用加强", [("安宁片", "药物"), ("乐平", "药物")], [(1, 0, "协同")]),
    ("乐平片@与安宁合用,作用减弱", [("乐平片", "药物"), ("安宁", "药物")], [(1, 0, "拮抗")]),
    ("安宁片@禁止与康泰同用", [("安宁片", "药物"), ("康泰", "药物")], [(1, 0, "禁忌")]),
    ("康泰胶囊@增强乐平的作用", [("康泰胶囊", "药物"), ("乐平", "药物")], [(0, 1, "协同")]),
    ("康泰胶囊@与饮食无关", [], []),
    ("乐平片@孕妇慎用", [], []),
    ("安宁片@使康泰浓度升高", [("安宁片", "药物"), ("康泰", "药物")], [(0, 1, "促进")]),
    ("乐平片@可用于头痛", [("头痛", "疾病")], []),
)


def example(
    text: str, marked: Iterable[Marked] = (), arrows: Iterable[Arrow] = (), name: str = ""
) -> Example:
    """An example whose entities are the first occurrences of these surfaces."""
    entities = tuple(
        Entity(text.index(surface), text.index(surface) + len(surface), kind)
        for surface, kind in marked
    )
    relations = tuple(Relation(*arrow) for arrow in arrows)
    return Example(name or text, text, Graph(entities, relations))


def corpus(times: int = 1) -> list[Example]:
    """The sentences as examples; several times over with ids of their own."""
    return [
        example(text, marked, arrows, name=f"{turn}-{number}")
        for turn in range(times)
        for number, (text, marked, arrows) in enumerate(SENTENCES)
    ]


def record(one: Example) -> dict[str, Any]:
    """The native line of an example."""
    return {
        "id": one.id,
        "text": one.text,
        "entities": [{"start": e.start, "end": e.end, "type": e.type} for e in one.graph.entities],
        "relations": [
            {"head": r.head, "tail": r.tail, "type": r.type} for r in one.graph.relations
        ],
    }


def write_native(path: Path, examples: Iterable[Example]) -> Path:
    """Write a native file."""
    lines = (json.dumps(record(one), ensure_ascii=False) + "\n" for one in examples)
    path.write_text("".join(lines), encoding="utf-8")
    return path
