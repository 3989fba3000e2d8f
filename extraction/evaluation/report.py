"""The report of every run: all measures, per type, with counts, as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from extraction.evaluation.match import KeyPair, key_pairs
from extraction.evaluation.metrics import Counts, count_by_type, macro, micro
from extraction.evaluation.overlap import by_class
from extraction.evaluation.significance import (
    DEFAULT_SAMPLING,
    Sampling,
    f1_interval,
    paired_difference,
    sentence_counts,
)
from extraction.types import Example, Graph

DIGITS = 6


def evaluate(
    examples: Sequence[Example],
    said: Sequence[Graph],
    symmetric: frozenset[str] = frozenset(),
    *,
    no_overlapping: bool = False,
    sampling: Sampling = DEFAULT_SAMPLING,
) -> dict[str, Any]:
    """Compare what was said with the examples' graphs, in every way we report.

    With `no_overlapping`, overlapping entities and relations between overlapping ends are
    left out on both sides. `intervals` are of micro F1; no resamples, no intervals. `counts`
    are those of the graphs as they are, whatever is left out of the measures.
    """
    pairs = key_pairs(examples, said, symmetric, no_overlapping=no_overlapping)
    measures = {name: _measure(found) for name, found in pairs.items()}
    entity, triple = measures["ner_strict"]["micro"], measures["re_strict"]["micro"]
    return {
        "entity_f1": entity["f1"],
        "entity_precision": entity["precision"],
        "entity_recall": entity["recall"],
        "triple_f1": triple["f1"],
        "triple_precision": triple["precision"],
        "triple_recall": triple["recall"],
        **measures,
        "by_overlap": {
            name: {**_rates(micro(count_by_type(found))), "sentences": len(found)}
            for name, found in by_class(pairs["re_strict"]).items()
        },
        **({"intervals": _intervals(pairs, sampling)} if sampling.resamples else {}),
        "counts": {
            "sentences": len(examples),
            "gold_entities": sum(len(one.graph.entities) for one in examples),
            "gold_relations": sum(len(one.graph.relations) for one in examples),
            "predicted_entities": sum(len(one.entities) for one in said),
            "predicted_relations": sum(len(one.relations) for one in said),
        },
    }


def compare(
    examples: Sequence[Example],
    first: Sequence[Graph],
    second: Sequence[Graph],
    symmetric: frozenset[str] = frozenset(),
    *,
    no_overlapping: bool = False,
    sampling: Sampling = DEFAULT_SAMPLING,
) -> dict[str, Any]:
    """How much better the first prediction is than the second, for each measure's micro F1.

    `interval` holds the difference by a paired bootstrap over sentences; `share_above` is the
    share of resamples in which the first is better.
    """
    one = key_pairs(examples, first, symmetric, no_overlapping=no_overlapping)
    other = key_pairs(examples, second, symmetric, no_overlapping=no_overlapping)
    found: dict[str, Any] = {}
    for name in one:
        gap = paired_difference(sentence_counts(one[name]), sentence_counts(other[name]), sampling)
        found[name] = {
            "difference": round(gap.f1, DIGITS),
            "interval": [round(gap.low, DIGITS), round(gap.high, DIGITS)],
            "share_above": round(gap.share_above, DIGITS),
        }
    return {**found, "level": sampling.level, "resamples": sampling.resamples}


def _measure(pairs: Sequence[KeyPair]) -> dict[str, Any]:
    by_type = count_by_type(pairs)
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


def _intervals(pairs: Mapping[str, Sequence[KeyPair]], sampling: Sampling) -> dict[str, Any]:
    intervals: dict[str, Any] = {}
    for name, found in pairs.items():
        low, high = f1_interval(sentence_counts(found), sampling)
        intervals[name] = [round(low, DIGITS), round(high, DIGITS)]
    return {**intervals, "level": sampling.level, "resamples": sampling.resamples}


def _rates(counts: Counts) -> dict[str, Any]:
    return {
        "precision": round(counts.precision, DIGITS),
        "recall": round(counts.recall, DIGITS),
        "f1": round(counts.f1, DIGITS),
        "right": counts.right,
        "wrong": counts.wrong,
        "missed": counts.missed,
    }
