"""Small parts that several heads over spans are put together from."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from extraction.models.common.pairs import between
from extraction.models.common.settings import WIDTHS
from extraction.models.common.spans import Spans, to_index

Ints = np.ndarray[Any, np.dtype[np.int64]]
NEW_WEIGHTS = 0.02  # standard deviation of new weights (SpERT, section 4.1)


def start_small(layer: nn.Module) -> None:
    """Draw a new layer from N(0, 0.02), its bias zero; for `Module.apply`."""
    if isinstance(layer, nn.Linear | nn.Embedding):
        nn.init.normal_(layer.weight, std=NEW_WEIGHTS)
    if isinstance(layer, nn.Linear) and layer.bias is not None:
        nn.init.zeros_(layer.bias)


def width_rows(spans: Spans, like: Tensor) -> Tensor:
    """The row (S,) of a width table for each span; the widest serves everything beyond it."""
    return to_index(np.minimum(spans.widths, WIDTHS - 1), like)


def unit_sentences(borders: Ints) -> Ints:
    """The sentence (U,) that each unit of a batch lies in."""
    return np.repeat(np.arange(len(borders) - 1), np.diff(borders))


def context_ranges(
    spans: Spans, heads: Ints, tails: Ints, *, sees_sentence: bool
) -> tuple[Ints, Ints]:
    """The units strictly between the two spans of each pair, or those of their sentence."""
    if sees_sentence:
        sentence = spans.sentence[heads]
        return spans.borders[sentence], spans.borders[sentence + 1]
    return between(
        (spans.starts[heads], spans.stops[heads]), (spans.starts[tails], spans.stops[tails])
    )


def flags(truth: np.ndarray[Any, np.dtype[np.bool_]], like: Tensor) -> Tensor:
    """Move booleans to where a tensor lies."""
    return torch.from_numpy(np.ascontiguousarray(truth)).to(like.device, non_blocking=True)
