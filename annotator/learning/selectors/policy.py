"""When a project trains by itself, and what its training card says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max

from annotator.core import jobs
from annotator.core.errors import InvalidError
from annotator.learning.models import ModelVersion, Run, RunPolicy
from annotator.learning.selectors.choices import choose
from annotator.learning.states import DUE, LabelState, RunState
from annotator.learning.timing import FLOOR, Facts, minutes_left, pause_left, reason_of
from annotator.projects.models import Project, Speed

Json = dict[str, Any]
QUEUE = "train"
LOOKED_AT = 15  # failures in a row, beyond which the pause grows no more
GOING = (RunState.RUNNING, RunState.EVALUATING)

# Labels of the pool: how many, how many of them are newer than a run knew, and since when. The
# newest label of a sentence counts, so a corrected one is new again.
COUNT = """
SELECT count(DISTINCT l.sentence), count(DISTINCT l.sentence) FILTER (WHERE l.is_new),
       EXTRACT(EPOCH FROM clock_timestamp() - min(l.at) FILTER (WHERE l.is_new)) / 60,
       COALESCE(bool_or(l.is_gold), FALSE)
         OR EXISTS (SELECT 1 FROM corpus_sentence AS h
                     WHERE h.project_id = %(project)s AND h.split = 'holdout'
                       AND h.gold_version > 0)
  FROM (SELECT s.id AS sentence, g.at, g.id > %(gold)s AS is_new, TRUE AS is_gold
          FROM corpus_sentence AS s
          JOIN labelling_goldrevision AS g ON g.sentence_id = s.id AND g.version = s.gold_version
         WHERE s.project_id = %(project)s AND s.split <> 'holdout'
         UNION ALL
        SELECT s.id, r.at, r.id > %(submitted)s, FALSE
          FROM corpus_sentence AS s
          JOIN labelling_annotation AS a ON a.sentence_id = s.id AND a.state = 'submitted'
          JOIN labelling_revision AS r ON r.annotation_id = a.id AND r.version = a.version
         WHERE %(both)s AND s.project_id = %(project)s AND s.split <> 'holdout'
           AND s.gold_version = 0
           AND NOT EXISTS (SELECT 1 FROM labelling_plant AS p
                            WHERE p.sentence_id = s.id AND p.outcome = 'accepted')) AS l
"""
NOW = "SELECT clock_timestamp()"


@dataclass(frozen=True, slots=True)
class Counted:
    """Labels of the pool, those that are new, minutes since the first of these; whether gold is."""

    labels: int
    new: int
    first_new: float | None
    can_learn: bool


def policy_of(project: Project) -> RunPolicy:
    """Return the settings of a project; without any of its own, the usual ones."""
    return RunPolicy.objects.filter(project=project).first() or RunPolicy(project=project)


def policy_json(policy: RunPolicy) -> Json:
    """Return the settings."""
    return {
        "automatic": policy.is_automatic,
        "wanted": policy.wanted,
        "minutes": policy.minutes,
        "speed": policy.speed,
        "nightly_hour": policy.nightly_hour,
        "labels": policy.labels,
    }


def facts_of(policy: RunPolicy) -> Facts:
    """Count what decides whether a training is due."""
    newest = _newest_runs(policy)
    failed = [run for run in newest if run.state == RunState.FAILED]
    failures = next(
        (place for place, run in enumerate(newest) if run.state != RunState.FAILED), len(newest)
    )
    base = _base(policy)
    counted = _count(policy, base)
    refusal = refusal_of(policy)
    now = _now()
    going = Run.objects.filter(project=policy.project_id, finished_at__isnull=True)
    states = set(going.values_list("state", flat=True))
    ended = failed[0].finished_at if failures and failed else None
    return Facts(
        is_automatic=policy.is_automatic,
        wanted=policy.wanted,
        minutes=policy.minutes,
        labels=counted.labels,
        can_learn=counted.can_learn,
        refusal=refusal.code if refusal else None,
        new=counted.new,
        first_new=counted.first_new,
        workers=jobs.count_workers(QUEUE),
        is_running=bool(states & set(GOING)),
        is_queued=RunState.QUEUED in states,
        was_cancelled=base is not None and base.state == RunState.CANCELLED,
        failures=failures,
        failed=(now - ended).total_seconds() / 60 if ended else None,
        schema_changed=base is not None
        and base.options["schema_version"] != policy.project.schema_version,
        night_is_due=_night_is_due(policy, now),
    )


def refusal_of(policy: RunPolicy) -> InvalidError | None:
    """Return why the project's model or encoder cannot be trained as things are, if so."""
    try:
        choose(policy.project, {"speed": policy.speed})
    except InvalidError as error:
        return error
    return None


def _failure(policy: RunPolicy, facts: Facts, run: Run | None) -> tuple[str, str] | None:
    """Return code and words of what stands in the way, or of what ended the last run."""
    refusal = refusal_of(policy) if facts.refusal else None
    if refusal is not None:
        return refusal.code, refusal.message
    return (run.error_code, run.error_message) if run and facts.failures else None


def training_json(project: Project) -> Json:
    """Return why the project is or is not training, and what would start it."""
    policy = policy_of(project)
    facts = facts_of(policy)
    code = reason_of(facts)
    run = _shown_run(project)
    failure = _failure(policy, facts, run)
    return {
        "is_training": facts.is_running or facts.is_queued,
        "why": {
            "code": code,
            "is_due": code in DUE,
            "failure": failure[0] if failure else None,
            "failure_message": failure[1] if failure else None,
            "retry_minutes": pause_left(facts) if facts.failures else None,
        },
        "next": {
            "labels": facts.labels,
            "new_gold": facts.new,
            "wanted": policy.wanted,
            "floor": FLOOR,
            "minutes_left": minutes_left(facts),
        },
        "workers_alive": facts.workers,
        "automatic": policy.is_automatic,
        "run": _run_json(run) if run else None,
    }


def _shown_run(project: Project) -> Run | None:
    """Return the run that is under way, else the one that waits, else the newest."""
    runs = Run.objects.filter(project=project).defer("snapshot", "history")
    for some in (runs.filter(state__in=GOING), runs.filter(state=RunState.QUEUED), runs):
        run = some.order_by("-pk").first()
        if run is not None:
            return run
    return None


def _run_json(run: Run) -> Json:
    origin = ModelVersion.objects.filter(pk=run.options.get("origin") or 0)
    return {
        "id": run.pk,
        "state": run.state,
        "automatic": run.options.get("automatic") or None,
        "origin_number": origin.values_list("number", flat=True).first(),
        "anew": run.options.get("anew") or None,
    }


def _newest_runs(policy: RunPolicy) -> Sequence[Run]:
    ended = Run.objects.filter(
        project=policy.project_id, comparison__isnull=True, finished_at__isnull=False
    )
    return list(ended.defer("snapshot", "history").order_by("-pk")[:LOOKED_AT])


def _base(policy: RunPolicy, **fields: str) -> Run | None:
    """Return the run whose labels are known: the newest that did not fail."""
    runs = Run.objects.filter(project=policy.project_id, comparison__isnull=True, **fields)
    known = runs.exclude(state=RunState.FAILED).defer("snapshot", "history")
    return known.order_by("-pk").first()


def _count(policy: RunPolicy, base: Run | None) -> Counted:
    known = _newest_known(base)
    values: Json = {
        "project": policy.project_id,
        "both": policy.labels == LabelState.SUBMITTED,
        "gold": known["gold"],
        "submitted": known["submitted"],
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, values)
        labels, new, minutes, can_learn = cursor.fetchone()
    return Counted(labels, new, None if minutes is None else float(minutes), can_learn)


def _newest_known(base: Run | None) -> Json:
    if base is None:
        return {"gold": 0, "submitted": 0}
    newest = base.options.get("newest")
    if newest is not None:
        return dict(newest)
    snapshot = base.snapshot  # of a run from before newest labels were written down
    gold = max((*snapshot["train"], *snapshot["dev"], *snapshot["holdout"]), default=0)
    return {"gold": gold, "submitted": 0}


def _night_is_due(policy: RunPolicy, now: datetime) -> bool:
    """Say whether since the last such hour no full training began though something is new for one.

    A night in which no worker ran is made up for when one runs again; a night before the settings
    were last changed is not, but for the hour in which that was.
    """
    if policy.nightly_hour is None:
        return False
    hour = now.replace(hour=policy.nightly_hour, minute=0, second=0, microsecond=0)
    if hour > now:
        hour -= timedelta(days=1)
    if hour + timedelta(hours=1) <= policy.changed_at:
        return False
    full = Run.objects.filter(project=policy.project_id, speed=Speed.FULL)
    last = full.aggregate(last=Max("created_at"))["last"]
    if last is not None and last >= hour:
        return False
    return _count(policy, _base(policy, speed=Speed.FULL)).new > 0


def _now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(NOW)
        row: tuple[datetime] = cursor.fetchone()
    return row[0]
