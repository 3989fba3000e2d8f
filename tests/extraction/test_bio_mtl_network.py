"""The shared convolution of bio_mtl against one convolution a pair, values and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from bench.plain.bio_mtl import distances, represent
from extraction.models.bio_mtl.convolution import pair_maxima
from extraction.models.bio_mtl.network import BioMtlNetwork, Instances, Readings
from extraction.models.bio_mtl.settings import Settings

SMALL = {"filters": 4, "position_size": 3, "tag_size": 2, "hidden": 5}
WIDTH, TYPES = 6, 2


def network_of(**chosen: Any) -> BioMtlNetwork:
    torch.manual_seed(1)
    return BioMtlNetwork(WIDTH, TYPES, 3, Settings(**{**SMALL, **chosen})).double()


def laid_out(counts: list[int], entities: int, seed: int = 0) -> tuple[Tensor, Instances]:
    """Sentences of so many units, random entities in them, and all ordered pairs."""
    rng = np.random.default_rng(seed)
    sizes = np.asarray(counts)
    sentence = np.sort(rng.integers(0, len(counts), entities))
    starts = rng.integers(0, sizes[sentence])
    stops = starts + 1 + rng.integers(0, sizes[sentence] - starts)
    pairs = [
        (a, b)
        for a in range(entities)
        for b in range(entities)
        if a != b and sentence[a] == sentence[b]
    ]
    heads, tails = np.asarray(pairs, dtype=np.int64).reshape(-1, 2).T.copy()
    readings = Readings(
        np.cumsum(sizes) - sizes, sizes, rng.integers(0, 2 * TYPES + 1, sizes.sum())
    )
    units = torch.from_numpy(rng.normal(size=(int(sizes.sum()), WIDTH))).requires_grad_()
    return units, Instances(readings, starts, stops, heads, tails, sentence[heads])


def assert_equal(network: BioMtlNetwork, units: Tensor, instances: Instances) -> None:
    """Both forms give the same r, and send the same gradients to every weight and unit."""
    fast, plain = (one(units, instances) for one in (network.represent, _plain(network)))
    torch.testing.assert_close(fast, plain)
    with torch.no_grad():
        torch.testing.assert_close(network.represent(units, instances), plain.detach())
    weights = torch.randn(plain.shape, generator=torch.Generator().manual_seed(2)).double()
    reached = [units, *(p for n, p in network.named_parameters() if n.split(".")[0] in PARTS)]
    for ours, theirs in zip(
        torch.autograd.grad((fast * weights).sum(), reached, allow_unused=True),
        torch.autograd.grad((plain * weights).sum(), reached, allow_unused=True),
        strict=True,
    ):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            torch.testing.assert_close(ours, theirs)


PARTS = ("head_position", "tail_position", "tag", "windows")


def _plain(network: BioMtlNetwork) -> Any:
    return lambda units, instances: represent(network, units, instances)


@pytest.mark.parametrize(
    "counts",
    [
        pytest.param([1, 2, 3], id="shorter than any window"),
        pytest.param([9, 10, 11], id="about as long as the widest window"),
        pytest.param([30, 1, 40], id="long and short together"),
    ],
)
@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"tags": False},
        {"nonlinearity": "relu"},
        {"pooling": "pieces"},
        {"narrowest_window": 3, "widest_window": 3},
        {"narrowest_window": 1, "widest_window": 2},
        {"filters": 9, "filters_are": "total"},
        {"position_clip": 3},
    ],
    ids=str,
)
def test_one_convolution_a_sentence_equals_one_a_pair(
    counts: list[int], chosen: dict[str, Any]
) -> None:
    assert_equal(network_of(**chosen), *laid_out(counts, entities=12))


@settings(max_examples=25, deadline=None)
@given(
    counts=st.lists(st.integers(1, 14), min_size=1, max_size=4),
    entities=st.integers(2, 7),
    seed=st.integers(0, 1000),
    clip=st.integers(1, 12),
)
def test_it_does_so_for_any_layout(counts: list[int], entities: int, seed: int, clip: int) -> None:
    units, instances = laid_out(counts, entities, seed)
    if len(instances):
        assert_equal(network_of(position_clip=clip), units, instances)


def test_more_pairs_than_one_block_holds_are_pooled_alike() -> None:
    assert_equal(network_of(), *laid_out([200, 90], entities=9))


def test_a_sentence_may_be_read_with_several_tags() -> None:
    units, whole = laid_out([8], entities=4)
    tags = np.concatenate((whole.readings.tags, whole.readings.tags[::-1]))
    readings = Readings(np.asarray([0, 0]), np.asarray([8, 8]), tags)
    reading = np.arange(len(whole)) % 2
    twice = Instances(readings, whole.starts, whole.stops, whole.heads, whole.tails, reading)
    network = network_of()
    assert_equal(network, units, twice)
    mirrored = network.represent(units, twice) - network.represent(units, whole)
    assert bool((mirrored[reading == 0] == 0).all())
    assert bool((mirrored[reading == 1] != 0).any())


def test_a_distance_is_zero_inside_and_counts_from_the_first_unit() -> None:
    assert distances(8, 2, 5, clip=100).tolist() == [-2, -1, 0, 0, 0, 3, 4, 5]
    assert distances(8, 2, 5, clip=3).tolist() == [-2, -1, 0, 0, 0, 3, 3, 3]


def test_the_maximum_over_pairs_has_the_right_gradient() -> None:
    torch.manual_seed(3)
    own, other = torch.randn(9, 3).double(), torch.randn(7, 3).double()
    begins = np.asarray([0, 4, 2, 8]), np.asarray([1, 0, 0, 6])
    counts = np.asarray([4, 5, 0, 1])
    assert torch.autograd.gradcheck(
        lambda a, b: pair_maxima(a, b, begins, counts),
        (own.requires_grad_(), other.requires_grad_()),
    )
    assert pair_maxima(own, other, begins, counts)[2].tolist() == [0.0, 0.0, 0.0]


def test_filters_are_counted_for_each_window_or_in_total() -> None:
    assert Settings().kernels == tuple((k, 64) for k in range(4, 11))
    shared = Settings(filters_are="total").kernels
    assert [count for _, count in shared] == [10, 9, 9, 9, 9, 9, 9]
    assert Settings(filters=2, filters_are="total").kernels == ((4, 1), (5, 1))
    assert Settings(narrowest_window=5, widest_window=2).kernels == ((5, 64),)
