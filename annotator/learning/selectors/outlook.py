"""The answer of the page Progress: curves, both arms, the forecast, and what it all advises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from annotator.learning.models import ModelVersion
from annotator.learning.selectors import arms as shown
from annotator.learning.selectors.curves import (
    FIGURES,
    HOUR,
    Measured,
    imported_until,
    leading,
    measured_versions,
    seconds_until,
)
from annotator.learning.selectors.stability import stability
from annotator.learning.states import VersionState
from annotator.projects.models import Project
from annotator.projects.selectors import symmetric_types
from extraction.active import arms
from extraction.active.advice import ENOUGH_EACH, IN_A_ROW, LITTLE, STEADY, Facts, advise
from extraction.active.forecast import AHEAD, FEWEST, LearningCurve, Point, learning_curve

STEPS = 5  # places in the band of the forecast
PROMOTED = 10  # versions whose agreement with the one before is shown
UNKNOWN = {
    "previous": None,
    "sentences": 0,
    "kappa": None,
    "expected_errors": None,
    "expected_errors_before": None,
}
BOTH_SIDES = 3.92  # standard errors in a 95 % interval

Json = dict[str, Any]


def outlook(project: Project) -> Json:
    """Return everything that says whether more labels are worth it. Eight queries at most."""
    versions = measured_versions(project)
    moments = [one.trained_at for one in versions]
    hours = [seconds / HOUR for seconds in seconds_until(project, moments)]
    imported = imported_until(project, moments)
    points = [_point_json(*each) for each in zip(versions, hours, imported, strict=True)]
    symmetric = symmetric_types(project)
    sampled = shown.handled(project.pk, shown.SAMPLED, symmetric)
    control = shown.handled(project.pk, shown.CONTROL, symmetric)
    gap = arms.gap(sampled, control)
    steadiness = _steadiness(project, symmetric)
    head = leading(versions)
    led = [at for at, one in enumerate(versions) if one.series == head]
    curves = {name: _curve([versions[at] for at in led], name) for name in FIGURES}
    triple = curves["triple_f1"]
    advice = advise(
        Facts(
            gain=triple.gain() if triple else None,
            agreements=[one["kappa"] for one in steadiness],
            gap=gap,
        )
    )
    return {
        "series": _series_json(versions, points),
        "forecast": _forecast_json(curves, [points[at] for at in led]),
        "arms": {
            "sampled": _arm_json(arms.arm(sampled)),
            "control": _arm_json(arms.arm(control)),
            "difference": asdict(gap) if gap else None,
            "control_share": project.control_share,
        },
        "stability": steadiness,
        "advice": {
            **asdict(advice),
            "little": LITTLE,
            "steady": STEADY,
            "in_a_row": IN_A_ROW,
            "enough_each": ENOUGH_EACH,
        },
    }


def _point_json(version: Measured, hours: float, imported: int) -> Json:
    return {
        "version": version.id,
        "number": version.number,
        "state": version.state,
        "labels": version.labels,
        "imported": min(imported, version.labels),
        "hours": hours,
        **version.f1,
        "measured_sentences": version.sentences,
        "trained_at": version.trained_at,
    }


def _series_json(versions: Sequence[Measured], points: Sequence[Json]) -> list[Json]:
    """Group the points by what was trained, in the order in which each was first seen."""
    grouped: dict[tuple[str, str, str], list[Json]] = {}
    for version, point in zip(versions, points, strict=True):
        grouped.setdefault(version.series, []).append(point)
    head = leading(versions)
    return [
        {
            "model": series[0],
            "encoder": series[1],
            "speed": series[2],
            "leads": series == head,
            "points": sorted(found, key=lambda one: (one["labels"], one["number"])),
        }
        for series, found in grouped.items()
    ]


def _curve(versions: Sequence[Measured], name: str) -> LearningCurve | None:
    """Fit a series. One that was measured on fewer sentences than the newest counts less."""
    most = max((one.sentences for one in versions), default=0)
    return learning_curve(
        [Point(one.labels, one.f1[name], _error(one, name, most)) for one in versions]
    )


def _error(version: Measured, name: str, most: int) -> float:
    """What the smaller hold-out of a version adds: s² (1 - h / H), h of H sentences."""
    interval = version.intervals[name]
    if interval is None or version.sentences >= most:
        return 0.0
    own = (interval[1] - interval[0]) / BOTH_SIDES
    return float(own * (1.0 - version.sentences / most) ** 0.5)


def _forecast_json(curves: dict[str, LearningCurve | None], points: Sequence[Json]) -> Json:
    found = {name: curve for name, curve in curves.items() if curve is not None}
    some = next(iter(found.values()), None)
    return {
        "ahead": AHEAD,
        "fewest": FEWEST,
        "points": len(points),
        "missing": "too_few_points" if some is None else None,
        "wide": some is not None and some.is_wide,
        "measures": {name: _measure_json(one, points) for name, one in found.items()} or None,
    }


def _measure_json(curve: LearningCurve, points: Sequence[Json]) -> Json:
    newest = max(points, key=lambda one: (one["labels"], one["number"]))
    own = newest["labels"] - newest["imported"]
    pace = newest["hours"] / own if own > 0 and newest["hours"] > 0 else None
    band = [
        {
            "labels": curve.newest + more,
            "hours": None if pace is None else newest["hours"] + pace * more,
            **asdict(curve.measured(curve.newest + more)),
        }
        for more in (AHEAD * step / STEPS for step in range(STEPS + 1))
    ]
    return {
        "next": asdict(curve.measured(curve.newest + AHEAD)),
        "gain": asdict(curve.gain()),
        "band": band,
    }


def _arm_json(found: arms.Arm | None) -> Json | None:
    return asdict(found) if found else None


def _steadiness(project: Project, symmetric: frozenset[str]) -> list[Json]:
    """Return how far each promoted version agrees with the one before, the oldest first.

    Earlier pairs were compared when the next version came; the newest is compared now.
    """
    newest = (
        ModelVersion.objects.filter(project=project, promoted_at__isnull=False)
        .order_by("-promoted_at")
        .values_list("pk", "number", "state", "metrics__stability")[:PROMOTED]
    )
    rows = list(reversed(newest))
    told = [{"number": number, **(found or UNKNOWN)} for _, number, _, found in rows[1:]]
    if told and rows[-1][2] == VersionState.ACTIVE:
        (previous_id, *_), (version_id, *_) = rows[-2:]
        found = stability(
            project.pk, version_id=version_id, previous_id=previous_id, symmetric=symmetric
        )
        told[-1].update(found or UNKNOWN)
    return told
