"""The next batch: chosen from the pool by the project's strategy and put at the queue's head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from annotator.core import jobs
from annotator.core.jobs import Claim
from annotator.core.models import Job
from annotator.core.states import JobState
from annotator.labelling.states import Reason
from annotator.learning.models import ModelVersion
from annotator.learning.selectors.pool import Waiting
from annotator.learning.selectors.ranking import Ranking
from annotator.learning.services.suggestions import plan_suggestions
from annotator.learning.states import VersionState
from annotator.projects.models import Project

KIND = "arrange"
QUEUE = "predict"
BATCH = 100  # sentences chosen at a time
LOW = 20  # chosen sentences below which the next batch is chosen
PAUSE_SECONDS = 30.0
STEP = 1_000  # near duplicates that are moved to the end in one transaction


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sentence of the next batch and why it is in it."""

    sentence_id: int
    reason: Reason


def request_arrangement(project_id: int) -> None:
    """Have the next batch chosen; once is enough however often it is asked for."""
    waiting = Job.objects.filter(kind=KIND, project_id=project_id, state=JobState.QUEUED)
    if not waiting.exists():
        with transaction.atomic():
            jobs.enqueue(kind=KIND, queue=QUEUE, project_id=project_id, subject_id=project_id)


# The batch lies above all that is not chosen and below what was chosen before, so that people see
# priorities fall, whenever the next batch is chosen.
PUT_FIRST = """
WITH rest AS (
    SELECT COALESCE((SELECT priority FROM labelling_slot
                      WHERE project_id = %(project)s AND state = 'open' AND NOT is_holdout
                        AND choice = '' AND priority IS NOT NULL
                      ORDER BY priority DESC LIMIT 1), 0) AS top
), band AS (
    SELECT rest.top AS low, COALESCE((SELECT min(priority) FROM labelling_slot
                      WHERE project_id = %(project)s AND choice <> '' AND priority > rest.top),
                    rest.top + 1) AS high
      FROM rest
)
UPDATE labelling_slot AS s
   SET choice = v.reason,
       priority = band.high - (band.high - band.low) * (v.place + 1) / %(count)s::float8
  FROM band, unnest(%(sentences)s::bigint[], %(reasons)s::text[], %(places)s::int[])
       AS v (sentence_id, reason, place)
 WHERE s.sentence_id = v.sentence_id AND s.state = 'open' AND NOT s.is_holdout
"""
PUT_LAST = """
UPDATE labelling_slot SET priority = -1, choice = ''
 WHERE sentence_id = ANY(%s) AND state = 'open' AND NOT is_holdout
   AND priority IS DISTINCT FROM -1
"""


def store_arrangement(
    held: Claim, waiting: Waiting, chosen: Sequence[Chosen], repeats: Sequence[int]
) -> bool:
    """Put a batch at the head of the queue and near duplicates (sentence ids) at its end.

    When another version became active meanwhile nothing changes: False.
    """
    for first in range(0, len(repeats), STEP):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(PUT_LAST, [list(repeats[first : first + STEP])])
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=waiting.project_id)
        active = ModelVersion.objects.filter(
            project=waiting.project_id, state=VersionState.ACTIVE
        ).values_list("pk", flat=True)
        if active.first() != waiting.version_id:
            jobs.finish(held, state=JobState.CANCELLED, code="version_retired")
            return False
        jobs.finish(held)
        if chosen:
            _put_first(waiting, chosen)
    return True


def _put_first(waiting: Waiting, chosen: Sequence[Chosen]) -> None:
    values: dict[str, Any] = {
        "project": waiting.project_id,
        "count": len(chosen) + 1,
        "sentences": [one.sentence_id for one in chosen],
        "reasons": [one.reason.value for one in chosen],
        "places": list(range(len(chosen))),
    }
    with connection.cursor() as cursor:
        cursor.execute(PUT_FIRST, values)


SHORT = """
SELECT p.id FROM projects_project AS p
 WHERE (SELECT count(*) FROM (
           SELECT 1 FROM labelling_slot AS s
            WHERE s.project_id = p.id AND s.state = 'open' AND s.choice <> '' LIMIT %(low)s
       ) AS chosen) < %(low)s
   AND EXISTS (SELECT 1 FROM labelling_slot AS s
                WHERE s.project_id = p.id AND s.state = 'open' AND NOT s.is_holdout
                  AND s.choice = '' AND COALESCE(s.priority, 0) >= 0)
   AND NOT EXISTS (SELECT 1 FROM core_job AS j
                    WHERE j.kind = 'arrange' AND j.project_id = p.id
                      AND (j.state IN ('queued', 'running')
                           OR j.created_at > now() - make_interval(secs => %(pause)s)))
"""


def arrange_missing() -> None:
    """Choose the next batch wherever the last one runs out, and follow a changed strategy."""
    for version in ModelVersion.objects.filter(state=VersionState.ACTIVE).select_related("project"):
        if version.ranking and version.ranking["strategy"] != version.project.strategy:
            follow_strategy(version.project_id)
    with connection.cursor() as cursor:
        cursor.execute(SHORT, {"low": LOW, "pause": PAUSE_SECONDS})
        projects = [row[0] for row in cursor.fetchall()]
    for project_id in projects:
        request_arrangement(project_id)


# What was chosen and is left goes back to what the version made of it.
RESET = """
UPDATE labelling_slot AS s SET choice = '', priority = (
    SELECT g.priority FROM learning_suggestion AS g
     WHERE g.sentence_id = s.sentence_id AND g.model_version_id = %s)
 WHERE s.project_id = %s AND s.state = 'open' AND s.choice <> ''
"""


@transaction.atomic
def follow_strategy(project_id: int) -> None:
    """Order by the project's present strategy; sentences are looked at again if its score asks."""
    project = Project.objects.select_for_update(no_key=True).get(pk=project_id)
    version = (
        ModelVersion.objects.select_for_update()
        .filter(project=project, state=VersionState.ACTIVE)
        .first()
    )
    if version is None:
        return
    before = Ranking.of(version.ranking)
    now = Ranking(project.strategy, before.costs, before.weights)
    version.ranking = now.as_json()
    version.save(update_fields=["ranking"])
    with connection.cursor() as cursor:
        cursor.execute(RESET, [version.pk, project_id])
    if now.strategy.score != before.strategy.score:
        plan_suggestions(version, again=True)
    request_arrangement(project_id)
