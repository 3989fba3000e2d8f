"""What a pre-training is told, and its options on the command line; without torch."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from extraction.training.pretraining_settings import PretrainingSettings


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Which characters a new encoder knows: those of a file, or those that occur so often."""

    file: Path | None = None
    min_count: int = 3


@dataclass(frozen=True, slots=True)
class PretrainRequest:
    """All that a pre-training is told."""

    text: Sequence[Path]
    out: Path
    encoder: str = "chars-small"
    architecture: Literal["modernbert", "bert"] = "modernbert"  # of a new encoder
    shape: Mapping[str, int] = field(default_factory=dict)  # layers, width, heads
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    settings: PretrainingSettings = field(default_factory=PretrainingSettings)
    seed: int = 1
    is_half: bool = False
    is_resumed: bool = False
    device: str = "auto"
    encoder_home: Path | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All options of the command."""
    usual = PretrainingSettings()
    parser.add_argument("--text", type=Path, nargs="+", required=True, help=".txt, .xz, .gz")
    parser.add_argument("--out", type=Path, required=True, help="encoder folder that will appear")
    parser.add_argument("--encoder", default="chars-small", help="a shape, or a folder to go on")
    architectures = ("modernbert", "bert")
    parser.add_argument("--architecture", choices=architectures, default=architectures[0])
    for one in ("layers", "width", "heads"):
        parser.add_argument(f"--{one}", type=_positive, help="other than the shape's")
    vocabulary = parser.add_mutually_exclusive_group()
    vocabulary.add_argument("--vocab", type=Path, help="a file of characters, one a line")
    vocabulary.add_argument("--min-count", type=_positive, default=3, help="of a character")
    parser.add_argument("--objective", choices=("mlm", "rtd"), default=usual.objective)
    parser.add_argument("--mask-rate", type=_above_zero, default=usual.mask_rate)
    parser.add_argument("--window", type=_positive, default=usual.window, help="pieces at once")
    parser.add_argument("--batch-tokens", type=_positive, default=usual.batch_tokens)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=_positive)
    length.add_argument("--epochs", type=_above_zero, help="default: 1")
    length.add_argument("--minutes", type=_above_zero)
    parser.add_argument("--learning-rate", type=_above_zero)
    parser.add_argument("--seed", type=_natural, default=1)
    parser.add_argument("--half", action="store_true", help="save float16")
    parser.add_argument("--bf16", action="store_true", help="bfloat16, on a CPU that has it")
    parser.add_argument("--resume", action="store_true", help="go on where a kill ended it")


def request_of(chosen: argparse.Namespace, encoder_home: Path) -> PretrainRequest:
    """What the command line asks for."""
    shape = {name: getattr(chosen, name) for name in ("layers", "width", "heads")}
    is_told = chosen.steps or chosen.epochs or chosen.minutes
    settings = PretrainingSettings(
        objective=chosen.objective,
        window=chosen.window,
        batch_tokens=chosen.batch_tokens,
        steps=chosen.steps,
        epochs=chosen.epochs if is_told else 1.0,
        minutes=chosen.minutes,
        learning_rate=chosen.learning_rate,
        mask_rate=chosen.mask_rate,
        bfloat16=chosen.bf16,
    )
    return PretrainRequest(
        text=chosen.text,
        out=chosen.out,
        encoder=chosen.encoder,
        architecture=chosen.architecture,
        shape={name: one for name, one in shape.items() if one is not None},
        vocabulary=Vocabulary(chosen.vocab, chosen.min_count),
        settings=settings,
        seed=chosen.seed,
        is_half=chosen.half,
        is_resumed=chosen.resume,
        device=chosen.device,
        encoder_home=encoder_home,
    )


def _positive(word: str) -> int:
    number = int(word)
    if number < 1:
        raise ValueError(word)
    return number


def _natural(word: str) -> int:
    number = int(word)
    if number < 0:
        raise ValueError(word)
    return number


def _above_zero(word: str) -> float:
    number = float(word)
    if not 0 < number < float("inf"):
        raise ValueError(word)
    return number
