"""A small trained model, as training leaves it."""

from __future__ import annotations

from pathlib import Path

from extraction.recipes.train import TrainRequest, run
from tests.extraction.corpus import corpus, write_native


def small_checkpoint(folder: Path) -> Path:
    """Train for an epoch, and return where the model lies."""
    request = TrainRequest(
        model="spert.v1",
        encoder="chars-tiny",
        train=write_native(folder / "train.jsonl", corpus(16)),
        out=folder / "out",
        speed="quick",
        settings={"epochs": 1, "dev_checks": 0},
    )
    run(request, lambda _: None)
    return folder / "out"
