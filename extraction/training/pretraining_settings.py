"""What can be set about pre-training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Objective = Literal["mlm", "rtd"]

NEW_RATE = 2e-3
ONWARD_RATE = 5e-4


@dataclass(frozen=True, slots=True)
class PretrainingSettings:
    """How to pre-train; one of steps, epochs and minutes says when to end."""

    objective: Objective = "mlm"
    window: int = 128  # pieces, the special ones included
    batch_tokens: int = 2048
    steps: int | None = None
    epochs: float | None = None
    minutes: float | None = None
    learning_rate: float | None = None  # the peak; None: by what there is to begin with
    mask_rate: float = 0.3  # BERT's 0.15 learns less a minute
    warmup: float = 0.1
    weight_decay: float = 0.01
    clip: float = 1.0
    bfloat16: bool = False
