"""Predictions as stored JSON: what is said, how surely, and what was weighed. Pure."""

from __future__ import annotations

from typing import Any

from extraction.types import Candidate, Prediction, ScoredEntity, ScoredRelation

REFUSED_KEPT = 3

Json = dict[str, Any]


def suggestion_graph(prediction: Prediction) -> Json:
    """Spell a prediction as stored JSON: ids s1, s2, …, confidences, omissions, alternatives."""
    ids = [f"s{number}" for number in range(1, len(prediction.entities) + 1)]
    refused = sorted(prediction.refused, key=lambda one: one.confidence, reverse=True)
    return {
        "entities": [
            {
                "id": ident,
                "start": entity.start,
                "end": entity.end,
                "type": entity.type,
                "confidence": round(entity.confidence, 4),
            }
            for ident, entity in zip(ids, prediction.entities, strict=True)
        ],
        "relations": [
            {
                "head": ids[relation.head],
                "tail": ids[relation.tail],
                "type": relation.type,
                "confidence": round(relation.confidence, 4),
            }
            for relation in prediction.relations
        ],
        "refused": [_candidate_json(one) for one in refused[:REFUSED_KEPT]],
        "alternatives": [_candidate_json(one) for one in prediction.alternatives],
    }


def prediction_of(graph: Json) -> Prediction:
    """Read stored JSON back; of what was refused the strongest are all that is kept."""
    places = {one["id"]: place for place, one in enumerate(graph["entities"])}
    return Prediction(
        tuple(
            ScoredEntity(one["start"], one["end"], one["type"], one["confidence"])
            for one in graph["entities"]
        ),
        tuple(
            ScoredRelation(places[one["head"]], places[one["tail"]], one["type"], one["confidence"])
            for one in graph["relations"]
        ),
        tuple(_candidate(one) for one in graph.get("refused", ())),
        tuple(_candidate(one) for one in graph.get("alternatives", ())),
    )


def _candidate(plain: Json) -> Candidate:
    tail = (plain["tail_start"], plain["tail_end"]) if "tail_start" in plain else None
    span = (plain["start"], plain["end"])
    return Candidate(plain["kind"], plain["type"], plain["confidence"], span, tail)


def _candidate_json(candidate: Candidate) -> Json:
    plain: Json = {
        "kind": candidate.kind,
        "type": candidate.type,
        "confidence": round(candidate.confidence, 4),
        "start": candidate.span[0],
        "end": candidate.span[1],
    }
    if candidate.tail is not None:
        plain["tail_start"], plain["tail_end"] = candidate.tail
    return plain
