"""Pairs of two sides, compared with all ways to pair them."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from extraction.evaluation.pairing import Pair, best_pairs

sides = st.tuples(st.integers(0, 4), st.integers(0, 4))
costs_of = st.dictionaries(sides, st.integers(0, 9), max_size=9)


def one_by_one(costs: dict[Pair, int]) -> tuple[int, int]:
    """Most pairs, and their least cost (negated pairs first, so that the least is the best)."""
    best = 0, 0
    for size in range(1, 6):
        for some in combinations(costs, size):
            lefts, rights = zip(*some, strict=True)
            if len(set(lefts)) == len(set(rights)) == size:
                best = min(best, (-size, sum(costs[pair] for pair in some)))
    return best


@given(costs=costs_of)
def test_no_choice_has_more_pairs_or_as_many_that_cost_less(costs: dict[Pair, int]) -> None:
    found = best_pairs(costs)
    assert set(found) <= set(costs)
    assert len({left for left, _ in found}) == len({right for _, right in found}) == len(found)
    assert (-len(found), sum(costs[pair] for pair in found)) == one_by_one(costs)


@given(costs=costs_of)
def test_costs_count_only_against_each_other(costs: dict[Pair, int]) -> None:
    dearer = {pair: cost + 7 for pair, cost in costs.items()}
    assert best_pairs(dearer) == best_pairs(costs)


def test_nothing_has_no_pairs() -> None:
    assert best_pairs({}) == []
