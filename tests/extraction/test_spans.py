"""Pooling and drawing of spans against the ten-line naive way."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from extraction.models.common.pairs import all_pairs, between
from extraction.models.common.spans import (
    count_spans,
    draw_near_spans,
    draw_other_spans,
    position_of,
    range_max,
    running_max,
    spans_at,
)

ranges_of = st.lists(st.tuples(st.integers(0, 23), st.integers(-2, 24)), max_size=30)


def naive_max(values: Tensor, starts: list[int], stops: list[int]) -> Tensor:
    rows = [
        values[a:b].amax(0) if b > a else values.new_zeros(values.shape[1])
        for a, b in zip(starts, stops, strict=True)
    ]
    return torch.stack(rows) if rows else values.new_zeros(0, values.shape[1])


def some_values(rows: int, seed: int = 0, *, grad: bool = False) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(rows, 3, generator=generator, dtype=torch.double).requires_grad_(grad)


@settings(deadline=None)
@given(ranges_of, st.integers(0, 3))
def test_the_sparse_table_equals_the_naive_maximum(
    ranges: list[tuple[int, int]], seed: int
) -> None:
    starts = np.asarray([a for a, _ in ranges], dtype=np.int64)
    stops = np.asarray([min(24, a + width) for a, width in ranges], dtype=np.int64)
    values = some_values(24, seed, grad=True)
    expected = naive_max(values, starts.tolist(), stops.tolist())
    pooled = range_max(values, starts, stops)
    assert torch.equal(pooled, expected)
    assert torch.equal(range_max(values.detach(), starts, stops), expected)
    weights = torch.arange(1.0, pooled.numel() + 1, dtype=torch.double).reshape(pooled.shape)
    if expected.requires_grad:
        (ours,) = torch.autograd.grad((pooled * weights).sum(), values)
        (theirs,) = torch.autograd.grad((expected * weights).sum(), values)
        assert torch.allclose(ours, theirs)


def test_the_gradient_of_the_maximum_is_right() -> None:
    starts, stops = np.asarray([0, 3, 5, 5, 2]), np.asarray([7, 4, 5, 12, 5])
    assert torch.autograd.gradcheck(
        lambda values: range_max(values, starts, stops), (some_values(12, grad=True),)
    )


@pytest.mark.parametrize("rows", [1, 2, 9])
@pytest.mark.parametrize("widest", [1, 3, 20])
def test_the_running_maximum_yields_every_width(rows: int, widest: int) -> None:
    values = some_values(rows)
    pooled = list(running_max(values, widest))
    assert len(pooled) == min(rows, widest)
    for width, found in enumerate(pooled, start=1):
        starts = list(range(rows - width + 1))
        assert torch.equal(found, naive_max(values, starts, [a + width for a in starts]))


def all_spans(units: int, widest: int) -> list[tuple[int, int]]:
    return [(a, a + w) for w in range(1, min(widest, units) + 1) for a in range(units - w + 1)]


@given(st.integers(0, 20), st.integers(1, 25))
def test_flat_positions_and_spans_are_inverse(units: int, widest: int) -> None:
    expected = all_spans(units, widest)
    assert count_spans(units, widest) == len(expected)
    positions = np.arange(len(expected))
    starts, widths = spans_at(positions, units, widest)
    assert list(zip(starts.tolist(), (starts + widths).tolist(), strict=True)) == expected
    assert position_of(starts, widths, units).tolist() == positions.tolist()


@given(st.data(), st.integers(1, 15), st.integers(1, 8), st.integers(1, 200))
def test_drawn_spans_are_distinct_inside_and_never_gold(
    data: st.DataObject, units: int, widest: int, count: int
) -> None:
    possible = all_spans(units, units)
    gold = data.draw(st.lists(st.sampled_from(possible), max_size=5, unique=True))
    taken = np.asarray(gold, dtype=np.int64).reshape(-1, 2)
    drawn = draw_other_spans(taken, units, widest, count, np.random.default_rng(0)).tolist()
    free = set(all_spans(units, widest)) - set(gold)
    assert {(a, b) for a, b in drawn} <= free
    assert len(drawn) == len({(a, b) for a, b in drawn}) == min(count, len(free))


@given(st.data(), st.integers(1, 12), st.integers(1, 6), st.integers(1, 60))
def test_near_misses_overlap_an_entity_and_are_none(
    data: st.DataObject, units: int, widest: int, count: int
) -> None:
    gold = data.draw(st.lists(st.sampled_from(all_spans(units, units)), min_size=1, max_size=3))
    taken = np.asarray(gold, dtype=np.int64)
    drawn = draw_near_spans(taken, units, widest, count, np.random.default_rng(0)).tolist()
    near = {
        (a, b)
        for a, b in all_spans(units, widest)
        if any(a < d and c < b for c, d in gold) and (a, b) not in gold
    }
    assert {(a, b) for a, b in drawn} <= near
    assert len(drawn) == min(count, len(near))


def test_every_free_span_is_drawn_equally_often() -> None:
    taken = np.asarray([[0, 1]])
    counts: dict[tuple[int, int], int] = {}
    for seed in range(600):
        for a, b in draw_other_spans(taken, 4, 2, 2, np.random.default_rng(seed)).tolist():
            counts[a, b] = counts.get((a, b), 0) + 1
    assert counts.keys() == set(all_spans(4, 2)) - {(0, 1)}
    assert max(counts.values()) < 1.35 * min(counts.values())


@given(st.lists(st.integers(0, 4), max_size=12))
def test_pairs_are_all_unordered_pairs_of_each_sentence(sentences: list[int]) -> None:
    owners = sorted(sentences)
    pairs = all_pairs(np.asarray(owners, dtype=np.int64))
    expected = {
        (a, b)
        for a in range(len(owners))
        for b in range(a + 1, len(owners))
        if owners[a] == owners[b]
    }
    found = list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    assert set(found) == expected
    assert len(found) == len(expected)


def test_the_context_lies_strictly_between_and_is_empty_for_overlaps() -> None:
    first = (np.asarray([0, 6, 0, 0, 3]), np.asarray([2, 8, 2, 5, 5]))
    second = (np.asarray([5, 1, 2, 2, 3]), np.asarray([7, 3, 4, 4, 5]))
    starts, stops = between(first, second)
    assert [b - a for a, b in zip(starts, stops, strict=True)] == [3, 3, 0, 0, 0]
    assert starts[:2].tolist() == [2, 3]
