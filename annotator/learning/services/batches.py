"""A batch written into the queue: what was chosen first, near duplicates last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from annotator.core import jobs
from annotator.core.models import Job
from annotator.core.states import JobState
from annotator.labelling.states import Reason
from annotator.learning.selectors.pool import Waiting

KIND = "arrange"
QUEUE = "predict"
BATCH = 100  # sentences chosen at a time


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sentence of the next batch and why it is in it."""

    sentence_id: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Batch:
    """What is shown next, the first one first, and the near duplicates that can wait."""

    chosen: Sequence[Chosen] = ()
    repeats: Sequence[int] = ()


ChooseBatch = Callable[[Waiting], Batch]


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


def put_first(project_id: int, chosen: Sequence[Chosen]) -> None:
    """Lift sentences above all others that wait, in this order."""
    if not chosen:
        return
    values: dict[str, Any] = {
        "project": project_id,
        "count": len(chosen) + 1,
        "sentences": [one.sentence_id for one in chosen],
        "reasons": [one.reason.value for one in chosen],
        "places": list(range(len(chosen))),
    }
    with connection.cursor() as cursor:
        cursor.execute(PUT_FIRST, values)


def put_last(sentence_ids: Sequence[int]) -> None:
    """Let sentences wait until all others are done."""
    with connection.cursor() as cursor:
        cursor.execute(PUT_LAST, [list(sentence_ids)])
