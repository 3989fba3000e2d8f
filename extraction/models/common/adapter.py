"""A small trained layer over the encoder's vectors that lets each unit see its neighbours.

Over a frozen encoder it is all that can learn where an entity begins and ends; the papers,
which fine-tune, have none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from extraction.models.common.encoder import Features
from extraction.models.common.spans import to_index

Ints = np.ndarray[Any, np.dtype[np.int64]]

REACH = 2  # neighbours on either side
DROPOUT = 0.2


class Adapter(nn.Module):
    """a(u) = norm(gelu(A [h(u-2); ...; h(u+2)])) for units, norm(gelu(B h)) for sentences."""

    def __init__(self, width: int, size: int) -> None:
        super().__init__()
        self.units = nn.Linear((2 * REACH + 1) * width, size)
        self.sentences = nn.Linear(width, size)
        self.norm = nn.LayerNorm(size)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, features: Features, borders: Ints) -> Features:
        """The same units and sentences, `size` wide; nothing is seen across sentences."""
        seen = self.dropout(features.units)  # (U, d)
        nothing = seen.new_zeros(1, seen.shape[1])
        rows = to_index(neighbours(borders), seen)  # (U, 2 * reach + 1)
        around = torch.cat((seen, nothing))[rows].flatten(1)
        units: Tensor = self.norm(functional.gelu(self.units(around)))  # (U, size)
        sentences: Tensor = self.norm(
            functional.gelu(self.sentences(self.dropout(features.sentences)))
        )
        return Features(units, sentences)


def neighbours(borders: Ints) -> Ints:
    """For each unit the rows of itself and its neighbours; the last row + 1 where there is none."""
    total = int(borders[-1])
    counts = np.diff(borders)
    first, last = np.repeat(borders[:-1], counts), np.repeat(borders[1:], counts)
    rows = np.arange(total)[:, None] + np.arange(-REACH, REACH + 1)
    is_inside = (rows >= first[:, None]) & (rows < last[:, None])
    return np.where(is_inside, rows, total)
