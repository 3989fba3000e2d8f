"""The contract of every score, and the numbers of each."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.active.scores import DEFAULT_COSTS, DEFAULT_SCORE, SCORES, Score
from extraction.types import Candidate, Prediction, ScoredEntity, ScoredRelation

chances = st.lists(st.floats(0, 1), max_size=5)


def say(
    *said: float, refused: tuple[float, ...] = (), relations: tuple[float, ...] = ()
) -> Prediction:
    return Prediction(
        tuple(ScoredEntity(i, i + 1, "药物", p) for i, p in enumerate(said)),
        tuple(ScoredRelation(0, 1, "协同", p) for p in relations),
        tuple(Candidate("entity", "药物", q, (i, i + 1)) for i, q in enumerate(refused)),
    )


@pytest.mark.parametrize("score", SCORES.values(), ids=SCORES)
class TestEveryScore:
    """A new score joins by being in the table."""

    def test_doubt_scores_higher_than_certainty(self, score: Score) -> None:
        assert score(say(0.55), 30) > score(say(0.99), 30)

    def test_a_strong_refused_candidate_scores_higher_than_a_weak_one(self, score: Score) -> None:
        assert score(say(refused=(0.45,)), 30) > score(say(refused=(0.03,)), 30)

    def test_a_model_without_any_doubt_scores_nothing(self, score: Score) -> None:
        assert score(say(1.0, 1.0, relations=(1.0,)), 30) == 0.0
        assert score(Prediction(), 30) == 0.0

    @given(said=chances, refused=chances, relations=chances, length=st.integers(0, 20_000))
    def test_it_is_finite_and_never_negative(
        self,
        score: Score,
        said: list[float],
        refused: list[float],
        relations: list[float],
        length: int,
    ) -> None:
        value = score(say(*said, refused=tuple(refused), relations=tuple(relations)), length)
        assert math.isfinite(value)
        assert value >= 0.0


def test_expected_errors_add_up_over_entities_relations_and_candidates() -> None:
    prediction = say(0.9, 0.6, refused=(0.3,), relations=(0.5,))
    assert SCORES["expected_errors.v1"](prediction, 10) == pytest.approx(0.1 + 0.4 + 0.3 + 0.5)


def test_errors_per_second_divide_by_what_the_sentence_costs() -> None:
    prediction = say(0.9, 0.6, refused=(0.3,), relations=(0.5,))
    costs = DEFAULT_COSTS
    seconds = costs.opening + 10 * costs.reading + 3 * costs.checking + 1.3 * costs.fixing
    assert SCORES[DEFAULT_SCORE](prediction, 10) == pytest.approx(1.3 / seconds)


def test_of_two_equally_doubtful_sentences_the_shorter_comes_first() -> None:
    score = SCORES[DEFAULT_SCORE]
    assert score(say(0.6), 20) > score(say(0.6), 80)


def test_least_confidence_is_the_largest_single_doubt() -> None:
    score = SCORES["least_confidence.v1"]
    assert score(say(0.9, 0.7, refused=(0.2,)), 10) == pytest.approx(0.3)
    assert score(say(0.9, refused=(0.45,)), 10) == pytest.approx(0.45)
