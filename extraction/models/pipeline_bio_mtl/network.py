"""The tagger: dropout, a bidirectional LSTM, a linear layer, a CRF."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from extraction.models.common.crf import Crf, Packing
from extraction.models.common.spans import to_index
from extraction.models.pipeline_bio_mtl.settings import Settings

Ints = np.ndarray[Any, np.dtype[np.int64]]


class Tagger(nn.Module):
    """Emissions of BIO tags for packed units; the CRF stands beside them."""

    def __init__(self, width: int, entity_types: int, s: Settings) -> None:
        super().__init__()
        self.dropout = nn.Dropout(s.tagger_dropout)
        self.lstm = nn.LSTM(width, s.lstm_size, bidirectional=True)
        self.emission = nn.Linear(2 * s.lstm_size, 2 * entity_types + 1)
        self.crf = Crf(entity_types)

    def forward(self, units: Tensor, packed: Packing) -> Tensor:
        """Emissions (U, T) in packed order; there is at least one unit."""
        x = self.dropout(units)[to_index(packed.rows, units)]  # (U, d)
        read, _ = self.lstm(PackedSequence(x, torch.tensor(packed.sizes)))
        emissions: Tensor = self.emission(self.dropout(read.data))  # (U, T)
        return emissions
