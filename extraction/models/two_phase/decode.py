"""From the logits of both phases to chances and decisions.

Phase one has two sigmoid units of opposite meaning; each is an estimate of the same log odds,
so their mean (yes - no) / 2 is taken for it, which is positive exactly where the argmax of the
paper says yes. The chance of a type is that of phase one times that of phase two.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from extraction.models.common.decode import PairVerdict, Rules, SpanVerdict, class_verdict
from extraction.models.common.span_parts import flags
from extraction.models.two_phase.network import Judged

Bools = np.ndarray[Any, np.dtype[np.bool_]]


def joint_logits(judged: Judged, bonus: float) -> Tensor:
    """Log chances (N, 1 + C) up to a constant, "none" first; `bonus` is added to the log odds."""
    if judged.whether is None:
        none = judged.which[:, :1] - bonus
        return torch.cat((none, judged.which[:, 1:]), dim=1)
    odds = (judged.whether[:, 1] - judged.whether[:, 0]).unsqueeze(1) / 2 + bonus
    return torch.cat((torch.zeros_like(odds), odds + judged.which.log_softmax(dim=1)), dim=1)


def span_verdict(judged: Judged, bonus: float, rules: Rules) -> SpanVerdict:
    """A span that is more likely one than none is its likeliest legal type.

    In one phase, where the likeliest class is taken, "none" among them.
    """
    verdict = class_verdict(joint_logits(judged, bonus), rules)
    if judged.whether is None:
        return verdict
    return replace(verdict, is_kept=verdict.none < np.float32(0.5))


def pair_verdict(judged: Judged, bonus: float, is_legal: Bools) -> PairVerdict:
    """The same for pairs: at most one type, among those that are legal (P, K)."""
    logits = joint_logits(judged, bonus)
    shut = flags(np.pad(~is_legal, ((0, 0), (1, 0))), logits)
    chances = logits.masked_fill(shut, float("-inf")).softmax(dim=1).cpu().numpy()
    none, scores = chances[:, :1], chances[:, 1:]
    is_best = np.arange(scores.shape[1]) == scores.argmax(axis=1)[:, None]
    is_one = scores > none if judged.whether is None else none < np.float32(0.5)
    return PairVerdict(scores, is_best & is_one & is_legal)
