"""What the tests of every model need: how each learns by heart, and how it is asked."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
import torch

from extraction.catalogue import CATALOGUE, ENCODERS, EncoderSpec
from extraction.data.schema_file import schema_of
from extraction.protocol import Blueprint, JointModel, ModelModule
from extraction.training.loop import Listener, Step, train
from extraction.training.settings import TrainingSettings
from extraction.training.state import State
from extraction.types import Example, Graph, Prediction, Schema
from tests.extraction.corpus import corpus

CPU = torch.device("cpu")

HEART: Mapping[str, Any] = {
    "epochs": 120,
    "batch_tokens": 128,
    "learning_rate": 2e-3,
    "hide_rare": 0.0,
    "dropout": 0.0,
    "dev_checks": 0,
}
OWN_HEART: Mapping[str, Mapping[str, Any]] = {
    "spert.v1": {"negative_entities": 20},
    "spert_mt.v1": {"negative_entities": 20},
    "two_phase.v1": {"negative_entities": 20},
    "iser.v1": {"negative_entities": 20, "epochs": 60},
    "bio_mtl.v1": {"filters": 8, "epochs": 60},
    "pipeline_bio_mtl.v1": {"filters": 8, "epochs": 60, "tagger_dropout": 0.0},
}


def heart_settings(name: str) -> dict[str, Any]:
    """Settings under which a model learns a handful of sentences by heart."""
    known = CATALOGUE[name].settings["properties"]
    wanted = {**HEART, **OWN_HEART.get(name, {})}
    return {key: value for key, value in wanted.items() if key in known}


def module_of(name: str) -> ModelModule:
    """The module of a row."""
    return cast("ModelModule", importlib.import_module(CATALOGUE[name].module))


def new_model(
    name: str,
    examples: Sequence[Example] | None = None,
    *,
    seed: int = 5,
    schema: Schema | None = None,
    encoder: EncoderSpec | Path = ENCODERS["chars-tiny"],
    is_frozen: bool = False,
    **settings: Any,
) -> JointModel:
    """An untrained model for these examples, the little corpus if none are given."""
    taken = corpus() if examples is None else examples
    blueprint = Blueprint(
        settings=settings,
        schema=schema or schema_of(taken),
        encoder=encoder,
        examples=taken,
        seed=seed,
        is_frozen=is_frozen,
    )
    return module_of(name).create(blueprint, CPU)


def asked(name: str, examples: Sequence[Example]) -> list[Example]:
    """The examples as a model is asked about them: with entities only if it needs them."""
    if CATALOGUE[name].given_entities:
        return [Example(e.id, e.text, Graph(e.graph.entities)) for e in examples]
    return [Example(e.id, e.text) for e in examples]


def say(model: JointModel, name: str, examples: Sequence[Example]) -> list[Prediction]:
    """What the model says of these examples, all in one batch."""
    return model.predict(model.prepare(asked(name, examples)), None)


def assert_same(left: Prediction, right: Prediction, tolerance: float = 3e-5) -> None:
    """Equal statements; confidence may differ by rounding."""
    assert left.graph() == right.graph()
    for kind in ("entities", "relations", "refused", "alternatives"):
        ours = [one.confidence for one in getattr(left, kind)]
        theirs = [one.confidence for one in getattr(right, kind)]
        assert ours == pytest.approx(theirs, abs=tolerance)


def first_losses(name: str) -> list[float]:
    """The losses of the first epoch's steps, under fixed seeds (`golden_losses.json`)."""
    model = new_model(name)
    steps: list[Step] = []
    epochs: list[int] = []
    kept: list[State] = []
    listener = Listener(steps.append, epochs.append, lambda: False, kept.append)
    settings = TrainingSettings(epochs=1, learning_rate=1e-3, batch_tokens=48, hide_rare=0.1)
    train(model, model.prepare(corpus()), settings, 1, listener)
    return [step.loss for step in steps]
