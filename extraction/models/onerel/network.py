"""OneRel's scorer over pairs of places: v(i, k, j) = R^T relu(drop(P [h_i; h_j] + b)) (eq. 4).

P [h_i; h_j] = P_1 h_i + P_2 h_j is never made for a whole table (`common/table.py`). Tag 0 is
"-", 1 HB-TB, 2 HB-TE, 3 HE-TE. One slice more, ours, says which pairs of places are the begin
and the end of an entity, with a tag for each entity type.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from extraction.models.common.spans import to_index
from extraction.models.common.table import Factors
from extraction.models.onerel.settings import Settings

Ints = np.ndarray[Any, np.dtype[np.int64]]

TAGS = 4
HB_TB, HB_TE, HE_TE = 1, 2, 3


class OneRelNetwork(nn.Module):
    """P, R and the entity slice; scores out, never probabilities."""

    def __init__(self, width: int, entity_types: int, relation_types: int, s: Settings) -> None:
        super().__init__()
        d, D, K = width, round((s.pair_size or 3.0) * width), relation_types
        self.hidden = d
        self.relation_types = K
        self.pair = nn.Linear(2 * d, D)  # P, b
        self.context = nn.Linear(d, D, bias=False) if s.context == "sentence" else None
        self.relation = nn.Linear(D, TAGS * K) if K else None  # R, r
        self.entity = nn.Linear(D, entity_types + 1)
        self.dropout = nn.Dropout(s.dropout)
        self.factor_dropout = nn.Dropout(s.pair_dropout_rate if s.pair_dropout == "factor" else 0.0)
        self.cell_rate = s.pair_dropout_rate if s.pair_dropout != "factor" else 0.0

    def factors(self, h: Tensor, borders: Ints) -> Factors:
        """P_1 h + b and P_2 h of each place (N, d); `borders` say where sentences begin."""
        h = self.dropout(h)
        first, second = self.pair.weight[:, : self.hidden], self.pair.weight[:, self.hidden :]
        rows = h @ first.T + self.pair.bias  # (N, D)
        if self.context is not None:
            sizes = np.diff(borders)
            counts = to_index(sizes[sizes > 0], h)  # a sentence may have no place at all
            top = torch.segment_reduce(h, "max", lengths=counts, unsafe=True)  # (B, d)
            seen = self.context(top)  # (B, D)
            rows = rows + seen.repeat_interleave(counts, dim=0, output_size=len(h))
        return Factors(self.factor_dropout(rows), self.factor_dropout(h @ second.T))

    def relation_scorer(self) -> tuple[Tensor, Tensor]:
        """Weights (3 K, D) and biases (3 K,) of tags 1, 2, 3, each less "-", tag by tag."""
        if self.relation is None:
            return self.entity.weight[:0], self.entity.bias[:0]
        weight = self.relation.weight.view(self.relation_types, TAGS, -1)  # (K, 4, D)
        bias = self.relation.bias.view(self.relation_types, TAGS)  # (K, 4)
        relative = (weight[:, 1:] - weight[:, :1]).transpose(0, 1)  # (3, K, D)
        return relative.flatten(0, 1), (bias[:, 1:] - bias[:, :1]).T.flatten()

    def entity_scorer(self) -> tuple[Tensor, Tensor]:
        """Weights (C, D) and biases (C,) of the entity types, each less "no entity"."""
        weight, bias = self.entity.weight, self.entity.bias
        return weight[1:] - weight[:1], bias[1:] - bias[:1]
