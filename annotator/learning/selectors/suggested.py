"""What the model says of sentences that leave in an export: for its side file."""

from __future__ import annotations

from typing import Any

from annotator.corpus.models import Sentence
from annotator.learning.selectors.sentences import active_version_id, best_suggestions

Json = dict[str, Any]


def suggested_graphs(sentence_ids: list[int]) -> dict[int, Json]:
    """Return the suggestion of each sentence that has one, relations by places. Three queries."""
    if not sentence_ids:
        return {}
    project_id = Sentence.objects.values_list("project_id", flat=True).get(pk=sentence_ids[0])
    found = best_suggestions(sentence_ids, active_version_id(project_id))
    return {
        pk: {
            "model_version": one.model_version_id,
            "score": one.score,
            "entities": [_entity(entity) for entity in one.graph["entities"]],
            "relations": _relations(one.graph),
        }
        for pk, one in found.items()
    }


def _entity(entity: Json) -> Json:
    return {name: entity[name] for name in ("start", "end", "type", "confidence")}


def _relations(graph: Json) -> list[Json]:
    places = {entity["id"]: place for place, entity in enumerate(graph["entities"])}
    return [
        {
            "head": places[one["head"]],
            "tail": places[one["tail"]],
            "type": one["type"],
            "confidence": one["confidence"],
        }
        for one in graph["relations"]
    ]
