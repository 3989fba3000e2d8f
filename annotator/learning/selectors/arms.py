"""What an hour finds: sentences that the model's doubt chose beside sentences that chance chose."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import connection

from annotator.labelling.states import Reason
from annotator.learning.selectors.agreement import places, triples
from extraction.active.arms import Handled

MOST = 500  # sentences an arm: a fixed random sample, so that the answer costs the same for ever
NOT_DOUBT = frozenset({Reason.RANDOM, Reason.IN_ORDER, Reason.CHOSEN, Reason.TYPICAL})
SAMPLED = tuple(sorted(set(Reason.values) - NOT_DOUBT))
CONTROL = (Reason.RANDOM.value,)

Json = dict[str, Any]

# The first submission counts, against the newest suggestion that is older than it. Sentences that
# no model had looked at are in neither arm.
HANDLED = """
WITH chosen AS (
    SELECT sentence_id, holder_id FROM labelling_slot
     WHERE project_id = %s AND state = 'done' AND NOT is_holdout AND reason = ANY(%s)
       AND is_blind IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM labelling_plant AS p
             WHERE p.sentence_id = labelling_slot.sentence_id
               AND p.person_id = labelling_slot.holder_id)
     ORDER BY shuffle LIMIT %s
)
SELECT said.graph, said.seconds, seen.graph, seen.score
  FROM chosen
  JOIN labelling_annotation AS a
    ON a.sentence_id = chosen.sentence_id AND a.author_id = chosen.holder_id
 CROSS JOIN LATERAL (
    SELECT r.graph, r.seconds, r.at FROM labelling_revision AS r
     WHERE r.annotation_id = a.id AND r.state = 'submitted' ORDER BY r.version LIMIT 1) AS said
 CROSS JOIN LATERAL (
    SELECT g.graph, g.score FROM learning_suggestion AS g
     WHERE g.sentence_id = chosen.sentence_id AND g.created_at < said.at
     ORDER BY g.created_at DESC LIMIT 1) AS seen
"""


def handled(project_id: int, reasons: Sequence[str], symmetric: Collection[str]) -> list[Handled]:
    """Return the sentences that were shown for one of the reasons and submitted. One query."""
    with connection.cursor() as cursor:
        cursor.execute(HANDLED, [project_id, list(reasons), MOST])
        rows = cursor.fetchall()
    return [
        Handled(seconds, score, corrections(json.loads(said), json.loads(seen), symmetric))
        for said, seconds, seen, score in rows
    ]


def corrections(
    labels: Mapping[str, Any], suggestion: Mapping[str, Any], symmetric: Collection[str]
) -> int:
    """Count the entities and triples that a person added to a suggestion or took from it."""
    ours, theirs = places(labels), places(suggestion)
    moved = frozenset(ours.values()) ^ frozenset(theirs.values())
    turned = triples(labels, ours, symmetric) ^ triples(suggestion, theirs, symmetric)
    return len(moved) + len(turned)
