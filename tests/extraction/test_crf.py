"""The CRF against all legal tag orders, counted one by one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from extraction.models.common.crf import Crf, packing

COUNTS = np.asarray([3, 0, 4, 1, 2, 4])
TAGS = 5


def is_legal(tags: tuple[int, ...]) -> bool:
    """Whether every I follows the B or I of its type."""
    steps = pairwise((0, *tags))
    return all(not (b and b % 2 == 0) or a in (b - 1, b) for a, b in steps)


@pytest.fixture
def crf() -> Crf:
    torch.manual_seed(4)
    made = Crf(types=2).double()
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter)
    return made


@pytest.fixture
def emissions() -> Tensor:
    torch.manual_seed(5)
    return (3 * torch.randn(int(COUNTS.sum()), TAGS, dtype=torch.double)).requires_grad_()


def scores_of(crf: Crf, emissions: Tensor) -> dict[tuple[int, ...], Tensor]:
    """The score of every legal order of tags of one sentence."""
    steps = crf.transitions.view(TAGS, TAGS)
    found: dict[tuple[int, ...], Tensor] = {}
    for tags in product(range(TAGS), repeat=len(emissions)):
        if is_legal(tags):
            own = torch.stack([emissions[place, tag] for place, tag in enumerate(tags)]).sum()
            moves = [steps[a, b] for a, b in pairwise(tags)]
            found[tags] = crf.begin[tags[0]] + own + sum(moves) + crf.end[tags[-1]]
    return found


def sentences(emissions: Tensor) -> Iterator[tuple[int, Tensor]]:
    """Each sentence that is not empty: its first unit and its emissions."""
    for begin, count in zip(np.cumsum(COUNTS) - COUNTS, COUNTS, strict=True):
        if count:
            yield int(begin), emissions[begin : begin + count]


def test_the_likeliest_tags_and_their_likelihood_are_those_of_counting(
    crf: Crf, emissions: Tensor
) -> None:
    packed = packing(COUNTS)
    rows = torch.from_numpy(packed.rows)
    tags = crf.best(emissions.detach()[rows], packed)
    flat = np.empty_like(tags)
    flat[packed.rows] = tags
    said = crf.log_likelihood(emissions[rows], torch.from_numpy(tags), packed)
    counted: dict[int, Tensor] = {}
    for begin, own in sentences(emissions):
        scores = scores_of(crf, own)
        best = max(scores, key=lambda one: scores[one].item())
        assert tuple(flat[begin : begin + len(own)]) == best
        counted[begin] = scores[best] - torch.stack(list(scores.values())).logsumexp(0)
    begins = (np.cumsum(COUNTS) - COUNTS)[packed.order]
    expected = torch.stack([counted[int(begin)] for begin in begins])
    torch.testing.assert_close(said, expected)
    weights = torch.arange(1.0, len(expected) + 1, dtype=torch.double)
    for ours, theirs in zip(
        torch.autograd.grad((said * weights).sum(), [emissions, *crf.parameters()]),
        torch.autograd.grad((expected * weights).sum(), [emissions, *crf.parameters()]),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs)


def test_the_chances_of_a_units_tags_are_one_together(crf: Crf, emissions: Tensor) -> None:
    packed = packing(COUNTS)
    chart = crf.chart(emissions.detach()[torch.from_numpy(packed.rows)], packed)
    shift = chart.log_z[torch.from_numpy(packed.member)].unsqueeze(1)
    marginals = (chart.alpha + chart.beta - shift).exp()
    torch.testing.assert_close(marginals.sum(1), torch.ones(len(marginals), dtype=torch.double))
    begins = marginals[: packed.sizes[0]]
    assert bool((begins[:, [2, 4]] == 0).all())


def test_wild_emissions_leave_everything_finite_and_legal(crf: Crf) -> None:
    emissions = torch.full((6, TAGS), -400.0)
    emissions[:, 2] = 400.0  # I of the first type everywhere, even where nothing is open
    emissions[0] = torch.tensor([400.0, -400.0, 400.0, -400.0, -400.0])
    emissions.requires_grad_()
    packed = packing(np.asarray([6]))
    tags = crf.float().best(emissions.detach(), packed)
    assert is_legal(tuple(tags.tolist()))
    likelihood = crf.log_likelihood(emissions, torch.from_numpy(tags), packed)
    likelihood.sum().backward()  # type: ignore[no-untyped-call]
    assert bool(torch.isfinite(likelihood).all())
    assert emissions.grad is not None
    assert bool(torch.isfinite(emissions.grad).all())


@given(st.lists(st.integers(0, 6), min_size=1, max_size=8))
def test_packing_reads_every_unit_once_and_sentences_in_order(counts: list[int]) -> None:
    packed = packing(np.asarray(counts))
    assert sorted(packed.rows.tolist()) == list(range(sum(counts)))
    assert list(packed.sizes) == sorted(packed.sizes, reverse=True)
    begins = np.cumsum(counts) - counts
    for place, sentence in enumerate(packed.order.tolist()):
        units = packed.rows[packed.member == place]
        assert units.tolist() == list(range(begins[sentence], begins[sentence] + counts[sentence]))
    lasts = [begins[s] + counts[s] - 1 for s in packed.order] if sum(counts) else []
    if lasts:
        assert packed.rows[packed.lasts].tolist() == lasts
