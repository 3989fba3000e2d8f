"""The queue: leases of slots, one statement a lane, by the clock of the database.

`next` costs the same for a thousand sentences and for a million: every lane walks a partial index
over open slots and stops after the few rows it takes.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import connection, transaction

from annotator.core.errors import ConflictError
from annotator.labelling.services.slots import lock_places
from annotator.labelling.states import Reason
from annotator.projects.models import Project

LEASE_SECONDS = 600
MORE_TRIES, TRY_AGAIN_SECONDS = 5, 0.02  # for what others have locked just now


class HeldByAnotherError(ConflictError):
    """Somebody else works at the sentence just now."""

    code = "held_by_another"


@dataclass(frozen=True, slots=True)
class Lease:
    """A sentence in somebody's hands, and why it was handed out."""

    sentence_id: int
    slot_id: int
    reason: Reason
    lease_until: datetime


WHY = """
CASE WHEN s.choice <> '' THEN s.choice
     WHEN s.priority IS NULL THEN 'in_order' ELSE 'uncertain' END
"""


class Lane(Enum):
    """Three ways through the queue: (condition, order, reason) in SQL."""

    DOUBTFUL = (
        "NOT c.is_holdout",
        "c.priority DESC NULLS LAST, c.position",
        WHY,
    )
    CONTROL = ("NOT c.is_holdout", "c.shuffle", "'random'")
    HOLDOUT = ("c.is_holdout", "c.shuffle", "'random'")


# How the conditions are spelt decides the plan. A sub-select as a value is asked row by row, where
# NOT EXISTS may hash all annotations first; `<> 1` is expected to hold for nearly all rows, where
# IS NULL is not, so the planner walks the index and stops; IS NOT DISTINCT FROM keeps it from
# looking through all that the user ever held. The places in a user's list are kept as milliseconds
# of the lease, so that `resume` hands sentences back in the order in which they were looked at.
# Whether a suggestion is hidden is drawn from the project's seed, the sentence and the person, so
# handing a sentence back and taking it again is no second draw.
TAKE = """
WITH picked AS MATERIALIZED (
    SELECT c.id FROM labelling_slot AS c
     WHERE c.project_id = %(project)s AND c.state = 'open' AND {condition}
       AND (c.lease_until IS NULL OR c.lease_until < clock_timestamp())
       AND COALESCE((SELECT 1 FROM labelling_slot AS lower
             WHERE lower.sentence_id = c.sentence_id AND lower.number < c.number
               AND lower.state = 'open'
               AND (lower.lease_until IS NULL OR lower.lease_until < clock_timestamp())
             LIMIT 1), 0) <> 1
       AND COALESCE((SELECT 1 FROM labelling_slot AS own
             WHERE own.sentence_id = c.sentence_id AND own.id <> c.id
               AND own.holder_id IS NOT DISTINCT FROM %(user)s LIMIT 1), 0) <> 1
       AND COALESCE((SELECT 1 FROM labelling_annotation AS a
             WHERE a.sentence_id = c.sentence_id AND a.author_id = %(user)s
               AND a.state <> 'draft' LIMIT 1), 0) <> 1
     ORDER BY {order} LIMIT %(count)s FOR NO KEY UPDATE SKIP LOCKED
), ranked AS (
    SELECT c.id, row_number() OVER (ORDER BY {order}) AS rank
      FROM labelling_slot AS c JOIN picked USING (id)
)
UPDATE labelling_slot AS s
   SET holder_id = %(user)s, reason = {reason},
       lease_until = now() + make_interval(
           secs => %(lease)s - 0.001 * (%(places)s::int[])[ranked.rank]),
       is_blind = CASE
           WHEN s.holder_id = %(user)s THEN s.is_blind
           WHEN EXISTS (SELECT 1 FROM learning_suggestion AS g WHERE g.sentence_id = s.sentence_id)
           THEN (hashtextextended(s.sentence_id || ' ' || %(user)s, %(seed)s) & 1048575)
                < %(blind_share)s * 1048576
       END
  FROM ranked WHERE s.id = ranked.id
RETURNING s.sentence_id, s.id, s.reason, s.lease_until
"""
ANY_FREE = """
SELECT 1 FROM labelling_slot
 WHERE project_id = %(project)s AND state = 'open'
   AND (lease_until IS NULL OR lease_until < clock_timestamp()) LIMIT 1
"""
RESUME = """
WITH own AS MATERIALIZED (
    SELECT id, lease_until FROM labelling_slot
     WHERE project_id = %(project)s AND holder_id = %(user)s AND state = 'open'
       AND lease_until IS NOT NULL
     ORDER BY lease_until DESC LIMIT %(count)s FOR NO KEY UPDATE SKIP LOCKED
), ranked AS (
    SELECT id, row_number() OVER (ORDER BY lease_until DESC, id) AS rank FROM own
)
UPDATE labelling_slot AS s
   SET lease_until = now() + make_interval(secs => %(lease)s - 0.001 * ranked.rank)
  FROM ranked WHERE s.id = ranked.id
RETURNING s.sentence_id, s.id, s.reason, s.lease_until
"""
RENEW = """
UPDATE labelling_slot SET lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
 WHERE sentence_id = %(sentence)s AND holder_id = %(user)s AND state = 'open'
RETURNING lease_until
"""
CHOOSE = """
UPDATE labelling_slot
   SET holder_id = %(user)s, reason = 'chosen', is_blind = NULL,
       lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
 WHERE id = (SELECT id FROM labelling_slot AS s
              WHERE sentence_id = %(sentence)s AND state = 'open'
                AND (lease_until IS NULL OR lease_until < clock_timestamp())
                AND NOT EXISTS (SELECT 1 FROM labelling_slot AS own
                                 WHERE own.sentence_id = s.sentence_id
                                   AND own.holder_id = %(user)s)
              ORDER BY number LIMIT 1 FOR NO KEY UPDATE)
RETURNING lease_until
"""
IS_LEFT_TO_OTHERS = """
SELECT 1 FROM labelling_slot AS s
 WHERE sentence_id = %(sentence)s AND state = 'open'
   AND NOT EXISTS (SELECT 1 FROM labelling_slot AS own
                    WHERE own.sentence_id = s.sentence_id AND own.holder_id = %(user)s)
"""
RELEASE = """
UPDATE labelling_slot
   SET holder_id = CASE WHEN is_blind THEN holder_id END, lease_until = NULL, reason = ''
 WHERE sentence_id = %(sentence)s AND holder_id = %(user)s AND state = 'open'
"""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for sentences, and where."""

    user_id: int
    project: Project


@transaction.atomic
def next_leases(
    asker: Asker, *, count: int, rng: random.Random, may_resume: bool = False
) -> list[Lease]:
    """Lease up to `count` sentences, in the order to show them.

    With `may_resume` the asker's own unfinished sentences come first.
    """
    lock_places(asker.user_id)
    leases = _resume(asker, count) if may_resume else []
    plan = {place: choose_lane(asker.project, rng) for place in range(len(leases), count)}
    for lane in (Lane.HOLDOUT, Lane.CONTROL):
        places = [place for place, chosen in plan.items() if chosen is lane]
        leases += _fill(asker, lane, places, plan)
    for lane in (Lane.DOUBTFUL, Lane.HOLDOUT):  # all other places, in the order of doubt
        leases += _fill(asker, lane, list(plan), plan)
    for _ in range(MORE_TRIES):  # perhaps all that is left is locked for a moment
        if leases or not _is_any_free(asker):
            break
        time.sleep(TRY_AGAIN_SECONDS)
        leases = _take(asker, Lane.DOUBTFUL, [0])
    return sorted(leases, key=lambda lease: lease.lease_until, reverse=True)


def choose_lane(project: Project, rng: random.Random) -> Lane:
    """Let chance choose: the hold-out and the control arm have their shares of what is shown."""
    chance = rng.random()
    if chance < project.holdout_share:
        return Lane.HOLDOUT
    is_control = rng.random() < project.control_share
    return Lane.CONTROL if is_control else Lane.DOUBTFUL


def renew_lease(*, sentence_id: int, user_id: int) -> datetime | None:
    """Extend the user's lease, or take a free place at a sentence that the user opened.

    None when there is no place to hold: everybody is through with the sentence, or this person is,
    who may look at it and save again without keeping anybody else from it.
    """
    values = {"sentence": sentence_id, "user": user_id, "lease": LEASE_SECONDS}
    with transaction.atomic(), connection.cursor() as cursor:
        lock_places(user_id)
        for statement in (RENEW, CHOOSE):
            cursor.execute(statement, values)
            row = cursor.fetchone()
            if row is not None:
                until: datetime = row[0]
                return until
        cursor.execute(IS_LEFT_TO_OTHERS, values)
        if cursor.fetchone() is not None:
            raise HeldByAnotherError(
                "Somebody else works at this sentence just now", sentence_id=sentence_id
            )
    return None


def release_lease(*, sentence_id: int, user_id: int) -> None:
    """Hand a sentence back; saying it twice changes nothing.

    A place with a hidden suggestion remembers whose it was until somebody else takes it, so that
    handing back is no way to look.
    """
    with connection.cursor() as cursor:
        cursor.execute(RELEASE, {"sentence": sentence_id, "user": user_id})


def _fill(asker: Asker, lane: Lane, places: Sequence[int], plan: dict[int, Lane]) -> list[Lease]:
    """Take sentences of a lane for some places of the plan, and strike out those that got one."""
    taken = _take(asker, lane, places) if places else []
    for place in places[: len(taken)]:
        del plan[place]
    return taken


def _is_any_free(asker: Asker) -> bool:
    """Say whether a place seems free, though `next` could not take any: somebody has it locked."""
    with connection.cursor() as cursor:
        cursor.execute(ANY_FREE, {"project": asker.project.pk})
        return cursor.fetchone() is not None


def _take(asker: Asker, lane: Lane, places: Sequence[int]) -> list[Lease]:
    """Take what nobody has locked. Waiting instead, with what was passed over locked, deadlocks."""
    condition, order, reason = lane.value
    statement = TAKE.format(condition=condition, order=order, reason=reason)
    return _lease(asker, statement, count=len(places), places=list(places))


def _resume(asker: Asker, count: int) -> list[Lease]:
    return _lease(asker, RESUME, count=count)


def _lease(asker: Asker, statement: str, **values: int | list[int]) -> list[Lease]:
    whole: dict[str, Any] = {
        "project": asker.project.pk,
        "user": asker.user_id,
        "seed": asker.project.seed,
        "blind_share": asker.project.blind_share,
        "lease": LEASE_SECONDS,
        **values,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, whole)
        return [
            Lease(sentence_id=row[0], slot_id=row[1], reason=Reason(row[2]), lease_until=row[3])
            for row in cursor.fetchall()
        ]
