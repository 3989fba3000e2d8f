"""The two-phase objective: four means, unweighted (Eq. 11, 15, 16)."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def whether_loss(logits: Tensor, is_one: Tensor) -> Tensor:
    """Binary cross-entropy of both units (N, 2) with the one-hot (no, yes) (Eq. 11).

    As printed: the sum over the two units, the mean over the instances.
    """
    wanted = functional.one_hot(is_one.long(), 2).to(logits.dtype)
    return 2 * functional.binary_cross_entropy_with_logits(logits, wanted)


def which_loss(logits: Tensor, types: Tensor) -> Tensor:
    """Cross-entropy of the types, the mean over the instances, 0 if there are none (Eq. 15)."""
    if not len(types):
        return logits.sum()
    return functional.cross_entropy(logits, types)
