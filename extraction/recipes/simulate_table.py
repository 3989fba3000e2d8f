"""What replays come to: a summary a set, and all of them as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from extraction.active.curves import GOAL, Curve

BASELINE = "random.v1"
HEAD = (
    "area",
    "area over time",
    "labels to goal",
    "hours to goal",
    "of random's labels",
    "of random's time",
    "worst lag",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One strategy on one set; None where the goal is not reached or there is no baseline.

    `labels_share` and `seconds_share` are of what random needs to the goal; `lag` is how far
    the strategy ever falls behind random, in standard errors (`Curve.worst_against`).
    """

    strategy: str
    labels: list[float]
    seconds: list[float]
    f1: list[float]
    standard_error: list[float]
    area: float
    area_over_seconds: float
    labels_to_goal: float | None
    seconds_to_goal: float | None
    labels_share: float | None
    seconds_share: float | None
    lag: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """All strategies on one set; `full_f1` is what all of its `full_labels` give."""

    data: str
    seeds: int
    full_labels: int
    full_f1: float
    goal_f1: float
    rows: list[Row]


def summarize(records: Sequence[Mapping[str, Any]]) -> list[Summary]:
    """Pool the replays of each set; sets without any replay of a strategy are left out."""
    names = dict.fromkeys(one["data"] for one in records)
    found = [_summary(name, [one for one in records if one["data"] == name]) for name in names]
    return [one for one in found if one.rows]


def _summary(name: str, records: Sequence[Mapping[str, Any]]) -> Summary:
    full = [one["points"][0] for one in records if one["strategy"] == "all"]
    strategies = dict.fromkeys(one["strategy"] for one in records if one["strategy"] != "all")
    curves = {
        each: Curve.of([one["points"] for one in records if one["strategy"] == each])
        for each in strategies
    }
    best = float(np.mean([point["triple_f1"] for point in full])) if full else 0.0
    rows = [_row(each, curve, curves, GOAL * best) for each, curve in curves.items()]
    return Summary(
        data=name,
        seeds=max((len(curve.f1) for curve in curves.values()), default=0),
        full_labels=int(full[0]["labels"]) if full else 0,
        full_f1=best,
        goal_f1=GOAL * best,
        rows=rows,
    )


def _row(name: str, curve: Curve, curves: Mapping[str, Curve], goal: float) -> Row:
    low = max(one.seconds[:, 0].max() for one in curves.values())
    high = min(one.seconds[:, -1].min() for one in curves.values())
    base = curves.get(BASELINE)
    labels, seconds = curve.labels_to(goal), curve.seconds_to(goal)
    return Row(
        strategy=name,
        labels=_plain(curve.labels),
        seconds=_plain(curve.seconds.mean(axis=0)),
        f1=_plain(curve.mean),
        standard_error=_plain(curve.standard_error),
        area=curve.area(),
        area_over_seconds=curve.area_over_seconds(low, high) if low < high else curve.area(),
        labels_to_goal=labels,
        seconds_to_goal=seconds,
        labels_share=_share(labels, base.labels_to(goal) if base else None),
        seconds_share=_share(seconds, base.seconds_to(goal) if base else None),
        lag=curve.worst_against(base) if base is not None and base is not curve else None,
    )


def _plain(values: Any) -> list[float]:
    return [round(float(value), 4) for value in values]


def _share(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None


def markdown(summaries: Sequence[Summary]) -> str:
    """All summaries as Markdown tables: the curves, then what they come to."""
    return "\n".join(_section(one) for one in summaries)


def _section(one: Summary) -> str:
    budgets = one.rows[0].labels
    head = ["strategy", *(f"{budget:.0f}" for budget in budgets), *HEAD]
    lines = [
        f"### {one.data}: triple F1, mean of {one.seeds} seeds",
        "",
        f"All {one.full_labels} labels: {one.full_f1:.3f}; the goal is {one.goal_f1:.3f}.",
        "",
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
    ]
    lines += ["| " + " | ".join(_cells(row)) + " |" for row in one.rows]
    return "\n".join([*lines, ""])


def _cells(row: Row) -> list[str]:
    hours = None if row.seconds_to_goal is None else row.seconds_to_goal / 3600
    return [
        f"`{row.strategy}`",
        *(f"{value:.3f}" for value in row.f1),
        f"{row.area:.3f}",
        f"{row.area_over_seconds:.3f}",
        "not reached" if row.labels_to_goal is None else f"{row.labels_to_goal:.0f}",
        "not reached" if hours is None else f"{hours:.2f}",
        "" if row.labels_share is None else f"{100 * row.labels_share:.0f} %",
        "" if row.seconds_share is None else f"{100 * row.seconds_share:.0f} %",
        "" if row.lag is None else f"{row.lag:+.1f} SE",
    ]
