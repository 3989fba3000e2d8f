"""ISER's objective: L = L_e + L_r (equation 15), and a third term for the first sorting."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def entity_loss(logits: Tensor, types: Tensor) -> Tensor:
    """Cross-entropy, the mean over the judged spans of the batch (equation 16); 0 without any."""
    return functional.cross_entropy(logits, types, reduction="sum") / max(1, len(types))


def relation_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Binary cross-entropy, the mean over classes, then over pairs (equation 17)."""
    return functional.binary_cross_entropy_with_logits(logits, targets)
