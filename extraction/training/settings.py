"""What can be set about training, and the defaults for each speed and kind of encoder."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

Speed = Literal["quick", "full"]
KEEP_SECONDS = 20.0  # between two states that a killed training goes on from
Start = Literal["scratch", "pretrained", "warm"]  # what the encoder knows before the first step


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How to train; None is replaced by `resolved` before the first step."""

    epochs: int | None = field(
        default=None,
        metadata={
            "description": "Passes over the training sentences; empty: chosen by speed and encoder",
            "minimum": 1,
            "maximum": 1000,
        },
    )
    learning_rate: float | None = field(
        default=None,
        metadata={
            "description": "Peak of the learning rate; empty: chosen by speed and encoder",
            "minimum": 1e-8,
            "maximum": 1.0,
        },
    )
    batch_tokens: int | None = field(
        default=None,
        metadata={
            "description": "Tokens in a batch, padding included; empty: chosen by speed and"
            " encoder",
            "minimum": 16,
            "maximum": 65536,
        },
    )
    batch_sentences: int | None = field(
        default=None,
        metadata={
            "description": "Most sentences in a batch, such as the papers' 2; empty: as many as"
            " the tokens allow",
            "minimum": 1,
            "maximum": 65536,
        },
    )
    head_rate: float | None = field(
        default=None,
        metadata={
            "description": "How many times faster than the encoder the layers above it learn"
            " (papers: 1); empty: chosen by speed and encoder",
            "minimum": 0.01,
            "maximum": 1000.0,
        },
    )
    optimizer: Literal["auto", "adamw", "rmsprop"] = field(
        default="auto",
        metadata={"description": "The optimiser; auto: the paper's"},
    )
    schedule: Literal["auto", "linear", "constant"] = field(
        default="auto",
        metadata={
            "description": "Whether the rate falls to nothing after the warm-up or stays;"
            " auto: the paper's"
        },
    )
    warmup: float = field(
        default=0.1,
        metadata={
            "description": "Share of the steps in which the rate rises",
            "minimum": 0.0,
            "maximum": 0.9,
        },
    )
    weight_decay: float = field(
        default=0.01,
        metadata={"description": "AdamW's weight decay", "minimum": 0.0, "maximum": 1.0},
    )
    clip: float = field(
        default=1.0,
        metadata={
            "description": "Longest gradient that is not shortened",
            "minimum": 0.001,
            "maximum": 1000.0,
        },
    )
    hide_rare: float | None = field(
        default=None,
        metadata={
            "description": "A piece seen n times is hidden in training with chance h / (h + n),"
            " so that unknown ones mean something; empty: chosen by encoder",
            "minimum": 0.0,
            "maximum": 100.0,
        },
    )
    dev_checks: int = field(
        default=4,
        metadata={
            "description": "How often the dev set is looked at while training",
            "minimum": 0,
            "maximum": 1000,
        },
    )


@dataclass(frozen=True, slots=True)
class Preset:
    """The defaults of one way to train; a frozen encoder is read once and its features kept."""

    epochs: int
    learning_rate: float
    batch_tokens: int
    hide_rare: float
    is_frozen: bool = False
    head_rate: float = 1.0
    optimizer: Literal["adamw", "rmsprop"] = "adamw"
    schedule: Literal["linear", "constant"] = "linear"


FEWEST_STEPS = 400
STRETCH = 4

PRESETS: Mapping[tuple[Start, Speed], Preset] = {
    ("scratch", "quick"): Preset(12, 1e-3, 256, 1.0),
    ("scratch", "full"): Preset(30, 1e-3, 256, 1.0),
    ("warm", "quick"): Preset(5, 5e-4, 256, 1.0),
    ("warm", "full"): Preset(30, 1e-3, 256, 1.0),
    # 12 epochs were too few for 15 relation types (DiaKG, 300 sentences: F1 0.10; 36 epochs: 0.20)
    ("pretrained", "quick"): Preset(24, 2e-3, 512, 0.0, is_frozen=True),
    ("pretrained", "full"): Preset(20, 1e-4, 256, 0.0, head_rate=5.0),
}


def preset_for(
    start: Start,
    speed: Speed,
    own: Mapping[tuple[str, str], Mapping[str, Any]] = MappingProxyType({}),
) -> Preset:
    """The preset of a way to train; `own` holds what a paper's model wants otherwise."""
    return replace(PRESETS[start, speed], **own.get((start, speed), {}))


def resolved(settings: TrainingSettings, preset: Preset) -> TrainingSettings:
    """The settings with every open choice made."""
    return replace(
        settings,
        epochs=settings.epochs or preset.epochs,
        learning_rate=settings.learning_rate or preset.learning_rate,
        batch_tokens=settings.batch_tokens or preset.batch_tokens,
        hide_rare=preset.hide_rare if settings.hide_rare is None else settings.hide_rare,
        head_rate=settings.head_rate or preset.head_rate,
        optimizer=preset.optimizer if settings.optimizer == "auto" else settings.optimizer,
        schedule=preset.schedule if settings.schedule == "auto" else settings.schedule,
    )


def enough_epochs(training: TrainingSettings, lengths: Sequence[int], start: Start) -> int:
    """Epochs that make `FEWEST_STEPS` of a training that begins anew, at most `STRETCH` as many.

    A hundred sentences fill half a dozen batches; the epochs that suit a thousand would end before
    the rate has risen. `lengths` are in tokens, one a sentence.
    """
    epochs, batch = training.epochs or 1, training.batch_tokens or 1
    if start == "warm" or not lengths:
        return epochs
    steps = max(1, math.ceil(sum(lengths) / batch))
    return max(epochs, min(STRETCH * epochs, math.ceil(FEWEST_STEPS / steps)))
