"""Batches of like length under a token budget."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from extraction.data.batches import length_batches

lengths_of = st.lists(st.integers(1, 200), max_size=60)


@given(lengths_of, st.integers(1, 500), st.none() | st.integers(0, 5))
def test_every_sentence_is_in_one_batch_and_no_batch_exceeds_the_budget(
    lengths: list[int], budget: int, seed: int | None
) -> None:
    rng = None if seed is None else np.random.default_rng(seed)
    batches = length_batches(lengths, budget, rng)
    assert sorted(position for batch in batches for position in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[position] for position in batch)
        assert len(batch) == 1 or longest * len(batch) <= budget


def test_without_chance_batches_go_from_short_to_long() -> None:
    assert length_batches([5, 1, 9, 2], 6) == [[1, 3], [0], [2]]


def test_chance_is_repeatable_and_changes_with_the_seed() -> None:
    lengths = list(range(1, 50))
    one = length_batches(lengths, 100, np.random.default_rng(1))
    assert one == length_batches(lengths, 100, np.random.default_rng(1))
    assert one != length_batches(lengths, 100, np.random.default_rng(2))


def test_a_batch_can_be_bounded_by_sentences_too() -> None:
    assert length_batches([1, 1, 1, 1, 1], 100, most=2) == [[0, 1], [2, 3], [4]]
