"""Interactive fusion (section 3.3): entity and relation vectors read one another, then a BiLSTM."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from extraction.models.common.spans import to_index
from extraction.models.iser.layout import Rectangle, rectangle, taken
from extraction.models.iser.settings import Settings

Ints = np.ndarray[Any, np.dtype[np.int64]]

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "none": lambda x: x,
    "relu": functional.relu,
    "gelu": functional.gelu,
}
NEVER = -1e9  # the score of a place that holds no unit


class Fusion(nn.Module):
    """X_e, X_r by a feed-forward layer each; crossed; H = BiLSTM([X'_e; X'_r]) (equations 1-5)."""

    def __init__(self, width: int, s: Settings) -> None:
        super().__init__()
        kind = nn.LSTM if s.fusion == "lstm" else nn.GRU
        self.entity = nn.Linear(width, width)
        self.relation = nn.Linear(width, width)
        self.forwards = kind(2 * width, width // 2, batch_first=True)
        self.backwards = kind(2 * width, width // 2, batch_first=True)
        self.activation = ACTIVATIONS[s.ffn_activation]
        self.is_residual = s.fusion_residual == "on"

    def forward(self, units: Tensor, borders: Ints) -> Tensor:
        """Fuse the flat units (U, d) of all sentences to (U, 2 floor(d / 2))."""
        if not len(units):
            return units.new_zeros(0, 2 * self.forwards.hidden_size)
        layout = rectangle(borders)
        crossed = self._cross(units, layout)  # (U, 2d)
        fused = self._read(crossed, layout)
        return fused + units[:, : fused.shape[1]] if self.is_residual else fused

    def _cross(self, units: Tensor, layout: Rectangle) -> Tensor:
        """X'_e = softmax(X_e X_r^T / sqrt d) X_r, X'_r the other way round (equations 3, 4)."""
        x_e, x_r = self.activation(self.entity(units)), self.activation(self.relation(units))
        both = _padded(torch.cat((x_e, x_r), dim=1), layout.units)  # (B, M, 2d)
        e, r = both.chunk(2, dim=2)  # (B, M, d)
        scores = e @ r.transpose(1, 2) / math.sqrt(e.shape[2])  # (B, M, M)
        is_open = to_index(layout.is_filled, units).unsqueeze(1)  # (B, 1, M)
        to_r = scores.masked_fill(~is_open, NEVER).softmax(2)
        to_e = scores.transpose(1, 2).masked_fill(~is_open, NEVER).softmax(2)
        crossed = torch.cat((to_r @ r, to_e @ e), dim=2)  # (B, M, 2d)
        return _flat(crossed, layout.places_of(layout.units))

    def _read(self, crossed: Tensor, layout: Rectangle) -> Tensor:
        """Both directions begin at a unit of the sentence, so padding is never read before it."""
        turned = layout.turned()
        ahead, _ = self.forwards(_padded(crossed, layout.units))  # (B, M, d / 2)
        back, _ = self.backwards(_padded(crossed, turned))
        parts = (
            _flat(ahead, layout.places_of(layout.units)),
            _flat(back, layout.places_of(turned)),
        )
        return torch.cat(parts, dim=1)


def _padded(flat: Tensor, units: Ints) -> Tensor:
    """Lay flat rows (U, d) into a rectangle (B, M, d); beyond a sentence stands zero."""
    nothing = flat.new_zeros(1, flat.shape[1])
    return taken(torch.cat((flat, nothing)), units)


def _flat(padded: Tensor, places: Ints) -> Tensor:
    return taken(padded.flatten(0, 1), places)
