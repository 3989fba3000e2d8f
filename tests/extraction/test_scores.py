"""The contract of every score, and the numbers of each."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.active.costs import DEFAULT_COSTS, Costs
from extraction.active.scores import (
    SCORES,
    Known,
    Score,
    confidence,
    expected_errors,
    rare_type,
)
from extraction.types import Candidate, Prediction, ScoredEntity, ScoredRelation

chances = st.lists(st.floats(0, 1), max_size=5)
SHORT, LONG = Known(20), Known(80)


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
        assert score(say(0.55), SHORT) > score(say(0.99), SHORT)

    def test_a_strong_refused_candidate_scores_higher_than_a_weak_one(self, score: Score) -> None:
        assert score(say(refused=(0.45,)), SHORT) > score(say(refused=(0.03,)), SHORT)

    def test_a_model_without_any_doubt_scores_nothing(self, score: Score) -> None:
        assert score(say(1.0, 1.0, relations=(1.0,)), SHORT) == 0.0
        assert score(Prediction(), SHORT) == 0.0

    @given(said=chances, refused=chances, relations=chances, length=st.integers(0, 20_000))
    def test_it_is_finite_and_never_negative(
        self,
        score: Score,
        said: list[float],
        refused: list[float],
        relations: list[float],
        length: int,
    ) -> None:
        prediction = say(*said, refused=tuple(refused), relations=tuple(relations))
        value = score(prediction, Known(length))
        assert math.isfinite(value)
        assert value >= 0.0


def test_expected_errors_add_up_over_entities_relations_and_candidates() -> None:
    prediction = say(0.9, 0.6, refused=(0.3,), relations=(0.5,))
    assert expected_errors(prediction) == pytest.approx(0.1 + 0.4 + 0.3 + 0.5)
    assert confidence(prediction) == pytest.approx(math.exp(-1.3))


def test_errors_per_second_divide_by_what_the_sentence_costs() -> None:
    prediction = say(0.9, 0.6, refused=(0.3,), relations=(0.5,))
    costs = DEFAULT_COSTS
    seconds = costs.opening + 10 * costs.reading + 3 * costs.checking + 1.3 * costs.fixing
    score = SCORES["expected_errors_per_second.v1"]
    assert score(prediction, Known(10)) == pytest.approx(1.3 / seconds)


def test_a_project_whose_people_read_slowly_prefers_short_sentences_more() -> None:
    score = SCORES["expected_errors_per_second.v1"]
    slow = Costs(reading=1.2)
    usual = score(say(0.6), LONG) / score(say(0.6), SHORT)
    assert score(say(0.6), Known(80, slow)) / score(say(0.6), Known(20, slow)) < usual < 1.0


def test_a_rare_relation_type_weighs_more_and_an_entity_does_not() -> None:
    score = SCORES["rare_errors_per_second.v1"]
    weights = {"协同": 3.0, "药物": 3.0}
    with_relation, with_entities = say(1.0, 1.0, relations=(0.5,)), say(0.5, 1.0)
    assert score(with_relation, Known(20, weights=weights)) == pytest.approx(
        3.0 * score(with_relation, SHORT)
    )
    assert score(with_entities, Known(20, weights=weights)) == score(with_entities, SHORT)


def test_least_confidence_is_the_largest_single_doubt() -> None:
    score = SCORES["least_confidence.v1"]
    assert score(say(0.9, 0.7, refused=(0.2,)), SHORT) == pytest.approx(0.3)
    assert score(say(0.9, refused=(0.45,)), SHORT) == pytest.approx(0.45)


def test_the_margin_is_nearest_at_one_half_and_entropy_adds_up_in_nats() -> None:
    assert SCORES["margin.v1"](say(0.9, 0.5), SHORT) == pytest.approx(1.0)
    assert SCORES["entropy.v1"](say(0.5, 0.5), SHORT) == pytest.approx(2 * math.log(2))


def test_the_expected_dice_of_two_halves() -> None:
    # hits = 1, said = 2, gold = 1 + 0.5: Dice = 3 / 4.5
    prediction = say(0.5, 0.5, refused=(0.5,))
    assert SCORES["expected_dice.v1"](prediction, SHORT) == pytest.approx(1 - 3 / 4.5)


def test_two_versions_that_say_different_things_disagree() -> None:
    score = SCORES["disagreement.v1"]
    now = say(1.0, 1.0)
    assert score(now, Known(20, earlier=now)) == 0.0
    assert score(now, Known(20, earlier=say(1.0))) == pytest.approx(1 / 2)
    assert score(now, Known(20, earlier=Prediction())) == pytest.approx(1.0)


def test_a_rare_type_is_named_only_where_it_is_likely() -> None:
    weights = {"协同": 2.0}
    assert rare_type(say(1.0, 1.0, relations=(0.4,)), weights) == "协同"
    assert rare_type(say(1.0, 1.0, relations=(0.1,)), weights) is None
    assert rare_type(say(1.0, 1.0, relations=(0.9,)), {"协同": 1.0}) is None
