"""Predicting with a checkpoint: the library door of workers, and the command's work."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch

from extraction.active.scores import SCORES, Known
from extraction.active.strategies import DEFAULT_STRATEGY, STRATEGIES
from extraction.catalogue import model_spec
from extraction.data.batches import length_batches
from extraction.data.native import read_native, write_predictions
from extraction.data.schema_file import parse_schema, read_schema
from extraction.errors import ExtractionError
from extraction.evaluation.calibrating import Calibration
from extraction.models.common.encoder import Encoder
from extraction.protocol import JointModel, ModelModule
from extraction.training.checkpoint import read_model_card
from extraction.types import Example, Prediction, Schema

BATCH_TOKENS = 2048
CHUNK = 8192  # sentences whose numbers are held at once


@dataclass(frozen=True, slots=True)
class Computing:
    """Where a model computes, and what is given for speed."""

    device: str = "auto"
    int8: bool = False  # 8-bit linear layers in the encoder (CPU)
    bf16: bool = False  # the encoder in bfloat16 on a CPU; a GPU does so anyway
    compiled: bool = False


PLAINLY = Computing()


class Predictor:
    """A loaded model, ready for texts."""

    def __init__(self, model: JointModel, card: dict[str, Any]) -> None:
        self.model = model
        self.card = card
        self.schema = parse_schema(card["schema"])
        self.calibration = Calibration.of(card.get("calibration", ()))

    @property
    def needs_entities(self) -> bool:
        """Whether the model joins entities that it is given, and finds none in a bare text."""
        return model_spec(str(self.card.get("model"))).given_entities

    def predict(self, texts: Sequence[str], *, schema: Schema | None = None) -> list[Prediction]:
        """Predict texts, in order; a schema, if given, replaces the one the model learnt with."""
        return self._in_chunks([Example("", text) for text in texts], schema)

    def predict_examples(
        self, examples: Sequence[Example], *, schema: Schema | None = None
    ) -> list[Prediction]:
        """Predict examples, in order; their entities are used only if the model needs them."""
        if self.needs_entities:
            return self._in_chunks(examples, schema)
        return self.predict([one.text for one in examples], schema=schema)

    def _in_chunks(self, examples: Sequence[Example], schema: Schema | None) -> list[Prediction]:
        said: list[Prediction] = []
        for begin in range(0, len(examples), CHUNK):
            items = self.model.prepare(examples[begin : begin + CHUNK])
            raw = predict_items(self.model, items, schema)
            said += [self.calibration.apply(one) for one in raw]
        return said


def predict_items(
    model: JointModel, items: Sequence[Any], schema: Schema | None
) -> list[Prediction]:
    """Predict prepared sentences in batches of like length; the order is kept."""
    said = [Prediction()] * len(items)
    for positions in length_batches([item.length for item in items], BATCH_TOKENS):
        batch = model.predict([items[position] for position in positions], schema)
        for position, one in zip(positions, batch, strict=True):
            said[position] = one
    return said


def load(path: Path, *, device: str = "auto", computing: Computing = PLAINLY) -> Predictor:
    """Verify a checkpoint and load it; `device` is a short way to say where it computes."""
    card = read_model_card(path)
    model = load_model(path, card, device if device != "auto" else computing.device)
    _speed_up(model, computing)
    return Predictor(model, card)


def _speed_up(model: JointModel, computing: Computing) -> None:
    if computing.int8 and computing.bf16:
        raise ExtractionError("bad_arguments", "Choose one of --int8 and --bf16, not both")
    for encoder in [one for one in model.network.modules() if isinstance(one, Encoder)]:
        if computing.bf16:
            encoder.read_in_bfloat16()
        if computing.int8:
            encoder.quantize()
        if computing.compiled:
            encoder.compile_layers()


def load_model(path: Path, card: dict[str, Any], device: str) -> JointModel:
    """The model of a verified checkpoint."""
    return model_module(str(card.get("model"))).load(path, card, device_named(device))


def model_module(name: str) -> ModelModule:
    """Import the module that the catalogue names for a model."""
    return cast("ModelModule", importlib.import_module(model_spec(name).module))


def device_named(name: str) -> torch.device:
    """Turn `auto`, `cpu`, `cuda` or `cuda:1` into a device that is there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise _no_device(name) from error
    if device.type not in {"cpu", "cuda"} or (
        device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count()
    ):
        raise _no_device(name)
    return device


def _no_device(name: str) -> ExtractionError:
    return ExtractionError(
        "no_such_device",
        f"This machine has no device {name!r}; use --device auto or cpu",
        {"device": name},
    )


def write_said(
    out: Path, examples: Sequence[Example], said: Sequence[Prediction], *, is_whole: bool = False
) -> None:
    """Write predictions with their scores as native lines."""
    score = SCORES[STRATEGIES[DEFAULT_STRATEGY].score]
    scores = [score(one, Known(len(e.text))) for e, one in zip(examples, said, strict=True)]
    write_predictions(out, examples, said, scores, is_whole=is_whole)


def predict_file(
    checkpoint: Path,
    source: Path,
    out: Path,
    *,
    schema_file: Path | None = None,
    computing: Computing = PLAINLY,
    should_stop: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Predict a native file into another one; returns what was done, for people and programs."""
    schema = read_schema(schema_file) if schema_file else None
    examples = read_native(source, may_repeat_ids=True)
    predictor = load(checkpoint, computing=computing)
    begun = time.perf_counter()
    said: list[Prediction] = []
    for begin in range(0, len(examples), CHUNK):
        if should_stop():
            raise InterruptedError
        said += predictor.predict_examples(examples[begin : begin + CHUNK], schema=schema)
    seconds = time.perf_counter() - begun
    write_said(out, examples, said)
    return {
        "out": str(out),
        "sentences": len(examples),
        "entities": sum(len(one.entities) for one in said),
        "relations": sum(len(one.relations) for one in said),
        "seconds": round(seconds, 3),
    }
