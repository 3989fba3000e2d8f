"""The report of every run: all measures, per type, with counts, as plain JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from extraction.evaluation.match import MATCHES, Reading
from extraction.evaluation.metrics import Counts, count_by_type, macro, micro
from extraction.types import Example, Graph

DIGITS = 6


def evaluate(
    examples: Sequence[Example], said: Sequence[Graph], symmetric: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Compare what was said with the examples' graphs, in every way we report."""
    measures = {name: _measure(name, examples, said, symmetric) for name in MATCHES}
    entity, triple = measures["ner_strict"]["micro"], measures["re_strict"]["micro"]
    return {
        "entity_f1": entity["f1"],
        "entity_precision": entity["precision"],
        "entity_recall": entity["recall"],
        "triple_f1": triple["f1"],
        "triple_precision": triple["precision"],
        "triple_recall": triple["recall"],
        **measures,
        "counts": {
            "sentences": len(examples),
            "gold_entities": sum(len(one.graph.entities) for one in examples),
            "gold_relations": sum(len(one.graph.relations) for one in examples),
            "predicted_entities": sum(len(one.entities) for one in said),
            "predicted_relations": sum(len(one.relations) for one in said),
        },
    }


def _measure(
    name: str, examples: Sequence[Example], said: Sequence[Graph], symmetric: frozenset[str]
) -> dict[str, Any]:
    match = MATCHES[name]
    by_type = count_by_type(
        (
            match(Reading(one.graph, one.text, symmetric)),
            match(Reading(graph, one.text, symmetric)),
        )
        for one, graph in zip(examples, said, strict=True)
    )
    means = macro(by_type)
    return {
        "micro": _rates(micro(by_type)),
        "macro": {
            "precision": round(means.precision, DIGITS),
            "recall": round(means.recall, DIGITS),
            "f1": round(means.f1, DIGITS),
        },
        "per_type": {kind: _rates(counts) for kind, counts in by_type.items()},
    }


def _rates(counts: Counts) -> dict[str, Any]:
    return {
        "precision": round(counts.precision, DIGITS),
        "recall": round(counts.recall, DIGITS),
        "f1": round(counts.f1, DIGITS),
        "right": counts.right,
        "wrong": counts.wrong,
        "missed": counts.missed,
    }
