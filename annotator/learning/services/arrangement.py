"""The next batch: chosen from the pool by the project's strategy and put at the queue's head."""

from __future__ import annotations

from django.db import connection, transaction

from annotator.core import jobs
from annotator.core.jobs import Claim
from annotator.core.states import JobState
from annotator.learning.models import ModelVersion
from annotator.learning.selectors.pool import Waiting
from annotator.learning.selectors.ranking import Ranking
from annotator.learning.services.batches import Batch, put_first, put_last, request_arrangement
from annotator.learning.services.suggestions import plan_suggestions
from annotator.learning.states import VersionState
from annotator.projects.models import Project

LOW = 20  # chosen sentences below which the next batch is chosen
PAUSE_SECONDS = 30.0
STEP = 1_000  # near duplicates that are moved to the end in one transaction


def store_arrangement(held: Claim, waiting: Waiting, batch: Batch) -> bool:
    """Put a batch at the head of the queue and near duplicates at its end.

    When another version became active meanwhile nothing changes: False.
    """
    for first in range(0, len(batch.repeats), STEP):
        put_last(batch.repeats[first : first + STEP])
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=waiting.project_id)
        active = ModelVersion.objects.filter(
            project=waiting.project_id, state=VersionState.ACTIVE
        ).values_list("pk", flat=True)
        if active.first() != waiting.version_id:
            jobs.finish(held, state=JobState.CANCELLED, code="version_retired")
            return False
        jobs.finish(held)
        put_first(waiting.project_id, batch.chosen)
    return True


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
