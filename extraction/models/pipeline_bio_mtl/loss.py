"""The tagger's objective; the classifier's stands with the classifier."""

from __future__ import annotations

from torch import Tensor


def tagging_loss(log_likelihood: Tensor, units: int) -> Tensor:
    """Negative log-likelihood of the gold tags, the mean over all units of the batch."""
    return -log_likelihood.sum() / units
