"""SpERT.MT's objective: L = L1 + L2, each alpha * identification + beta * ranking (Eq. 4-17)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from extraction.models.common.spans import Spans
from extraction.models.spert_mt.settings import Settings

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
Floats = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Weights:
    """How the terms of a stage are scaled and added."""

    alpha: float = 1.0
    beta: float = 1.0
    gamma: float = 2.0
    positive_margin: float = 2.5
    negative_margin: float = 0.5
    is_summed: bool = False

    @classmethod
    def of(cls, s: Settings) -> Weights:
        """Those of the settings."""
        return cls(
            s.alpha,
            s.beta,
            s.scale,
            s.positive_margin,
            s.negative_margin,
            s.reduction == "sum",
        )


def overlap_with_gold(spans: Spans, is_gold: Bools) -> Floats:
    """ENIoU(s) for each span: its largest IoU with a gold span of its sentence (Eq. 11, 12).

    0 in a sentence without any. Spans are grouped by sentence and half-open, so that
    IoU = (min(j1, j2) - max(i1, i2)) / (max(j1, j2) - min(i1, i2)), from 0 on.
    """
    gold = spans.at(np.flatnonzero(is_gold))
    sentences = len(spans.borders) - 1
    counts = np.bincount(gold.sentence, minlength=sentences)
    partners = counts[spans.sentence]  # gold spans of each span's sentence
    begins = np.cumsum(partners) - partners
    row = np.repeat(np.arange(len(spans)), partners)
    turn = np.arange(len(row)) - begins[row]
    other = (np.cumsum(counts) - counts)[spans.sentence[row]] + turn
    common = np.minimum(spans.stops[row], gold.stops[other])
    common -= np.maximum(spans.starts[row], gold.starts[other])
    joint = np.maximum(spans.stops[row], gold.stops[other])
    joint -= np.minimum(spans.starts[row], gold.starts[other])
    found = np.zeros(len(spans), dtype=np.float32)
    has_gold = partners > 0
    if len(row):
        shares = np.maximum(common, 0) / joint
        found[has_gold] = np.maximum.reduceat(shares, begins[has_gold])
    return found


def identification_weights(is_gold: Bools, overlap: Floats, delta: float) -> Floats:
    """Weight of each sample: 1 - delta if gold, delta (1 + ENIoU) if not (Eq. 13)."""
    weights: Floats = np.where(is_gold, 1.0 - delta, delta * (1.0 + overlap)).astype(np.float32)
    return weights


def identification_losses(logits: Tensor, is_gold: Tensor) -> Tensor:
    """H = -q log p - (1 - q) log(1 - p) of each sample (Eq. 4), p = sigmoid(logit)."""
    return functional.binary_cross_entropy_with_logits(
        logits, is_gold.to(logits.dtype), reduction="none"
    )


def ranking_losses(scores: Tensor, is_right: Tensor, weights: Weights) -> Tensor:
    """L+ of the right classes plus L- of the strongest wrong one, for each sample (Eq. 7-9).

    scores (N, C), is_right (N, C). A negative has no right class, so only L-; with a single
    class a positive has no wrong one, so only L+.
    """
    gamma = weights.gamma
    right = functional.softplus(gamma * (weights.positive_margin - scores))
    wrong = scores.masked_fill(is_right, float("-inf")).amax(dim=1)
    held = functional.softplus(gamma * (weights.negative_margin + wrong))
    return torch.where(is_right, right, 0.0).sum(dim=1) + held


def stage_loss(
    identified: Tensor, ranked: Tensor, weights: Weights, sample_weights: Tensor | None = None
) -> Tensor:
    """Alpha * Loss1 + beta * Loss2 (Eq. 10), the mean or the sum over the samples (Eq. 5, 9)."""
    if sample_weights is not None:
        identified = identified * sample_weights
    total = weights.alpha * identified + weights.beta * ranked
    return total.sum() if weights.is_summed else total.mean()


def one_step_entity_loss(logits: Tensor, types: Tensor) -> Tensor:
    """SpERT's: cross-entropy over the classes and "none", the mean over all spans."""
    return functional.cross_entropy(logits, types)


def one_step_relation_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """SpERT's: binary cross-entropy, the mean over classes, then over the pairs."""
    return functional.binary_cross_entropy_with_logits(logits, targets)
