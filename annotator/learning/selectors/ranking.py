"""What puts sentences in order under a version: strategy, costs of a person's time, rare types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from django.db import connection

from annotator.learning.selectors.arms import corrections
from annotator.learning.selectors.progress import count_relation_types
from annotator.projects.models import Project
from annotator.projects.selectors import schema_of, symmetric_types
from extraction.active.costs import DEFAULT_COSTS, Costs, Timing, fit_costs
from extraction.active.rarity import rarity_weights
from extraction.active.strategies import DEFAULT_STRATEGY, STRATEGIES, Strategy

MOST = 400  # timings, the newest ones

Json = dict[str, Any]

# The first submission of a sentence whose suggestion was shown, and the suggestion it began with.
TIMED = """
SELECT said.seconds, length(s.text), said.graph, seen.graph
  FROM (SELECT a.id, a.sentence_id FROM labelling_annotation AS a
          JOIN corpus_sentence AS s ON s.id = a.sentence_id
         WHERE s.project_id = %s AND a.state = 'submitted'
         ORDER BY a.id DESC LIMIT %s) AS a
  JOIN corpus_sentence AS s ON s.id = a.sentence_id
 CROSS JOIN LATERAL (
    SELECT r.graph, r.seconds, r.at FROM labelling_revision AS r
     WHERE r.annotation_id = a.id AND r.state = 'submitted' ORDER BY r.version LIMIT 1) AS said
  LEFT JOIN LATERAL (
    SELECT g.graph FROM learning_suggestion AS g
     WHERE g.sentence_id = a.sentence_id AND g.created_at < said.at
     ORDER BY g.created_at DESC LIMIT 1) AS seen ON TRUE
 WHERE said.seconds > 0
"""
NOTHING: Json = {"entities": [], "relations": []}


@dataclass(frozen=True, slots=True)
class Ranking:
    """How a version puts sentences in order; frozen with it, so that all chunks agree."""

    strategy_name: str = DEFAULT_STRATEGY
    costs: Costs = DEFAULT_COSTS
    weights: Mapping[str, float] = field(default_factory=dict)

    @property
    def strategy(self) -> Strategy:
        """The strategy itself; the default if this release does not know the name any more."""
        return STRATEGIES.get(self.strategy_name, STRATEGIES[DEFAULT_STRATEGY])

    def as_json(self) -> Json:
        """Return the stored form."""
        return {
            "strategy": self.strategy_name,
            "costs": {name: round(value, 4) for name, value in asdict(self.costs).items()},
            "weights": {name: round(value, 4) for name, value in self.weights.items()},
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Read the stored form; a version from before there was one has the defaults."""
        if not stored:
            return cls()
        return cls(stored["strategy"], Costs(**stored["costs"]), stored["weights"])


def ranking_of(project: Project) -> Ranking:
    """Work out how to order the sentences of a project now. Six queries."""
    counts = {rule.name: 0 for rule in schema_of(project).relations}
    counts |= {name: count for name, count in count_relation_types(project) if name in counts}
    costs = fit_costs(timings(project))
    return Ranking(project.strategy, costs, rarity_weights(counts))


def timings(project: Project) -> list[Timing]:
    """Return how long people took for their newest sentences, and what there was to do."""
    symmetric = symmetric_types(project)
    with connection.cursor() as cursor:
        cursor.execute(TIMED, [project.pk, MOST])
        rows = cursor.fetchall()
    found = []
    for seconds, characters, said, seen in rows:
        suggestion = json.loads(seen) if seen else NOTHING
        items = len(suggestion["entities"]) + len(suggestion["relations"])
        errors = corrections(json.loads(said), suggestion, symmetric)
        found.append(Timing(seconds, characters, items, errors))
    return found
