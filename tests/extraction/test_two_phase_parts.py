"""Losses and verdicts of the two-phase model against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from extraction.models.common.decode import Rules, rules_of
from extraction.models.common.labels import Labels
from extraction.models.two_phase.decode import joint_logits, pair_verdict, span_verdict
from extraction.models.two_phase.loss import whether_loss, which_loss
from extraction.models.two_phase.network import Judged
from extraction.types import RelationRule, Schema

LABELS = Labels(("药物", "疾病"), ("协同", "拮抗"))


def anything() -> Rules:
    return rules_of(LABELS, None)


def judged(*rows: tuple[float, float, float, float]) -> Judged:
    """Spans or pairs by (no, yes) and the logits of two types."""
    table = torch.tensor(rows, dtype=torch.float)
    return Judged(table[:, :2], table[:, 2:])


def test_an_ignorant_phase_one_costs_two_coins_and_phase_two_a_die() -> None:
    nothing = whether_loss(torch.zeros(3, 2), torch.tensor([True, False, False]))
    assert nothing.item() == pytest.approx(2 * math.log(2))
    assert which_loss(torch.zeros(3, 4), torch.tensor([0, 3, 1])).item() == pytest.approx(
        math.log(4)
    )


def test_both_units_of_phase_one_are_learnt() -> None:
    logits = torch.tensor([[1.0, 2.0], [0.5, -3.0]])
    sigmoid = 1 / (1 + np.exp(-logits.numpy()))
    wanted = np.asarray([[0, 1], [1, 0]])
    by_hand = -(wanted * np.log(sigmoid) + (1 - wanted) * np.log(1 - sigmoid)).sum(axis=1).mean()
    assert whether_loss(logits, torch.tensor([True, False])).item() == pytest.approx(float(by_hand))


def test_types_of_no_instance_cost_nothing_and_can_be_gone_back_through() -> None:
    logits = torch.zeros(0, 4, requires_grad=True)
    loss = which_loss(logits, torch.zeros(0, dtype=torch.long))
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == 0.0


def test_a_span_is_an_entity_where_the_yes_unit_is_the_larger() -> None:
    verdict = span_verdict(judged((0, 1, 2, 0), (1, 0.9, 0, 9), (-3, 3, 0, 1)), 0.0, anything())
    assert verdict.is_kept.tolist() == [True, False, True]
    assert verdict.types.tolist() == [1, 2, 2]
    sure, typed = 1 / (1 + math.exp(-3)), 1 / (1 + math.exp(-1))
    assert verdict.best[2] == pytest.approx(sure * typed)
    assert verdict.none[2] == pytest.approx(1 - sure)


numbers = st.floats(-8, 8)


@given(st.tuples(numbers, numbers, numbers, numbers), st.floats(-3, 3))
def test_chances_of_nothing_and_of_all_types_make_one(
    row: tuple[float, float, float, float], bonus: float
) -> None:
    chances = joint_logits(judged(row), bonus).softmax(dim=1)[0]
    odds = (row[1] - row[0]) / 2 + bonus
    assert chances.sum().item() == pytest.approx(1)
    assert chances[1:].sum().item() == pytest.approx(1 / (1 + math.exp(-odds)), abs=1e-5)


@given(st.tuples(numbers, numbers, numbers, numbers))
def test_a_span_is_kept_exactly_where_nothing_is_less_likely(
    row: tuple[float, float, float, float],
) -> None:
    verdict = span_verdict(judged(row), 0.0, anything())
    assert bool(verdict.is_kept[0]) == (float(verdict.none[0]) < 0.5)


def test_a_bonus_turns_a_near_miss_into_a_yes() -> None:
    near = judged((1, 0, 2, 0))
    assert not span_verdict(near, 0.0, anything()).is_kept[0]
    assert span_verdict(near, 1.0, anything()).is_kept[0]
    legal = np.ones((1, 2), dtype=bool)
    assert not pair_verdict(near, 0.0, legal).is_said.any()
    assert pair_verdict(near, 1.0, legal).is_said.tolist() == [[True, False]]
    one_step = Judged(None, torch.tensor([[1.0, 0.5, 0.0]]))
    assert not span_verdict(one_step, 0.0, anything()).is_kept[0]
    assert span_verdict(one_step, 1.0, anything()).is_kept[0]


def test_what_a_schema_forbids_counts_for_nothing() -> None:
    rules = rules_of(LABELS, Schema(("疾病",), (RelationRule("协同"),)))
    verdict = span_verdict(judged((-2, 2, 1, 0), (-2, 2, 9, 0)), 0.0, rules)
    assert verdict.types.tolist() == [2, 2]
    assert verdict.is_kept.tolist() == [True, False]
    nothing = span_verdict(judged((-2, 2, 1, 0)), 0.0, rules_of(LABELS, Schema(("食物",), ())))
    assert nothing.is_kept.tolist() == [False]


def test_a_pair_is_said_with_its_best_legal_type_or_not_at_all() -> None:
    both = judged((-2, 2, 1, 0), (-2, 2, 1, 0), (2, -2, 1, 0))
    legal = np.asarray([[True, True], [False, True], [True, True]])
    verdict = pair_verdict(both, 0.0, legal)
    assert verdict.is_said.tolist() == [[True, False], [False, True], [False, False]]
    assert verdict.scores[1, 0] == 0.0
    shut = pair_verdict(both, 0.0, np.zeros((3, 2), dtype=bool))
    assert not shut.is_said.any()
    assert float(shut.scores.max()) == 0.0


def test_in_one_phase_the_likeliest_class_is_said() -> None:
    plural = Judged(None, torch.tensor([[0.2, 0.1, 0.0], [0.0, 0.3, 0.2]]))
    assert span_verdict(plural, 0.0, anything()).is_kept.tolist() == [False, True]
    verdict = pair_verdict(plural, 0.0, np.ones((2, 2), dtype=bool))
    assert verdict.is_said.tolist() == [[False, False], [True, False]]
