"""How far a version's chances can be believed, as it was measured when it was trained."""

from __future__ import annotations

from typing import Any

from annotator.learning.models import ModelVersion

Json = dict[str, Any]

HEAVY = "calibration"  # the part of the metrics that lists leave out


def trust_json(version: ModelVersion) -> Json:
    """Return the report on a version's chances, or why there is none."""
    report = version.metrics.get(HEAVY)
    reason = None
    if report is None:
        is_own = version.metrics.get("measured_on") == "training"
        reason = "measured_on_training" if is_own else "not_measured"
    return {
        "id": version.pk,
        "number": version.number,
        "measured_on": version.metrics.get("measured_on"),
        "calibration": report,
        "reason": reason,
    }


def light(metrics: Json | None) -> Json | None:
    """Return metrics without what only its own page shows."""
    if metrics is None:
        return None
    return {name: value for name, value in metrics.items() if name != HEAVY}
