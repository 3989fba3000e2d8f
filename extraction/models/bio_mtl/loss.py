"""The objective of both tasks: equations 3, 5-8; sums over instances are means here."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from extraction.models.bio_mtl.settings import Settings


def identification_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Equation 3: whether a pair (P, 2) has a relation; `target` (P,) is -1 where it has none."""
    return functional.cross_entropy(logits, (target >= 0).long())


def ranking_loss(scores: Tensor, target: Tensor, s: Settings) -> Tensor:
    """Equations 5-7 (dos Santos et al. 2015) over scores (P, K) of the real classes.

    Of the wrong classes only the one with the highest score is pushed down; an instance of
    "Other" (target -1) has no L+, and with a single class a positive one has no L-.
    """
    right = functional.one_hot(target.clamp(min=0), scores.shape[1]).bool()
    right = right & (target >= 0).unsqueeze(1)  # (P, K)
    wrong = scores.masked_fill(right, float("-inf")).amax(1)  # (P,)
    down = functional.softplus(s.gamma * (s.wrong + wrong))
    rows = (target >= 0).nonzero().squeeze(1)
    up = functional.softplus(s.gamma * (s.right - scores[rows, target[rows]]))
    return (up.sum() + down.sum()) / len(scores)


def class_loss(scores: Tensor, other: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy over "Other" and the real classes (table 4)."""
    return functional.cross_entropy(torch.cat((other, scores), dim=1), target + 1)
