"""When a project trains by itself, and what is counted to decide it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from django.db import connection

from annotator.core import jobs
from annotator.core.errors import DomainError
from annotator.corpus.models import Sentence
from annotator.corpus.states import Split
from annotator.learning.models import Run, RunPolicy
from annotator.learning.selectors.choices import choose
from annotator.learning.states import LabelState, RunState, TrainingReason
from annotator.learning.timing import Facts, Night, lack_of, last_night
from annotator.projects.models import Project, Speed

Json = dict[str, Any]
QUEUE = "train"
LOOKED_AT = 15  # failures in a row, beyond which the pause grows no more
GOING = (RunState.RUNNING, RunState.EVALUATING)

# Labels of the pool: how many, how many of them are newer than a run knew, and since when. The
# newest label of a sentence counts, so a corrected one is new again.
COUNT = """
SELECT count(DISTINCT l.sentence) FILTER (WHERE l.is_gold),
       count(DISTINCT l.sentence) FILTER (WHERE NOT l.is_gold),
       count(DISTINCT l.sentence) FILTER (WHERE l.is_new),
       min(l.at) FILTER (WHERE l.is_new)
  FROM (SELECT s.id AS sentence, true AS is_gold, g.at, g.id > %(gold)s AS is_new
          FROM corpus_sentence AS s
          JOIN labelling_goldrevision AS g ON g.sentence_id = s.id AND g.version = s.gold_version
         WHERE s.project_id = %(project)s AND s.split <> 'holdout'
         UNION ALL
        SELECT s.id, false, r.at, r.id > %(submitted)s
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
    """Labels that train: gold ones, submitted ones, new ones, and when the first new one came."""

    gold: int
    submitted: int
    new: int
    first_new: datetime | None


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
    failures, failed = failures_of(policy.project)
    base = _base(policy)
    counted = _count(policy, base)
    now = _now()
    going = Run.objects.filter(project=policy.project_id, finished_at__isnull=True)
    states = set(going.values_list("state", flat=True))
    return Facts(
        is_automatic=policy.is_automatic,
        wanted=policy.wanted,
        minutes=policy.minutes,
        labels=counted.gold + counted.submitted,
        lack=_lack(policy, counted),
        refusal=_refusal(policy),
        new=counted.new,
        first_new=_minutes(counted.first_new, now),
        workers=jobs.count_workers(QUEUE),
        is_running=bool(states & set(GOING)),
        is_queued=RunState.QUEUED in states,
        was_cancelled=base is not None and base.state == RunState.CANCELLED,
        failures=failures,
        failed=_minutes(failed.finished_at if failed else None, now),
        schema_changed=base is not None
        and base.options["schema_version"] != policy.project.schema_version,
        night_is_due=_night_is_due(policy, now),
    )


def failures_of(project: Project) -> tuple[int, Run | None]:
    """Return how many runs failed in a row until now, and the last of them."""
    ended = Run.objects.filter(
        project=project, comparison__isnull=True, finished_at__isnull=False
    ).defer("snapshot", "history")
    newest = ended.order_by("-pk")[:LOOKED_AT]
    row = list(takewhile(lambda run: run.state == RunState.FAILED, newest))
    return len(row), row[0] if row else None


def speed_of(policy: RunPolicy, reason: TrainingReason) -> str:
    """Return how a training that begins for this reason is done."""
    if reason is TrainingReason.NIGHTLY:
        return Speed.FULL.value
    return policy.speed if policy.is_automatic else policy.project.speed


def _refusal(policy: RunPolicy) -> DomainError | None:
    """Return what a run that is asked for now would be refused for, whatever the labels."""
    try:
        choose(policy.project, {})
    except DomainError as error:
        return error
    return None


def _lack(policy: RunPolicy, counted: Counted) -> TrainingReason | None:
    def is_held_out() -> bool:
        held_out = Sentence.objects.filter(project=policy.project_id, split=Split.HOLDOUT)
        return held_out.filter(gold_version__gt=0).exists()

    held_out = 0 if counted.gold else int(is_held_out())
    return lack_of(gold=counted.gold, submitted=counted.submitted, held_out=held_out)


def _minutes(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else (now - since).total_seconds() / 60


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
        return Counted(*cursor.fetchone())


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
    """Say whether the last night's full training is still to be done, if late.

    Nights that were over when the hour was chosen do not count, nor does what was labelled since.
    """
    if policy.nightly_hour is None:
        return False
    night = last_night(now, policy.nightly_hour)
    if policy.changed_at >= night.end or _has_begun(policy, night):
        return False
    return _had_news(policy, night)


def _has_begun(policy: RunPolicy, night: Night) -> bool:
    full = Run.objects.filter(project=policy.project_id, comparison__isnull=True, speed=Speed.FULL)
    return full.filter(created_at__gte=night.start).exists()


def _had_news(policy: RunPolicy, night: Night) -> bool:
    first_new = _count(policy, _base(policy, speed=Speed.FULL)).first_new
    return first_new is not None and first_new < night.end


def _now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(NOW)
        row: tuple[datetime] = cursor.fetchone()
    return row[0]
