"""What the training card says: why a training is or is not happening, and what the next is."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, When

from annotator.core.errors import DomainError
from annotator.learning.models import ModelVersion, Run, RunPolicy
from annotator.learning.selectors.choices import choose
from annotator.learning.selectors.origins import origin_of
from annotator.learning.selectors.policy import GOING, facts_of, failures_of, policy_of, speed_of
from annotator.learning.selectors.snapshots import freeze_labels
from annotator.learning.states import DUE, RunState, TrainingReason
from annotator.learning.timing import FLOOR, Facts, minutes_left, pause_left, reason_of
from annotator.projects.models import Project

Json = dict[str, Any]


def training_json(project: Project) -> Json:
    """Return why the project is or is not training, and what would start it."""
    policy = policy_of(project)
    facts = facts_of(policy)
    reason = reason_of(facts)
    run = _shown_run(project)
    return {
        "is_training": facts.is_running or facts.is_queued,
        "why": _why(project, facts, reason),
        "next": {
            "labels": facts.labels,
            "new_gold": facts.new,
            "wanted": policy.wanted,
            "floor": FLOOR,
            "minutes_left": minutes_left(facts),
            **_start(policy, reason),
        },
        "workers_alive": facts.workers,
        "automatic": policy.is_automatic,
        "run": _run_json(run) if run else None,
    }


def _why(project: Project, facts: Facts, reason: TrainingReason) -> Json:
    failed = failures_of(project)[1] if facts.failures else None
    return {
        "code": reason,
        "is_due": reason in DUE,
        "failure": failed.error_code if failed else None,
        "failure_message": failed.error_message if failed else None,
        "retry_minutes": pause_left(facts) if facts.failures else None,
        "refusal": facts.refusal.code if facts.refusal else None,
        "refusal_message": facts.refusal.message if facts.refusal else None,
    }


def _start(policy: RunPolicy, reason: TrainingReason) -> Json:
    """Say what a training that began now would go on from; nothing where it would be refused."""
    speed = speed_of(policy, reason)
    try:
        choice = choose(policy.project, {"speed": speed})
        origin, anew = origin_of(policy.project, choice, freeze_labels(policy.project))
    except DomainError:
        return {"speed": speed, "origin_number": None, "anew": None}
    return {
        "speed": speed,
        "origin_number": origin.number if origin else None,
        "anew": anew or None,
    }


def _shown_run(project: Project) -> Run | None:
    """Return the run that is under way, else the one that waits, else the newest."""
    place = Case(When(state__in=GOING, then=0), When(state=RunState.QUEUED, then=1), default=2)
    runs = Run.objects.filter(project=project).defer("snapshot", "history")
    return runs.order_by(place, "-pk").first()


def _run_json(run: Run) -> Json:
    origin = ModelVersion.objects.filter(pk=run.options.get("origin") or 0)
    return {
        "id": run.pk,
        "state": run.state,
        "automatic": run.options.get("automatic") or None,
        "origin_number": origin.values_list("number", flat=True).first(),
        "anew": run.options.get("anew") or None,
    }
