"""The trained layer above a frozen encoder: neighbours within the sentence, nothing beyond."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from extraction.models.common.adapter import Adapter, neighbours
from extraction.models.common.encoder import Features

Ints = np.ndarray[Any, np.dtype[np.int64]]

BORDERS = np.asarray([0, 3, 3, 8])  # three sentences, the second without a unit


def adapted(adapter: Adapter, units: torch.Tensor, borders: Ints) -> torch.Tensor:
    seen: Features = adapter(Features(units, torch.zeros(len(borders) - 1, 4)), borders)
    return seen.units


def test_neighbours_stop_at_the_borders_of_the_sentence() -> None:
    rows = neighbours(BORDERS)
    assert rows[0].tolist() == [8, 8, 0, 1, 2]
    assert rows[2].tolist() == [0, 1, 2, 8, 8]
    assert rows[3].tolist() == [8, 8, 3, 4, 5]
    assert rows[5].tolist() == [3, 4, 5, 6, 7]


def test_a_sentence_alone_is_adapted_as_among_others() -> None:
    torch.manual_seed(0)
    adapter = Adapter(4, 6).eval()
    units = torch.randn(8, 4)
    together = adapted(adapter, units, BORDERS)
    assert together.shape == (8, 6)
    alone = adapted(adapter, units[3:], np.asarray([0, 5]))
    assert torch.allclose(together[3:], alone, atol=1e-6)


def test_a_unit_feels_its_neighbour_but_not_the_next_sentence() -> None:
    torch.manual_seed(0)
    adapter = Adapter(4, 6).eval()
    units = torch.randn(8, 4)
    other = units.clone()
    other[3] += 1.0
    change = (adapted(adapter, units, BORDERS) - adapted(adapter, other, BORDERS)).abs().sum(1)
    assert (change > 0).tolist() == [False, False, False, True, True, True, False, False]
