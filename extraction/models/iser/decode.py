"""Which spans are worth a reading of their own: in training and when predicting."""

from __future__ import annotations

from typing import Any

import numpy as np

from extraction.models.common.spans import Spans
from extraction.models.iser.layout import strongest
from extraction.models.iser.settings import Settings

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float32]]

LIKELY = 0.5


def worth_reading(chances: Floats, spans: Spans, s: Settings) -> Ints:
    """The spans that the prefilter lets through, from their chances (S,) of being an entity.

    Of each sentence the likeliest, a share of its units and a few at least, none below the
    floor; and all that are likelier to be an entity than not.
    """
    open_ = np.flatnonzero(chances >= s.prefilter_floor)
    units = np.diff(spans.borders)
    most = np.maximum(s.prefilter_least, np.ceil(s.prefilter_share * units)).astype(np.int64)
    is_strong = strongest(chances[open_], spans.sentence[open_], most)
    return open_[is_strong | (chances[open_] > LIKELY)]


def hard_negatives(chances: Floats, types: Ints, spans: Spans, most: int) -> Ints:
    """Gold spans, and of each sentence the `most` likeliest of those that are no entity."""
    negative = np.flatnonzero(types == 0)
    quota = np.full(len(spans.borders) - 1, most)
    is_hard = strongest(chances[negative], spans.sentence[negative], quota)
    return np.sort(np.concatenate((np.flatnonzero(types > 0), negative[is_hard])))
