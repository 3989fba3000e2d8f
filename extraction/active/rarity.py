"""Relation types that have few labels yet weigh more."""

from __future__ import annotations

from collections.abc import Mapping

MOST = 4.0


def rarity_weights(counts: Mapping[str, int]) -> dict[str, float]:
    """Weigh each relation type by 1/√(its share among the labels), 1 for an even share.

    Every type is given one label more than it has, so that a type without any has a weight; the
    weight is `√(1/(types · share))`, at most `MOST` and at least its inverse.
    """
    whole = sum(counts.values()) + len(counts)
    weights = {}
    for name, count in counts.items():
        weight = (whole / (len(counts) * (count + 1))) ** 0.5
        weights[name] = min(MOST, max(1.0 / MOST, weight))
    return weights
