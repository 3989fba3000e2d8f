"""On which sentences versions are compared, and what a worker needs to measure one again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from annotator.core.jobs import Claim
from annotator.core.models import Job
from annotator.core.states import JobState
from annotator.corpus.states import Split
from annotator.labelling.models import GoldRevision
from annotator.learning.models import ModelVersion
from annotator.learning.selectors.chunks import has_old_words
from annotator.learning.selectors.training import measured_revisions
from annotator.projects.models import Project

KIND = "measure"


@dataclass(frozen=True, slots=True)
class Yardstick:
    """The gold revisions that versions are compared on now, and where they come from."""

    measured_on: str
    revisions: Sequence[int]


@dataclass(frozen=True, slots=True)
class MeasureOrder:
    """One measurement; `schema` is None where the version shall keep to the words it learnt."""

    digest: str
    revisions: Sequence[int]
    schema: Mapping[str, Any] | None


def holdout_revisions(project: Project) -> list[int]:
    """Return the gold of the hold-out as it is now, in the order of the corpus."""
    rows = GoldRevision.objects.filter(
        sentence__project=project,
        sentence__split=Split.HOLDOUT,
        version=F("sentence__gold_version"),
    )
    return list(rows.order_by("sentence__position").values_list("pk", flat=True))


def yardstick_of(project: Project) -> Yardstick:
    """Return the hold-out, or what the newest version was measured on where none is labelled."""
    held_out = holdout_revisions(project)
    if held_out:
        return Yardstick("holdout", held_out)
    newest = ModelVersion.objects.filter(project=project).select_related("run")
    version = newest.order_by("-number").first()
    if version is None or version.run.options["measured_on"] != "pool_share":
        return Yardstick("training", [])
    return Yardstick("pool_share", measured_revisions(version.run))


def measure_order_of(held: Claim) -> MeasureOrder:
    """Return what a measurement froze when it was asked for."""
    version = ModelVersion.objects.get(pk=held.subject_id)
    is_foreign = has_old_words(version, at=held.payload["schema_version"])
    schema = None if is_foreign else held.payload["schema"]
    return MeasureOrder(version.digest, held.payload["revisions"], schema)


def measurements(project: Project) -> dict[int, dict[str, str]]:
    """Return how the last measurement of each version stands, unless it is done. One query."""
    rows = Job.objects.filter(kind=KIND, project_id=project.pk).order_by("subject_id", "-pk")
    newest = rows.distinct("subject_id").values_list("subject_id", "state", "error_code")
    return {
        version: {"state": state, "error": code if state == JobState.FAILED else ""}
        for version, state, code in newest
        if state not in {JobState.DONE, JobState.CANCELLED}
    }
