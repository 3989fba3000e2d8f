"""Whether predictions still change: two versions on the same unlabelled sentences.

The sample is the end of the control arm's line, which people reach last, so it stays the same for
long; sentences of the hold-out are no part of it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from itertools import combinations
from statistics import fmean
from typing import Any

from django.db import connection

from annotator.learning.selectors.agreement import Triple, places, triples
from extraction.active.advice import kappa

SAMPLE = 200
FEWEST = 20  # sentences that both looked at

Json = dict[str, Any]
Decision = tuple[str, str]

BOTH = """
WITH sample AS MATERIALIZED (
    SELECT sentence_id FROM labelling_slot
     WHERE project_id = %s AND state = 'open' AND NOT is_holdout AND number = 1
     ORDER BY shuffle DESC LIMIT %s
)
SELECT new.graph, new.score, old.graph, old.score
  FROM sample
  JOIN learning_suggestion AS new
    ON new.sentence_id = sample.sentence_id AND new.model_version_id = %s
  JOIN learning_suggestion AS old
    ON old.sentence_id = sample.sentence_id AND old.model_version_id = %s
"""


def stability(
    project_id: int, *, version_id: int, previous_id: int, symmetric: Collection[str]
) -> Json | None:
    """Compare a version with the one before; None where both looked at too few. One query."""
    with connection.cursor() as cursor:
        cursor.execute(BOTH, [project_id, SAMPLE, version_id, previous_id])
        rows = cursor.fetchall()
    if len(rows) < FEWEST:
        return None
    decided = [
        one
        for new, _, old, _ in rows
        for one in decisions(json.loads(new), json.loads(old), symmetric)
    ]
    return {
        "previous": previous_id,
        "sentences": len(rows),
        "kappa": kappa(decided),
        "expected_errors": fmean(row[1] for row in rows),
        "expected_errors_before": fmean(row[3] for row in rows),
    }


def decisions(
    new: Mapping[str, Any], old: Mapping[str, Any], symmetric: Collection[str]
) -> Iterator[Decision]:
    """Yield what both say of each pair of the entities that either of them found."""
    ends = [places(graph) for graph in (new, old)]
    said = [
        _by_pair(triples(graph, at, symmetric)) for graph, at in zip((new, old), ends, strict=True)
    ]
    for pair in combinations(sorted({*ends[0].values(), *ends[1].values()}), 2):
        yield said[0].get(pair, ""), said[1].get(pair, "")


def _by_pair(found: Collection[Triple]) -> dict[Any, str]:
    """Spell all that is said of a pair, its direction included, as one decision."""
    said: dict[Any, list[str]] = {}
    for head, tail, kind in found:
        is_forth = head <= tail
        pair = (head, tail) if is_forth else (tail, head)
        said.setdefault(pair, []).append(f"{kind}{'>' if is_forth else '<'}")
    return {pair: " ".join(sorted(kinds)) for pair, kinds in said.items()}
