"""Scores that put sentences in order: the higher, the sooner a person should see the sentence.

Each is a pure function of a prediction and of what is known about the sentence and its project
(`Known`). Silence is not certainty: what the model refused counts as much as what it said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from extraction.active.costs import DEFAULT_COSTS, Costs
from extraction.types import Prediction


@dataclass(frozen=True, slots=True)
class Known:
    """What a score may look at beside the prediction.

    `weights` are those of rare relation types (`rarity_weights`); `earlier` is what the version
    before said of the same sentence.
    """

    characters: int
    costs: Costs = DEFAULT_COSTS
    weights: Mapping[str, float] = field(default_factory=dict)
    earlier: Prediction | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """One statement made or refused: its type, the chance that it is an error, and its kind."""

    type: str
    chance: float
    is_relation: bool


LIKELY = 0.25  # a chance from which a relation type may well be in a sentence
RARE = 1.5  # a weight from which a relation type counts as rare

Score = Callable[[Prediction, Known], float]


def expected_errors(prediction: Prediction) -> float:
    """Sum of (1 - p) over what is said and of q over what is refused, entities and relations."""
    return sum(doubt.chance for doubt in doubts(prediction))


def confidence(prediction: Prediction) -> float:
    """exp(-expected errors): the chance that nothing is wrong, were the errors independent."""
    return math.exp(-expected_errors(prediction))


def seconds(prediction: Prediction, known: Known) -> float:
    """What the sentence will cost a person, errors as the model expects them."""
    return known.costs.seconds(
        characters=known.characters,
        items=len(prediction.entities) + len(prediction.relations),
        errors=expected_errors(prediction),
    )


def by_errors(prediction: Prediction, _: Known) -> float:
    """Expected errors."""
    return expected_errors(prediction)


def by_errors_per_second(prediction: Prediction, known: Known) -> float:
    """Expected errors divided by the seconds that the sentence is likely to cost."""
    return expected_errors(prediction) / seconds(prediction, known)


def by_rare_errors_per_second(prediction: Prediction, known: Known) -> float:
    """Expected errors a second, those of rare relation types weighing more."""
    weighed = sum(
        doubt.chance * (known.weights.get(doubt.type, 1.0) if doubt.is_relation else 1.0)
        for doubt in doubts(prediction)
    )
    return weighed / seconds(prediction, known)


def by_least_confidence(prediction: Prediction, _: Known) -> float:
    """The doubt in the least sure statement: the largest 1 - p or q; 0 if there is none."""
    return max((doubt.chance for doubt in doubts(prediction)), default=0.0)


def by_margin(prediction: Prediction, _: Known) -> float:
    """How near the nearest decision is to its tipping point: 1 - |2p - 1|, at most 1."""
    return max((1.0 - abs(2.0 * one.chance - 1.0) for one in doubts(prediction)), default=0.0)


def by_entropy(prediction: Prediction, _: Known) -> float:
    """Sum of the binary entropies of all decisions, in nats."""
    return sum(_entropy(doubt.chance) for doubt in doubts(prediction))


def by_expected_dice(prediction: Prediction, _: Known) -> float:
    """1 - (2·hits + 1)/(said + expected gold + 1), hits = Σp said, gold = hits + Σq refused."""
    said = [one.confidence for one in prediction.entities]
    said += [one.confidence for one in prediction.relations]
    hits = sum(said)
    gold = hits + sum(one.confidence for one in prediction.refused)
    return 1.0 - (2.0 * hits + 1.0) / (len(said) + gold + 1.0)


def by_disagreement(prediction: Prediction, known: Known) -> float:
    """A committee of two: the share of statements that only one of two versions makes.

    Ties, and sentences that no earlier version saw, are ordered by expected errors.
    """
    tie = 1e-3 * expected_errors(prediction)
    if known.earlier is None:
        return tie
    now, before = statements(prediction), statements(known.earlier)
    everything = len(now | before)
    return tie + (len(now ^ before) / everything if everything else 0.0)


def doubts(prediction: Prediction) -> Iterator[Doubt]:
    """Yield the chance of an error in each statement made or refused."""
    for entity in prediction.entities:
        yield Doubt(entity.type, 1.0 - entity.confidence, is_relation=False)
    for relation in prediction.relations:
        yield Doubt(relation.type, 1.0 - relation.confidence, is_relation=True)
    for one in prediction.refused:
        yield Doubt(one.type, one.confidence, is_relation=one.kind == "relation")


def rare_type(prediction: Prediction, weights: Mapping[str, float]) -> str | None:
    """Name the rarest relation type that may well be in the sentence, if it is rare (`RARE`)."""
    found = [(one.type, one.confidence) for one in prediction.relations]
    found += [(one.type, one.confidence) for one in prediction.refused if one.kind == "relation"]
    likely = {name for name, chance in found if chance >= LIKELY}
    rare = [name for name in sorted(likely) if weights.get(name, 1.0) >= RARE]
    return max(rare, key=lambda name: weights[name], default=None)


def statements(prediction: Prediction) -> set[tuple[object, ...]]:
    """What a prediction says, as values that can be compared."""
    spans = [(one.start, one.end) for one in prediction.entities]
    said: set[tuple[object, ...]] = {
        (*span, one.type) for span, one in zip(spans, prediction.entities, strict=True)
    }
    said |= {(*spans[one.head], *spans[one.tail], one.type) for one in prediction.relations}
    return said


def _entropy(chance: float) -> float:
    if not 0.0 < chance < 1.0:
        return 0.0
    return -chance * math.log(chance) - (1.0 - chance) * math.log1p(-chance)


SCORES: Mapping[str, Score] = {
    "expected_errors.v1": by_errors,
    "expected_errors_per_second.v1": by_errors_per_second,
    "rare_errors_per_second.v1": by_rare_errors_per_second,
    "least_confidence.v1": by_least_confidence,
    "margin.v1": by_margin,
    "entropy.v1": by_entropy,
    "expected_dice.v1": by_expected_dice,
    "disagreement.v1": by_disagreement,
}
