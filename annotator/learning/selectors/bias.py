"""Automation bias: how labels agree with suggestions that were shown, and that were hidden."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from statistics import fmean, median
from typing import Any

from django.db import connection

from annotator.learning.selectors.agreement import Agreement, agreement, difference
from annotator.learning.selectors.checks import checks_in_short
from annotator.projects.models import Project
from annotator.projects.selectors import symmetric_types

MOST = 500  # sentences an arm: a fixed random sample, so that the answer costs the same for ever
SEED = 13

Json = dict[str, Any]

# The first submission counts: after it the suggestion is shown. A planted check is no suggestion.
ARM = """
WITH chosen AS (
    SELECT sentence_id, holder_id FROM labelling_slot
     WHERE project_id = %(project)s AND state = 'done' AND is_blind = %(blind)s
       AND NOT EXISTS (SELECT 1 FROM labelling_plant AS p
             WHERE p.sentence_id = labelling_slot.sentence_id
               AND p.person_id = labelling_slot.holder_id)
     ORDER BY shuffle LIMIT %(most)s
)
SELECT said.graph, said.seconds, seen.graph
  FROM chosen
  JOIN labelling_annotation AS a
    ON a.sentence_id = chosen.sentence_id AND a.author_id = chosen.holder_id
 CROSS JOIN LATERAL (
    SELECT r.graph, r.seconds, r.at FROM labelling_revision AS r
     WHERE r.annotation_id = a.id AND r.state = 'submitted' ORDER BY r.version LIMIT 1) AS said
 CROSS JOIN LATERAL (
    SELECT g.graph FROM learning_suggestion AS g
     WHERE g.sentence_id = chosen.sentence_id AND g.created_at < said.at
     ORDER BY g.created_at DESC LIMIT 1) AS seen
"""


def automation_bias(project: Project) -> Json:
    """Compare submissions with suggestions shown and hidden. Four queries."""
    symmetric = symmetric_types(project)
    shown, hidden = (_arm(project.pk, is_blind, symmetric) for is_blind in (False, True))
    return {
        "blind_share": project.blind_share,
        "planted": checks_in_short(project),
        "shown": _summary(shown),
        "hidden": _summary(hidden),
        "difference": _differences(shown, hidden),
    }


def _arm(project_id: int, is_blind: bool, symmetric: frozenset[str]) -> list[Agreement]:  # noqa: FBT001
    with connection.cursor() as cursor:
        cursor.execute(ARM, {"project": project_id, "blind": is_blind, "most": MOST})
        rows = cursor.fetchall()
    return [
        agreement(json.loads(said), json.loads(seen), seconds, symmetric)
        for said, seconds, seen in rows
    ]


def _summary(arm: Sequence[Agreement]) -> Json:
    return {
        "count": len(arm),
        "entity_f1": fmean(one.entity_f1 for one in arm) if arm else None,
        "triple_f1": fmean(one.triple_f1 for one in arm) if arm else None,
        "seconds": median(one.seconds for one in arm) if arm else None,
    }


def _differences(shown: Sequence[Agreement], hidden: Sequence[Agreement]) -> Json | None:
    if not shown or not hidden:
        return None
    found = {
        name: difference(
            [getattr(one, name) for one in shown],
            [getattr(one, name) for one in hidden],
            SEED,
            median if name == "seconds" else fmean,
        )
        for name in ("entity_f1", "triple_f1", "seconds")
    }
    return {name: asdict(one) for name, one in found.items() if one is not None}
