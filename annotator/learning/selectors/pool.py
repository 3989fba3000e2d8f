"""The pool that the next batch is chosen from: open sentences outside the hold-out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from annotator.learning.models import ModelVersion, Suggestion
from annotator.learning.selectors.ranking import Ranking
from annotator.learning.selectors.sentences import active_version_id
from annotator.projects.models import Project
from extraction.active.strategies import Pool

# One row a sentence: what the active version makes of it. Sentences it has not looked at yet are
# left out as long as it has looked at some; those in somebody's hands, or chosen already, are not
# chosen again.
WAITING = """
SELECT s.sentence_id, t."group", t.text, g.priority
  FROM labelling_slot AS s
  JOIN corpus_sentence AS t ON t.id = s.sentence_id
  LEFT JOIN learning_suggestion AS g
    ON g.sentence_id = s.sentence_id AND g.model_version_id = %(version)s
 WHERE s.project_id = %(project)s AND s.state = 'open' AND NOT s.is_holdout AND s.number = 1
   AND s.choice = '' AND t.split = 'pool' AND (s.lease_until IS NULL OR s.lease_until < now())
 ORDER BY s.position
"""
TAKEN = """
SELECT DISTINCT t."group" FROM labelling_slot AS s JOIN corpus_sentence AS t ON t.id = s.sentence_id
 WHERE s.project_id = %s AND (s.state = 'done' OR s.choice <> '' OR s.lease_until > now())
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The pool as strategies take it, the sentences behind its places, and who ordered it."""

    project_id: int
    version_id: int | None
    ranking: Ranking
    sentence_ids: Sequence[int]
    pool: Pool


def waiting_of(project_id: int) -> Waiting:
    """Return what waits in a project; without a model nothing of it has a score. Four queries."""
    project = Project.objects.get(pk=project_id)
    version_id = active_version_id(project_id)
    ranking = Ranking(project.strategy)
    if version_id is not None:
        ranking = Ranking.of(ModelVersion.objects.get(pk=version_id).ranking)
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"project": project_id, "version": version_id or 0})
        rows = cursor.fetchall()
        cursor.execute(TAKEN, [project_id])
        taken = frozenset(row[0] for row in cursor.fetchall())
    seen = [row for row in rows if row[3] is not None]
    used = seen or rows
    pool = Pool(
        texts=[row[2] for row in used],
        groups=[row[1] for row in used],
        scores=[row[3] for row in seen],
        taken=taken,
    )
    return Waiting(project_id, version_id, ranking, [row[0] for row in used], pool)


def graphs_of(version_id: int, sentence_ids: Sequence[int]) -> dict[int, dict[str, object]]:
    """Return what a version says of some sentences."""
    rows = Suggestion.objects.filter(model_version=version_id, sentence__in=sentence_ids)
    return dict(rows.values_list("sentence_id", "graph"))
