"""Putting tokenised sentences together for one pass through the encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from extraction.data.tokens import Tokens

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """B sentences in R windows of at most N pieces, and their U units laid end to end."""

    ids: Tensor  # (R, N)
    mask: Tensor | None  # (R, N), None when no window is padded
    window_sentence: Ints  # (R,) the sentence each window is cut from
    starts: Ints  # (U,) first piece of each unit, in the flat (R * N)
    stops: Ints  # (U,) one past its last piece
    unit_sentence: Ints  # (U,)
    first_unit: Ints  # (B,) where each sentence's units begin


def token_batch(sentences: Sequence[Tokens], pad: int, device: torch.device) -> TokenBatch:
    """Pad the windows of these sentences to one rectangle."""
    windows = [window for one in sentences for window in one.windows]
    window_counts = np.asarray([len(one.windows) for one in sentences], dtype=np.int64)
    longest = max(len(window) for window in windows)
    ids = np.full((len(windows), longest), pad, dtype=np.int64)
    for row, window in enumerate(windows):
        ids[row, : len(window)] = window
    lengths = np.asarray([len(window) for window in windows])
    is_padded = bool((lengths < longest).any())
    mask = torch.from_numpy(np.arange(longest) < lengths[:, None]) if is_padded else None
    unit_counts = np.asarray([len(one.units) for one in sentences], dtype=np.int64)
    first_window = np.repeat(np.cumsum(window_counts) - window_counts, unit_counts)
    row_of = first_window + np.concatenate([one.window_of for one in sentences])
    shift = row_of * longest
    return TokenBatch(
        ids=torch.from_numpy(ids).to(device, non_blocking=True),
        mask=None if mask is None else mask.to(device, non_blocking=True),
        window_sentence=np.repeat(np.arange(len(sentences)), window_counts),
        starts=shift + np.concatenate([one.starts for one in sentences]),
        stops=shift + np.concatenate([one.stops for one in sentences]),
        unit_sentence=np.repeat(np.arange(len(sentences)), unit_counts),
        first_unit=np.cumsum(unit_counts) - unit_counts,
    )
