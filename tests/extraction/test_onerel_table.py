"""The table's loss and scores by blocks: the plain table's values and gradients, nothing kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from extraction.models.common.spans import borders_of
from extraction.models.common.table import Factors, Layout, Sought, scored, scored_at, strong
from extraction.models.common.table_loss import Marks, Part, table_loss

COUNTS = (3, 1, 4)  # places of three sentences
WIDTH = 5
TAGS, SLICES, TYPES = 3, 2, 2
LAYOUT = Layout.of(borders_of(COUNTS))
MARKS = Marks(np.asarray([1, 1, 12, 25]), np.asarray([0, 1, 1, 0]), np.asarray([2, 1, 3, 1]))
SPANS = Marks(np.asarray([2, 11]), np.asarray([0, 0]), np.asarray([2, 1]))


def factors(block: int | None = None, seed: int = 0) -> Factors:
    torch.manual_seed(seed)
    rows, columns = torch.randn(2, sum(COUNTS), WIDTH, dtype=torch.double)
    return Factors(rows.requires_grad_(), columns.requires_grad_(), block)


def scorer(columns: int = TAGS * SLICES + TYPES) -> tuple[Tensor, Tensor]:
    torch.manual_seed(7)
    weight = torch.randn(columns, WIDTH, dtype=torch.double, requires_grad=True)
    return weight, torch.randn(columns, dtype=torch.double, requires_grad=True)


def parts() -> list[Part]:
    relations = Part(TAGS, SLICES, MARKS, heavy=np.asarray([1, 5, 12, 25]), weight=3.0)
    return [relations, Part(TYPES, 1, SPANS, diagonal=1)]


def plain_scores(given: Factors, weight: Tensor, bias: Tensor) -> Tensor:
    """(cells, columns), every pair's vector made."""
    tables = []
    for begin, end in zip(LAYOUT.borders[:-1], LAYOUT.borders[1:], strict=True):
        pairs = given.rows[begin:end].unsqueeze(1) + given.columns[begin:end]
        tables.append((pairs.relu() @ weight.T + bias).flatten(0, 1))
    return torch.cat(tables)


def plain_part(scores: Tensor, part: Part) -> Tensor:
    """The part's cross-entropy with dense targets and weights."""
    scores = scores.view(-1, part.tags, part.slices)
    nothing = scores.new_zeros(len(scores), 1, part.slices)
    targets = torch.zeros(len(scores), part.slices, dtype=torch.int64)
    targets[part.marks.cells, part.marks.slices] = torch.from_numpy(part.marks.tags)
    weights = torch.ones(len(scores), dtype=scores.dtype)
    if part.heavy is not None:
        weights[part.heavy] = part.weight
    rows, columns = LAYOUT.places_of(np.arange(LAYOUT.cells))
    if part.diagonal is not None:
        weights *= torch.from_numpy(columns >= rows + part.diagonal)
    ce = functional.cross_entropy(torch.cat((nothing, scores), 1), targets, reduction="none")
    return (ce * weights.unsqueeze(1)).sum()


def plain_loss(given: Factors, head: tuple[Tensor, Tensor], told: Sequence[Part]) -> Tensor:
    scores = plain_scores(given, *head)
    begins = np.cumsum([0, *(part.tags * part.slices for part in told)]).tolist()
    cuts = zip(begins, begins[1:], told, strict=False)
    return torch.stack([plain_part(scores[:, a:b], part) for a, b, part in cuts]).sum()


def gradients(loss: Tensor, given: Factors, head: tuple[Tensor, Tensor]) -> list[Tensor]:
    return list(torch.autograd.grad(loss, (given.rows, given.columns, *head)))


@pytest.mark.parametrize("block", [1, 3 * WIDTH, 8 * WIDTH, None])
def test_the_loss_by_blocks_and_its_gradients_are_those_of_the_dense_table(
    block: int | None,
) -> None:
    given, head = factors(block), scorer()
    ours, plain = table_loss(given, head, LAYOUT, parts()), plain_loss(given, head, parts())
    assert ours.item() == pytest.approx(plain.item(), rel=1e-12)
    for one, other in zip(gradients(ours, given, head), gradients(plain, given, head), strict=True):
        assert torch.allclose(one, other)


def test_the_gradient_is_that_of_finite_differences_with_and_without_dropping() -> None:
    given, head = factors(2 * WIDTH), scorer()

    for rate in (0.0, 0.3):

        def total(*inputs: Tensor, rate: float = rate) -> Tensor:
            torch.manual_seed(3)
            rows, columns, weight, bias = inputs
            some = Factors(rows, columns, given.block)
            return table_loss(some, (weight, bias), LAYOUT, parts(), rate)

        inputs = (given.rows, given.columns, *head)
        assert torch.autograd.gradcheck(total, inputs, fast_mode=True)


def test_a_scaled_loss_has_scaled_gradients_and_none_are_made_without_need() -> None:
    given, head = factors(), scorer()
    once = gradients(table_loss(given, head, LAYOUT, parts()), given, head)
    thrice = gradients(3 * table_loss(given, head, LAYOUT, parts()), given, head)
    assert all(torch.allclose(3 * a, b) for a, b in zip(once, thrice, strict=True))
    with torch.no_grad():
        assert not table_loss(given, head, LAYOUT, parts()).requires_grad


def test_scores_beyond_any_exponential_have_a_finite_loss() -> None:
    given, (weight, bias) = factors(), scorer()
    head = ((weight * 1e4).detach().requires_grad_(), bias)
    loss = table_loss(given, head, LAYOUT, parts())
    assert loss.item() == pytest.approx(plain_loss(given, head, parts()).item(), rel=1e-9)
    assert all(bool(torch.isfinite(one).all()) for one in gradients(loss, given, head))


def test_dropping_takes_the_wanted_share_and_scales_up_the_rest() -> None:
    layout = Layout.of(borders_of([60]))
    ones = torch.ones(60, 64, requires_grad=True)
    given = Factors(ones, torch.zeros(60, 64))
    head = (torch.full((1, 64), 1 / 64), torch.zeros(1))
    told = [Part(1, 1, Marks(*(np.zeros(0, dtype=np.int64),) * 3))]
    torch.manual_seed(0)
    table_loss(given, head, layout, told, 0.3).backward()  # type: ignore[no-untyped-call]
    whole = torch.autograd.grad(table_loss(given, head, layout, told), ones)[0]
    assert ones.grad is not None
    assert float(ones.grad.mean()) == pytest.approx(float(whole.mean()), rel=0.02)
    torch.manual_seed(0)
    again = torch.autograd.grad(table_loss(given, head, layout, told, 0.3), ones)[0]
    assert torch.equal(again, ones.grad)


def test_a_choice_of_slices_is_the_loss_over_these_slices_alone() -> None:
    given, (weight, bias) = factors(block=2 * WIDTH), scorer(TAGS * 3)
    some = Marks(np.asarray([1, 9]), np.asarray([2, 0]), np.asarray([2, 1]))
    chosen = np.asarray([[False, True, True], [True, False, False], [False, False, False]])
    part = Part(TAGS, 3, some, chosen=chosen, scale=np.asarray([2.0, 1.0, 5.0], dtype="f4"))
    ours = table_loss(given, (weight, bias), LAYOUT, [part])
    scores = plain_scores(given, weight, bias).view(-1, TAGS, 3)
    nothing = scores.new_zeros(len(scores), 1, 3)
    targets = torch.zeros(len(scores), 3, dtype=torch.int64)
    targets[some.cells, some.slices] = torch.from_numpy(some.tags)
    ce = functional.cross_entropy(torch.cat((nothing, scores), 1), targets, reduction="none")
    plain = 2 * ce[:9, 1:].sum() + ce[9:10, 0].sum()
    assert ours.item() == pytest.approx(plain.item(), rel=1e-6)
    for one, other in zip(
        gradients(ours, given, (weight, bias)), gradients(plain, given, (weight, bias)), strict=True
    ):
        assert torch.allclose(one, other, rtol=1e-6)


@pytest.mark.parametrize("block", [1, 2 * WIDTH, None])
def test_scores_by_blocks_and_of_single_cells_are_those_of_the_plain_table(
    block: int | None,
) -> None:
    given, (weight, bias) = factors(block), scorer()
    with torch.no_grad():
        plain = plain_scores(given, weight, bias)
        for begin, scores in scored(given, LAYOUT, weight, bias):
            assert torch.allclose(scores.T, plain[begin : begin + scores.shape[1]])
        rows, columns = LAYOUT.places_of(np.arange(LAYOUT.cells))
        assert torch.allclose(scored_at(given, rows, columns, weight, bias), plain)


@pytest.mark.parametrize("block", [1, 2 * WIDTH, None])
def test_what_is_strong_is_found_once_and_not_left_of_the_diagonal(block: int | None) -> None:
    given, (weight, bias) = factors(block), scorer()
    with torch.no_grad():
        plain = plain_scores(given, weight, bias)
        first = Sought(weight[:2], bias[:2], 0.5, 1000)
        second = Sought(weight[2:], bias[2:], -0.5, 1000, diagonal=1)
        some, others = strong(given, LAYOUT, [first, second])
    cells, slices = (plain[:, :2] >= 0.5).nonzero(as_tuple=True)
    assert LAYOUT.cell_of(some.rows, some.columns).tolist() == cells.tolist()
    assert some.slices.tolist() == slices.tolist()
    assert some.scores == pytest.approx(plain[cells, slices].numpy())
    rows, columns = LAYOUT.places_of(np.arange(LAYOUT.cells))
    expected = ((plain[:, 2:] >= -0.5).numpy() & (columns > rows)[:, None]).sum()
    assert len(others) == expected
    assert (others.columns > others.rows).all()


def test_of_a_crowd_the_highest_of_each_sentence_remain() -> None:
    given, (weight, bias) = factors(), scorer()
    with torch.no_grad():
        plain = plain_scores(given, weight, bias)
        (few,) = strong(given, LAYOUT, [Sought(weight, bias, -1e9, 3)])
    for sentence in range(len(COUNTS)):
        cells = slice(*LAYOUT.first_cell[sentence : sentence + 2].tolist())
        best = plain[cells].flatten().sort(descending=True).values[:3]
        found = few.scores[LAYOUT.sentence_of(few.rows) == sentence]
        assert sorted(found.tolist(), reverse=True) == pytest.approx(best.tolist(), rel=1e-5)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=6), st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_blocks_cover_every_cell_once_and_cells_know_their_places(
    counts: list[int], most: int
) -> None:
    layout = Layout.of(borders_of(counts))
    begin = 0
    for block in layout.blocks(2, most):
        assert block.cells.start == begin
        rows, columns = layout.places_of(np.arange(block.cells.start, block.cells.stop))
        assert set(rows.tolist()) == set(range(block.rows.start, block.rows.stop))
        assert set(columns.tolist()) == set(range(block.columns.start, block.columns.stop))
        assert (layout.cell_of(rows, columns) == np.arange(begin, block.cells.stop)).all()
        begin = block.cells.stop
    assert begin == layout.cells == sum(count * count for count in counts)


def test_an_untaught_table_costs_the_known_logarithms() -> None:
    zeros = torch.zeros(sum(COUNTS), WIDTH)
    head = (torch.zeros(TAGS * SLICES + TYPES, WIDTH), torch.zeros(TAGS * SLICES + TYPES))
    told = [replace(one, heavy=None, weight=1.0) for one in parts()]
    loss = table_loss(Factors(zeros, zeros), head, LAYOUT, told)
    upper = sum(n * (n - 1) // 2 for n in COUNTS)
    expected = LAYOUT.cells * SLICES * np.log(TAGS + 1) + upper * np.log(TYPES + 1)
    assert loss.item() == pytest.approx(expected, rel=1e-6)
