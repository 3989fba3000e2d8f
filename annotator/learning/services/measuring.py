"""Measuring a version again, on the hold-out as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from annotator.accounts.models import User
from annotator.core import audit, events, jobs
from annotator.core.errors import ConflictError
from annotator.core.jobs import Claim
from annotator.core.models import Job
from annotator.core.states import JobState
from annotator.learning.models import ModelVersion
from annotator.learning.selectors.measuring import KIND, holdout_revisions
from annotator.learning.selectors.origins import frozen_schema
from annotator.learning.services.judgements import Book, Said, bring_forward

QUEUE = "predict"  # behind a long training nobody would wait for it


class NothingToMeasureError(ConflictError):
    """No sentence of the hold-out is labelled yet."""

    code = "nothing_to_measure"


@transaction.atomic
def request_measurement(*, version: ModelVersion, actor: User | None) -> ModelVersion:
    """Have a version measured on the hold-out as it is now; that it is under way is enough."""
    locked = ModelVersion.objects.select_for_update().get(pk=version.pk)
    waiting = Job.objects.filter(
        kind=KIND, subject_id=locked.pk, state__in=(JobState.QUEUED, JobState.RUNNING)
    )
    if waiting.exists():
        return locked
    project = locked.project
    revisions = holdout_revisions(project)
    if not revisions:
        raise NothingToMeasureError("No sentence of the hold-out is labelled yet")
    payload = {
        "revisions": revisions,
        "schema": frozen_schema(project),
        "schema_version": project.schema_version,
    }
    jobs.enqueue(
        kind=KIND, queue=QUEUE, project_id=project.pk, subject_id=locked.pk, payload=payload
    )
    change = audit.Change(
        action="model.measurement_requested",
        object_kind="model_version",
        object_id=locked.pk,
        after_version=locked.number,
    )
    audit.record(change, actor_id=actor.pk if actor else None, project_id=project.pk)
    _tell(locked, JobState.QUEUED)
    return locked


@transaction.atomic
def store_measurement(held: Claim, said: Said, costs: Mapping[str, Any]) -> None:
    """Keep what the version says of the frozen sentences, and what saying it cost."""
    jobs.finish(held)
    version = ModelVersion.objects.select_for_update(no_key=True).get(pk=held.subject_id)
    kinds = held.payload["schema"]["relation_types"]
    symmetric = frozenset(one["name"] for one in kinds if one["symmetric"])
    bring = bring_forward(version, held.payload["schema_version"], symmetric)
    Book(version.pk, symmetric, bring).store(held.payload["revisions"], said)
    version.metrics = {
        **version.metrics,
        "costs": {**version.metrics.get("costs", {}), **costs},
    }
    version.save(update_fields=["metrics"])
    _tell(version, JobState.DONE)


@transaction.atomic
def end_measurement(held: Claim, state: JobState, *, code: str = "", message: str = "") -> None:
    """End a measurement that came to nothing, with a reason."""
    jobs.finish(held, state=state, code=code, message=message)
    version = ModelVersion.objects.filter(pk=held.subject_id).first()
    if version is not None:
        _tell(version, state)


def _tell(version: ModelVersion, state: JobState) -> None:
    events.publish(
        version.project_id, "model.measured", model_version=version.pk, state=state.value
    )
