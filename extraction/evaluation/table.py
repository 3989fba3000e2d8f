"""The report for people: small tables of text, rates in percent."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

TITLES: Mapping[str, str] = {
    "ner_strict": "NER strict",
    "re_boundary": "RE boundary",
    "re_strict": "RE strict",
    "triple_text": "triple text",
}
RATES = ("precision", "recall", "f1")
TYPES_SHOWN = ("ner_strict", "re_strict")


def report_table(report: Mapping[str, Any]) -> str:
    """All of a report but the counts of each type, as lines of text without a last line end."""
    counts = report["counts"]
    head = (
        f"{counts['sentences']} sentences;"
        f" gold: {counts['gold_entities']} entities, {counts['gold_relations']} relations;"
        f" predicted: {counts['predicted_entities']}, {counts['predicted_relations']}"
    )
    parts = [_measures(report), _classes(report["by_overlap"])]
    parts += [_types(TITLES[name], report[name]["per_type"]) for name in TYPES_SHOWN]
    return "\n\n".join([head, *(_aligned(rows) for rows in parts if len(rows) > 1)])


def _measures(report: Mapping[str, Any]) -> list[list[str]]:
    intervals = report.get("intervals")
    share = [f"{100 * intervals['level']:g} % of F1"] if intervals else []
    rows = [["percent", "P", "R", "F1", *share, "macro P", "R", "F1"]]
    for name, title in TITLES.items():
        between = ["{} to {}".format(*map(_percent, intervals[name]))] if intervals else []
        rows.append([title, *_rates(report[name]["micro"]), *between])
        rows[-1] += _rates(report[name]["macro"])
    return rows


def _classes(classes: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    rows = [["RE strict by overlap", "sentences", "P", "R", "F1"]]
    for name, one in classes.items():
        if one["sentences"]:
            rows.append([name, str(one["sentences"]), *_rates(one)])
    return rows


def _types(title: str, types: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    rows = [[f"{title} by type", "gold", "P", "R", "F1"]]
    for name, one in types.items():
        rows.append([name, str(one["right"] + one["missed"]), *_rates(one)])
    return rows


def _rates(one: Mapping[str, Any]) -> list[str]:
    return [_percent(one[name]) for name in RATES]


def _percent(share: float) -> str:
    return f"{100 * share:.2f}"


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side: the first to the left, the others to the right."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *rest in rows:
        cells = [first + " " * (widths[0] - _width(first))]
        cells += [" " * (w - _width(one)) + one for w, one in zip(widths[1:], rest, strict=True)]
        lines.append("  ".join(cells))
    return "\n".join(lines)


def _width(text: str) -> int:
    """Columns of a terminal; a full-width character takes two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
