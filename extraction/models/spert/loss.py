"""SpERT's objective: L = L_entity + L_relation, unweighted (section 3.4)."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def entity_loss(logits: Tensor, types: Tensor) -> Tensor:
    """Cross-entropy, the mean over all drawn spans of the batch; class 0 is "none"."""
    return functional.cross_entropy(logits, types)


def relation_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Binary cross-entropy, the mean over classes, then over the drawn pairs of the batch."""
    return functional.binary_cross_entropy_with_logits(logits, targets)
