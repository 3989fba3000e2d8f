"""The objective of bio_mtl in numbers worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from extraction.models.bio_mtl.loss import class_loss, identification_loss, ranking_loss
from extraction.models.bio_mtl.settings import Settings

ENGLISH = Settings(margin_right=2.5, margin_wrong=0.5, gamma=2.0, threshold=0.0)
CHINESE = replace(ENGLISH, margin_right=4.5, margin_wrong=-0.5, threshold=1.0)
OTHER = torch.tensor([-1])


def softplus(x: float) -> float:
    return math.log1p(math.exp(x))


def test_zero_scores_cost_what_the_margins_say() -> None:
    zeros = torch.zeros(1, 3)
    assert ranking_loss(zeros, torch.tensor([1]), ENGLISH).item() == pytest.approx(
        5.00672 + 1.31326, abs=1e-4
    )
    assert ranking_loss(zeros, OTHER, ENGLISH).item() == pytest.approx(1.31326, abs=1e-4)
    assert ranking_loss(zeros, OTHER, CHINESE).item() == pytest.approx(0.31326, abs=1e-4)


def test_only_the_highest_wrong_class_is_pushed_down() -> None:
    scores = torch.tensor([[3.0, -1.0, 0.25]], requires_grad=True)
    loss = ranking_loss(scores, torch.tensor([0]), ENGLISH)
    assert loss.item() == pytest.approx(softplus(2 * (2.5 - 3.0)) + softplus(2 * (0.5 + 0.25)))
    loss.backward()  # type: ignore[no-untyped-call]
    assert scores.grad is not None
    assert scores.grad[0, 0] < 0 < scores.grad[0, 2]
    assert scores.grad[0, 1] == 0


def test_a_pair_without_relation_pushes_only_its_highest_class() -> None:
    scores = torch.tensor([[0.5, 2.0]], requires_grad=True)
    loss = ranking_loss(scores, OTHER, ENGLISH)
    assert loss.item() == pytest.approx(softplus(2 * (0.5 + 2.0)))
    loss.backward()  # type: ignore[no-untyped-call]
    assert scores.grad is not None
    assert scores.grad[0, 0] == 0 < scores.grad[0, 1]


def test_with_one_class_there_is_nothing_wrong_to_push() -> None:
    scores = torch.tensor([[1.0], [2.0]], requires_grad=True)
    loss = ranking_loss(scores, torch.tensor([0, -1]), ENGLISH)
    expected = (softplus(2 * (2.5 - 1.0)) + softplus(2 * (0.5 + 2.0))) / 2
    assert loss.item() == pytest.approx(expected)
    loss.backward()  # type: ignore[no-untyped-call]
    assert scores.grad is not None
    assert bool(torch.isfinite(scores.grad).all())


def test_identification_asks_only_whether_there_is_a_relation() -> None:
    logits = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    expected = (softplus(-2.0) + softplus(-1.0)) / 2
    assert identification_loss(logits, torch.tensor([-1, 4])).item() == pytest.approx(expected)


def test_cross_entropy_gives_other_a_class_of_its_own() -> None:
    scores, other = torch.tensor([[0.0, 0.0], [0.0, 5.0]]), torch.tensor([[1.0], [0.0]])
    first = -math.log(math.e / (math.e + 2))
    second = -math.log(math.exp(5) / (math.exp(5) + 2))
    found = class_loss(scores, other, torch.tensor([-1, 1])).item()
    assert found == pytest.approx((first + second) / 2)
