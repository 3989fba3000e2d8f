"""SpERT.MT's losses against values worked out by hand, and ENIoU against the naive way."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from extraction.models.common.spans import Spans, borders_of
from extraction.models.spert_mt.loss import (
    Weights,
    identification_losses,
    identification_weights,
    overlap_with_gold,
    ranking_losses,
    stage_loss,
)

PAPER = Weights()
Range = tuple[int, int]


def spans_of(*sentences: list[Range]) -> Spans:
    """Spans of sentences of ten units each, sentence by sentence."""
    borders = borders_of([10] * len(sentences))
    rows = [
        (borders[at] + a, borders[at] + b, at) for at, one in enumerate(sentences) for a, b in one
    ]
    table = np.asarray(rows, dtype=np.int64).reshape(-1, 3)
    return Spans(table[:, 0], table[:, 1], table[:, 2], borders)


def iou(left: Range, right: Range) -> float:
    """Eq. 11 by counting units."""
    ours, theirs = set(range(*left)), set(range(*right))
    return len(ours & theirs) / (max(*ours, *theirs) - min(*ours, *theirs) + 1)


def test_overlap_is_that_of_the_table() -> None:
    spans = spans_of([(2, 5), (2, 5), (2, 4), (4, 6), (5, 7), (1, 9), (8, 9)])
    is_gold = np.asarray([True, *[False] * 6])
    found = overlap_with_gold(spans, is_gold)
    assert found == pytest.approx([1, 1, 2 / 3, 1 / 4, 0, 3 / 8, 0])


def test_without_gold_in_its_sentence_nothing_overlaps() -> None:
    spans = spans_of([(0, 3), (1, 2)], [(0, 3), (0, 1)], [])
    is_gold = np.asarray([False, False, True, False])
    assert overlap_with_gold(spans, is_gold) == pytest.approx([0, 0, 1, 1 / 3])
    assert overlap_with_gold(spans, np.zeros(4, dtype=bool)).tolist() == [0, 0, 0, 0]
    assert len(overlap_with_gold(spans_of([], []), np.zeros(0, dtype=bool))) == 0


ranges = st.tuples(st.integers(0, 8), st.integers(1, 5)).map(
    lambda one: (one[0], min(10, sum(one)))
)
marked = st.lists(st.tuples(ranges, st.booleans()), max_size=6)


@given(st.lists(marked, min_size=1, max_size=4))
def test_overlap_is_the_largest_one_with_a_gold_span_of_the_sentence(
    sentences: list[list[tuple[Range, bool]]],
) -> None:
    spans = spans_of(*[[span for span, _ in one] for one in sentences])
    is_gold = np.asarray([gold for one in sentences for _, gold in one], dtype=bool)
    wanted = [
        max((iou(span, other) for other, gold in one if gold), default=0.0)
        for one in sentences
        for span, _ in one
    ]
    assert overlap_with_gold(spans, is_gold) == pytest.approx(wanted)


def test_equation_13_weighs_gold_easy_and_hard_spans() -> None:
    weights = identification_weights(
        np.asarray([True, False, False, False]),
        np.asarray([1, 0, 0.5, 0.98], dtype=np.float32),
        0.25,
    )
    assert weights == pytest.approx([0.75, 0.25, 0.375, 0.495])


def test_identification_is_the_binary_cross_entropy_of_equation_4() -> None:
    found = identification_losses(torch.tensor([0.0, 2.0, 2.0]), torch.tensor([True, True, False]))
    sure = 1 / (1 + math.exp(-2))
    assert found.tolist() == pytest.approx([math.log(2), -math.log(sure), -math.log(1 - sure)])


def test_ranking_of_an_ignorant_model_costs_what_it_must() -> None:
    right = torch.tensor([[True, False], [False, False]])
    positive, negative = ranking_losses(torch.zeros(2, 2), right, PAPER).tolist()
    assert positive == pytest.approx(5.0067 + 1.3133, abs=1e-3)
    assert negative == pytest.approx(1.3133, abs=1e-4)


def test_ranking_takes_the_strongest_wrong_class_only() -> None:
    scores = torch.tensor([[1.0, 3.0, -1.0], [1.0, 3.0, -1.0]])
    right = torch.tensor([[True, False, False], [False, False, False]])
    found = ranking_losses(scores, right, PAPER).tolist()
    lifted, held = math.log1p(math.exp(2 * 1.5)), math.log1p(math.exp(2 * 3.5))
    assert found == pytest.approx([lifted + held, held], rel=1e-5)


def test_with_a_single_class_a_positive_has_no_wrong_one() -> None:
    scores = torch.tensor([[0.0], [0.0]], requires_grad=True)
    losses = ranking_losses(scores, torch.tensor([[True], [False]]), PAPER)
    assert losses.tolist() == pytest.approx([5.0067, 1.3133], abs=1e-4)
    losses.sum().backward()  # type: ignore[no-untyped-call]
    assert scores.grad is not None
    rising, falling = scores.grad[:, 0].tolist()
    assert rising == pytest.approx(-2 / (1 + math.exp(-5)))
    assert falling == pytest.approx(2 / (1 + math.exp(-1)))


def test_several_right_classes_are_each_lifted() -> None:
    right = torch.tensor([[True, True, False]])
    found = ranking_losses(torch.zeros(1, 3), right, PAPER)
    assert found.item() == pytest.approx(2 * 5.0067 + 1.3133, abs=1e-3)


def test_a_stage_is_the_mean_or_the_sum_of_both_weighted_tasks() -> None:
    identified, ranked = torch.tensor([1.0, 3.0]), torch.tensor([10.0, 30.0])
    half = Weights(alpha=0.5, beta=2.0)
    assert stage_loss(identified, ranked, half).item() == pytest.approx(0.5 * 2 + 2 * 20)
    summed = Weights(alpha=0.5, beta=2.0, is_summed=True)
    assert stage_loss(identified, ranked, summed).item() == pytest.approx(0.5 * 4 + 2 * 40)
    weighted = stage_loss(identified, ranked, PAPER, torch.tensor([0.75, 0.25]))
    assert weighted.item() == pytest.approx((0.75 + 0.75) / 2 + 20)


@given(st.lists(st.floats(-20, 20), min_size=2, max_size=5), st.integers(0, 4))
def test_ranking_falls_with_the_right_score_and_rises_with_the_wrong_ones(
    scores: list[float], place: int
) -> None:
    table = torch.tensor([scores], dtype=torch.double, requires_grad=True)
    right = torch.zeros_like(table, dtype=torch.bool)
    right[0, place % len(scores)] = True
    ranking_losses(table, right, PAPER).sum().backward()  # type: ignore[no-untyped-call]
    assert table.grad is not None
    assert bool((table.grad[right] <= 0).all())
    assert bool((table.grad[~right] >= 0).all())
