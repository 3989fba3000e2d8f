"""Trainings that start by themselves: the settings, and the one place that starts them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from annotator.accounts.models import User
from annotator.core import audit, events
from annotator.core.errors import DomainError
from annotator.learning.models import Run, RunPolicy
from annotator.learning.selectors.policy import facts_of, speed_of
from annotator.learning.services.runs import request_run
from annotator.learning.states import DUE
from annotator.learning.timing import reason_of
from annotator.projects.models import Project

logger = logging.getLogger(__name__)

FIELDS = {
    "automatic": "is_automatic",
    "wanted": "wanted",
    "minutes": "minutes",
    "speed": "speed",
    "nightly_hour": "nightly_hour",
    "labels": "labels",
}


@transaction.atomic
def set_policy(*, project: Project, actor: User | None, given: Mapping[str, Any]) -> RunPolicy:
    """Change when the project trains by itself; what is not given stays."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    policy, _ = RunPolicy.objects.get_or_create(project=project)
    before = (policy.is_automatic, policy.nightly_hour)
    for name, value in given.items():
        setattr(policy, FIELDS[name], value)
    if (policy.is_automatic, policy.nightly_hour) != before:
        policy.changed_at = Now()
    policy.save()
    change = audit.Change(action="policy.changed", object_kind="project", object_id=project.pk)
    audit.record(change, actor_id=actor.pk if actor else None, project_id=project.pk)
    events.publish(project.pk, "project.changed")
    return policy


def start_due_runs() -> None:
    """Start a training wherever one is due; every worker asks this at every sweep.

    A save of a label starts nothing itself, so that nobody who labels waits for a count.
    """
    for project_id in RunPolicy.objects.filter(is_automatic=True).values_list("pk", flat=True):
        consider(project_id=project_id)


@transaction.atomic
def consider(*, project_id: int) -> Run | None:
    """Start a training if it is due.

    The project's row is held while facts are counted, so that of two who ask at once the second
    one sees the run of the first; who finds it held leaves the matter to the next sweep.
    """
    free = Project.objects.select_for_update(skip_locked=True, no_key=True)
    project = free.filter(pk=project_id).first()
    on = RunPolicy.objects.select_related("project").filter(project=project, is_automatic=True)
    policy = on.first() if project is not None else None
    if policy is None:
        return None
    reason = reason_of(facts_of(policy))
    if reason not in DUE:
        return None
    speed = speed_of(policy, reason)
    try:
        with transaction.atomic():
            return request_run(
                project=policy.project, actor=None, given={"speed": speed}, automatic=reason.value
            )
    except DomainError as error:
        logger.warning("project %s does not train by itself: %s", project_id, error.code)
        return None
