"""Scores become chances and decisions: one half exactly at theta, one type a pair."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from extraction.models.common.decode import Rules, rules_of
from extraction.models.common.labels import Labels
from extraction.models.spert_mt.decode import Scale, chances, pair_verdict, span_verdict
from extraction.models.spert_mt.loss import Weights, ranking_losses
from extraction.types import RelationRule, Schema

PAPER = Scale()
LABELS = Labels(("药物", "疾病"), ("协同", "拮抗"))


def anything() -> Rules:
    return rules_of(LABELS, None)


@given(
    st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=20),
    st.floats(-5, 5, width=32),
    st.floats(0.125, 8, width=32),
    st.floats(0, 6, width=32),
)
def test_a_chance_is_at_least_one_half_exactly_from_theta_on(
    scores: list[float], theta: float, gamma: float, width: float
) -> None:
    table = np.asarray([*scores, theta], dtype=np.float32)
    found = chances(table, Scale(theta, gamma, width))
    assert ((found >= 0.5) == (table >= theta)).all()
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found[np.argsort(table)]) >= 0).all()


def test_a_class_that_passes_has_a_chance_above_nothing() -> None:
    assert chances(np.asarray([-np.inf, 0.85, np.inf], dtype=np.float32), PAPER).tolist() == [
        0,
        0.5,
        1,
    ]


@pytest.mark.parametrize("truth", [0.05, 0.3, 0.5, 0.8, 0.99])
def test_the_chance_is_the_share_of_right_ones_at_which_the_ranking_loss_rests(
    truth: float,
) -> None:
    scores = torch.linspace(-8, 10, 18001, dtype=torch.double).unsqueeze(1)
    wrong = ranking_losses(scores, torch.zeros_like(scores, dtype=torch.bool), Weights())
    right = ranking_losses(scores, torch.ones_like(scores, dtype=torch.bool), Weights())
    best = scores[int((truth * right + (1 - truth) * wrong).argmin())].numpy()
    middle = Scale(theta=1.0)  # (m+ - m-) / 2
    assert chances(best.astype(np.float32), middle)[0] == pytest.approx(truth, abs=2e-3)


def test_a_span_is_its_best_class_from_theta_on_and_nothing_below() -> None:
    scores = torch.tensor([[0.85, 0.2], [0.84, 0.8], [-3.0, 2.0]])
    verdict = span_verdict(scores, PAPER, anything())
    assert verdict.is_kept.tolist() == [True, False, True]
    assert verdict.types.tolist() == [1, 1, 2]
    assert verdict.none + verdict.best == pytest.approx(1)


def test_a_forbidden_class_is_never_the_best() -> None:
    rules = rules_of(LABELS, Schema(("疾病",), (RelationRule("协同"),)))
    verdict = span_verdict(torch.tensor([[5.0, 1.0], [5.0, -1.0]]), PAPER, rules)
    assert verdict.types.tolist() == [2, 2]
    assert verdict.is_kept.tolist() == [True, False]


def test_without_any_legal_class_nothing_is_said() -> None:
    rules = rules_of(LABELS, Schema(("食物",), ()))
    verdict = span_verdict(torch.tensor([[5.0, 1.0]]), PAPER, rules)
    assert verdict.is_kept.tolist() == [False]
    assert verdict.none.tolist() == [1.0]


def test_a_pair_has_one_type_and_the_others_share_what_it_leaves() -> None:
    scores = np.asarray([[3.0, 2.0], [0.5, -1.0]], dtype=np.float32)
    verdict = pair_verdict(scores, np.ones((2, 2), dtype=bool), PAPER, is_multi_label=False)
    assert verdict.is_said.tolist() == [[True, False], [False, False]]
    assert verdict.scores.sum(axis=1)[0] <= 1 + 1e-6
    assert verdict.scores[0, 1] == pytest.approx(1 - verdict.scores[0, 0])


def test_with_several_labels_every_type_that_passes_is_said() -> None:
    scores = np.asarray([[3.0, 2.0], [0.5, -1.0]], dtype=np.float32)
    verdict = pair_verdict(scores, np.ones((2, 2), dtype=bool), PAPER, is_multi_label=True)
    assert verdict.is_said.tolist() == [[True, True], [False, False]]


def test_an_illegal_type_leaves_the_pair_to_the_next_one() -> None:
    scores = np.asarray([[3.0, 2.0]], dtype=np.float32)
    verdict = pair_verdict(scores, np.asarray([[False, True]]), PAPER, is_multi_label=False)
    assert verdict.is_said.tolist() == [[False, True]]
    assert verdict.scores[0, 0] == 0.0
    shut = pair_verdict(scores, np.zeros((1, 2), dtype=bool), PAPER, is_multi_label=False)
    assert not shut.is_said.any()
    assert math.isclose(float(shut.scores.max()), 0.0)
