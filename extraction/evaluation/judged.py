"""Every decision of a prediction with its chance and its truth: what calibration is measured on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from extraction.evaluation.match import Reading, entities_strict, relations_strict
from extraction.types import Candidate, Example, Prediction

Kind = Literal["entity", "relation"]


@dataclass(frozen=True, slots=True)
class Judged:
    """A statement made or refused: the chance that it holds, and whether it does.

    `sentence` is the place of its sentence among those that were judged.
    """

    sentence: int
    kind: Kind
    type: str
    chance: float
    is_right: bool
    is_kept: bool


def judge_decisions(
    examples: Sequence[Example],
    said: Sequence[Prediction],
    symmetric: frozenset[str] = frozenset(),
) -> list[Judged]:
    """Judge all kept and refused statements by the examples' graphs, in order of sentences.

    A kept relation is right as a triple (RE strict). A refused one names spans only, so it holds
    when gold joins the two spans by its type, whatever the types of the ends.
    """
    pairs = enumerate(zip(examples, said, strict=True))
    return [
        one
        for place, (example, guess) in pairs
        for one in _of_sentence(place, example, guess, symmetric)
    ]


def _of_sentence(
    place: int, example: Example, said: Prediction, symmetric: frozenset[str]
) -> Iterator[Judged]:
    gold = Reading(example.graph, example.text, symmetric)
    entities, triples = entities_strict(gold), relations_strict(gold)
    for entity in said.entities:
        is_right = (entity.type, (entity.start, entity.end)) in entities
        yield Judged(place, "entity", entity.type, entity.confidence, is_right, is_kept=True)
    for relation in said.relations:
        ends = [said.entities[place] for place in (relation.head, relation.tail)]
        ordered = _ordered(
            ((end.start, end.end, end.type) for end in ends), relation.type in symmetric
        )
        is_right = (relation.type, ordered) in triples
        yield Judged(place, "relation", relation.type, relation.confidence, is_right, is_kept=True)
    joined = {(kind, tuple(place[:2] for place in places)) for kind, places in triples}
    for candidate in said.refused:
        holds = _holds(candidate, entities, joined, symmetric)
        yield Judged(
            place, candidate.kind, candidate.type, candidate.confidence, holds, is_kept=False
        )


def _holds(
    candidate: Candidate,
    entities: Iterable[Any],
    joined: Iterable[Any],
    symmetric: frozenset[str],
) -> bool:
    if candidate.tail is None:
        return (candidate.type, candidate.span) in entities
    places = _ordered((candidate.span, candidate.tail), candidate.type in symmetric)
    return (candidate.type, places) in joined


def _ordered(places: Iterable[Any], is_symmetric: bool) -> tuple[Any, ...]:  # noqa: FBT001
    """The two ends; those of a relation without direction in the order of the text."""
    return tuple(sorted(places)) if is_symmetric else tuple(places)
