"""Comparisons: their runs side by side, and which differences are more than luck."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from django.db.models import Prefetch, QuerySet

from annotator.core.errors import NotFoundError
from annotator.learning.models import Comparison, ModelVersion, Run
from annotator.learning.selectors.leaderboard import (
    costs_of,
    counts_of,
    differences,
    figures,
)
from annotator.learning.selectors.runs import run_json
from annotator.learning.selectors.training import measured_revisions
from annotator.projects.models import Project

Json = dict[str, Any]


def comparisons_of(project: Project) -> QuerySet[Comparison]:
    """Return the comparisons of a project with their runs and versions. Two queries."""
    runs = Run.objects.select_related("model_version__run", "requested_by").order_by("pk")
    rows = Comparison.objects.filter(project=project)
    return rows.prefetch_related(Prefetch("runs", queryset=runs))


def find_comparison(project: Project, comparison_id: int) -> Comparison:
    """Return a comparison of the project."""
    found = comparisons_of(project).filter(pk=comparison_id).first()
    if found is None:
        raise NotFoundError("There is no such comparison", comparison=comparison_id)
    return found


def comparison_json(comparison: Comparison) -> Json:
    """Return what all its runs share and how far each is."""
    runs = list(comparison.runs.all())
    first = runs[0]
    return {
        "id": comparison.pk,
        "created_at": comparison.created_at,
        "seed": first.seed,
        "gold_count": first.gold_count,
        "measured_on": first.options["measured_on"],
        "sentences": len(measured_revisions(first)),
        "is_over": all(one.finished_at is not None for one in runs),
        "runs": [run_json(one) for one in runs],
    }


def compared_json(comparison: Comparison) -> Json:
    """Return a comparison with the figures of its versions and all their differences."""
    runs = list(comparison.runs.all())
    versions = [one.model_version for one in runs if hasattr(one, "model_version")]
    revisions = measured_revisions(runs[0])
    counts = counts_of([one.pk for one in versions], revisions)
    whole = [one for one in versions if len(counts[one.pk]) == len(revisions)]
    return {
        **comparison_json(comparison),
        "versions": [
            {
                **_plain(one),
                **figures(counts[one.pk].values()),
            }
            for one in whole
        ],
        "pairs": [
            {
                "first": one.pk,
                "second": other.pk,
                **differences(counts[one.pk], counts[other.pk]),
            }
            for one, other in combinations(whole, 2)
        ],
    }


def _plain(version: ModelVersion) -> Json:
    return {
        "id": version.pk,
        "number": version.number,
        "run": version.run_id,
        "state": version.state,
        "costs": costs_of(version),
    }
