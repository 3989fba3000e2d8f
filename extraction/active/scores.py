"""Scores that put sentences in order: the higher, the sooner a person should see the sentence.

Each is a pure function of a prediction and the text's length in characters. Silence is not
certainty: what the model refused counts as much as what it said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from extraction.types import Prediction

Score = Callable[[Prediction, int], float]


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of a person's time, until a project has timings of its own."""

    opening: float = 3.0  # a sentence
    reading: float = 0.12  # a character
    checking: float = 1.5  # a suggested entity or relation
    fixing: float = 6.0  # an expected error

    def seconds(self, prediction: Prediction, text_length: int) -> float:
        """opening + reading * characters + checking * items + fixing * expected errors."""
        items = len(prediction.entities) + len(prediction.relations)
        return (
            self.opening
            + self.reading * text_length
            + self.checking * items
            + self.fixing * expected_errors(prediction, text_length)
        )


DEFAULT_COSTS = Costs()


def expected_errors(prediction: Prediction, text_length: int) -> float:  # noqa: ARG001  (one shape)
    """Sum of (1 - p) over what is said and of q over what is refused, entities and relations."""
    return sum(_doubts(prediction))


def expected_errors_per_second(prediction: Prediction, text_length: int) -> float:
    """Expected errors divided by the seconds the sentence is likely to cost (`Costs`)."""
    seconds = DEFAULT_COSTS.seconds(prediction, text_length)
    return expected_errors(prediction, text_length) / seconds


def least_confidence(prediction: Prediction, text_length: int) -> float:  # noqa: ARG001  (one shape)
    """The doubt in the least sure statement: the largest 1 - p or q; 0 if there is none."""
    return max(_doubts(prediction), default=0.0)


def _doubts(prediction: Prediction) -> list[float]:
    """The chance of an error in each statement made or refused."""
    return [
        *(1.0 - one.confidence for one in prediction.entities),
        *(1.0 - one.confidence for one in prediction.relations),
        *(one.confidence for one in prediction.refused),
    ]


SCORES: Mapping[str, Score] = {
    "expected_errors.v1": expected_errors,
    "expected_errors_per_second.v1": expected_errors_per_second,
    "least_confidence.v1": least_confidence,
}

DEFAULT_SCORE = "expected_errors_per_second.v1"
