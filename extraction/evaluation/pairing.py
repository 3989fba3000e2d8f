"""The best pairs of two sides: as many as can be, and among those the cheapest.

Each step lets one more pair in along the cheapest alternating path (successive shortest paths):
pairs made before may change partners, none of them is left alone. What results after any number
of steps is the cheapest set of that many pairs, and no path left means no more pairs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

Pair = tuple[int, int]  # a place on the left side, a place on the right side


def best_pairs(costs: Mapping[Pair, int]) -> list[Pair]:
    """Return pairs, each place in one at most; `costs` holds the pairs that are possible at all.

    The same costs in the same order give the same pairs.
    """
    choices: dict[int, list[int]] = {}
    for left, right in costs:
        choices.setdefault(left, []).append(right)
    right_of: dict[int, int] = {}
    left_of: dict[int, int] = {}
    while (found := _cheapest_path(costs, choices, right_of, left_of)) is not None:
        end, came_from = found
        free: int | None = end
        while free is not None:
            left = came_from[free]
            left_of[free] = left
            before = right_of.get(left)
            right_of[left] = free
            free = before
    return sorted(right_of.items())


def _cheapest_path(
    costs: Mapping[Pair, int],
    choices: Mapping[int, list[int]],
    right_of: Mapping[int, int],
    left_of: Mapping[int, int],
) -> tuple[int, dict[int, int]] | None:
    """Where the cheapest path from a free left place to a free right one ends, and its steps."""
    spent = dict.fromkeys((left for left in choices if left not in right_of), 0)
    reached: dict[int, int] = {}
    came_from: dict[int, int] = {}
    waiting = deque(spent)
    while waiting:
        left = waiting.popleft()
        for right in choices[left]:
            cost = spent[left] + costs[left, right]
            if right in reached and reached[right] <= cost:
                continue
            reached[right], came_from[right] = cost, left
            if right in left_of:
                owner = left_of[right]
                spent[owner] = cost - costs[owner, right]
                waiting.append(owner)
    ends = [(cost, right) for right, cost in reached.items() if right not in left_of]
    return (min(ends)[1], came_from) if ends else None
