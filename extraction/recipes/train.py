"""Training from files to a checkpoint: read, prepare, train, judge, save."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import torch

from extraction import config
from extraction.catalogue import EncoderSpec, model_spec
from extraction.data.encoders import find_encoder
from extraction.data.files import sha256_of, sweep_drafts
from extraction.data.native import read_native
from extraction.data.schema_file import read_schema, schema_of, schema_record
from extraction.errors import ExtractionError
from extraction.evaluation.calibrating import UNCALIBRATED
from extraction.evaluation.report import evaluate
from extraction.evaluation.trust import calibrate
from extraction.protocol import Blueprint, JointModel
from extraction.recipes.costs import Stopwatch, prediction_costs
from extraction.recipes.predict import (
    device_named,
    load,
    model_module,
    predict_items,
    write_said,
)
from extraction.recipes.progress import Progress
from extraction.training.checkpoint import read_checked, read_model_card, write_checked
from extraction.training.loop import Listener, Step, StoppedError, train
from extraction.training.settings import (
    KEEP_SECONDS,
    Preset,
    Speed,
    Start,
    TrainingSettings,
    enough_epochs,
    preset_for,
    resolved,
)
from extraction.training.state import StateStore
from extraction.types import Example, Prediction, Schema


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """All that a training is told."""

    model: str
    train: Path
    out: Path
    encoder: str
    dev: Path | None = None
    schema: Path | None = None
    speed: Speed = "full"
    seed: int = 1
    settings: Mapping[str, Any] = field(default_factory=dict)
    init_from: Path | None = None
    is_resumed: bool = False
    device: str = "auto"
    encoder_home: Path | None = None
    predictions: Path | None = None  # of the dev set, by the finished model
    keep_every: float = KEEP_SECONDS


@dataclass(frozen=True, slots=True)
class Plan:
    """The request with everything read and every open choice made."""

    request: TrainRequest
    examples: Sequence[Example]
    dev: Sequence[Example]
    schema: Schema
    encoder: EncoderSpec | Path
    preset: Preset
    training: TrainingSettings
    model_settings: Mapping[str, Any]
    origin_card: Mapping[str, Any]
    fingerprint: str


def run(
    request: TrainRequest,
    tell: Callable[[Mapping[str, Any]], None],
    should_stop: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Train, tell how it goes, and return the metrics; raises StoppedError when told to stop."""
    progress = Progress(tell, should_stop)
    progress.phase("loading")
    plan = make_plan(request)
    store = StateStore(request.out, plan.fingerprint)
    finished = _finished_before(plan)
    if finished is not None:
        store.forget()  # a kill may have come between the model and this
        return finished
    state = store.latest() if request.is_resumed else None
    if state is None:
        store.forget()
    progress.phase("encoding")
    begun = time.monotonic()
    model = _new_model(plan)
    items = model.prepare(plan.examples)
    plan = _with_enough_steps(plan, [item.length for item in items])
    judge = _Judge(model, plan)
    listener = Listener(
        on_step=progress.step,
        on_epoch=lambda epoch: progress.heard_f1(judge.now_and_then(epoch)),
        should_stop=progress.is_stopped,
        keep=store.keep,
        keep_every=request.keep_every,
    )
    train(model, items, plan.training, request.seed, listener, state)
    progress.phase("evaluating")
    seconds = round(time.monotonic() - begun, 3)
    metrics = judge.report(seconds)
    progress.phase("saving")
    _save(model, plan, {"metrics": metrics, "calibration": judge.calibration.as_json()}, seconds)
    store.forget()
    return metrics


def make_plan(request: TrainRequest) -> Plan:
    """Read everything and refuse what cannot work, before any time is spent."""
    if request.predictions and not request.dev:
        raise ExtractionError(
            "bad_arguments", "--predictions are those of the dev set; name one with --dev"
        )
    spec = model_spec(request.model)
    config.check_settings(spec.settings, request.settings)
    encoder = find_encoder(request.encoder, request.encoder_home)
    examples = read_native(request.train)
    dev = read_native(request.dev) if request.dev else []
    schema = read_schema(request.schema) if request.schema else schema_of(examples)
    _refuse_unlearnable(request, examples, schema)
    origin_card = _origin_card(request)
    start = _start(encoder, origin_card)
    names = {one.name for one in fields(TrainingSettings)}
    plain = {name: value for name, value in request.settings.items() if name in names}
    own = getattr(spec.settings_module, "PRESETS", {})
    preset = preset_for(start, request.speed, own)
    training = resolved(config.load(TrainingSettings, plain), preset)
    model_settings = {n: value for n, value in request.settings.items() if n not in names}
    told = {
        "model": request.model,
        "encoder": request.encoder,
        "speed": request.speed,
        "seed": request.seed,
        "training": config.dump(training),
        "settings": model_settings,
        "schema": schema_record(schema),
        "train": sha256_of(request.train),
        "dev": sha256_of(request.dev) if request.dev else None,
        "origin": origin_card.get("fingerprint"),
    }
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    return Plan(
        request,
        examples,
        dev,
        schema,
        encoder,
        preset,
        training,
        model_settings,
        origin_card,
        digest,
    )


def _refuse_unlearnable(request: TrainRequest, examples: Sequence[Example], schema: Schema) -> None:
    entities = [entity for example in examples for entity in example.graph.entities]
    if not entities:
        raise ExtractionError(
            "nothing_to_learn",
            f"{request.train} holds {len(examples)} sentences but no labelled entity;"
            " label at least one entity and train again",
            {"file": str(request.train), "sentences": len(examples)},
        )
    found = schema_of(examples)
    unknown = {*found.entity_types} - {*schema.entity_types}
    unknown |= {r.name for r in found.relations} - {r.name for r in schema.relations}
    if unknown:
        names = ", ".join(sorted(unknown))
        raise ExtractionError(
            "unknown_type",
            f"{request.train} uses types that the schema does not name: {names};"
            " add them to the schema or label again",
            {"file": str(request.train), "types": sorted(unknown)},
        )


def _origin_card(request: TrainRequest) -> Mapping[str, Any]:
    if request.init_from is None:
        return {}
    card = read_model_card(request.init_from)
    for name, wanted in (("model", request.model), ("encoder", request.encoder)):
        if card.get(name) != wanted:
            raise ExtractionError(
                "init_mismatch",
                f"{request.init_from} was trained with {name} {card.get(name)!r}, not {wanted!r};"
                " leave --init-from out or choose the same",
                {"checkpoint": str(request.init_from)},
            )
    return card


def _start(encoder: EncoderSpec | Path, origin_card: Mapping[str, Any]) -> Start:
    if not isinstance(encoder, EncoderSpec):
        return "pretrained"
    return "warm" if origin_card else "scratch"


def _finished_before(plan: Plan) -> dict[str, Any] | None:
    """The metrics of this very training if its output is there already and may be taken up."""
    out = plan.request.out
    sweep_drafts(out)
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return None
    if plan.request.is_resumed and out.is_dir():
        card = read_checked(out)
        if card.get("fingerprint") == plan.fingerprint:
            if plan.request.predictions:
                said = load(out, device=plan.request.device).predict_examples(plan.dev)
                write_said(plan.request.predictions, plan.dev, said, is_whole=True)
            metrics: dict[str, Any] = card["metrics"]
            return metrics
    raise ExtractionError(
        "out_exists",
        f"{out} exists already; choose another --out or remove it",
        {"out": str(out)},
    )


def _with_enough_steps(plan: Plan, lengths: Sequence[int]) -> Plan:
    """The plan for so many tokens; epochs that somebody set stay as they are."""
    if "epochs" in plan.request.settings:
        return plan
    start = _start(plan.encoder, plan.origin_card)
    epochs = enough_epochs(plan.training, lengths, start)
    return replace(plan, training=replace(plan.training, epochs=epochs))


def _new_model(plan: Plan) -> JointModel:
    request = plan.request
    blueprint = Blueprint(
        settings=plan.model_settings,
        schema=plan.schema,
        encoder=plan.encoder,
        examples=plan.examples,
        seed=request.seed,
        hide_rare=plan.training.hide_rare or 0.0,
        is_frozen=plan.preset.is_frozen,
        origin=request.init_from,
        origin_card=plan.origin_card,
    )
    return model_module(request.model).create(blueprint, device_named(request.device))


class _Judge:
    """Looks at the dev set now and then, and at the end."""

    def __init__(self, model: JointModel, plan: Plan) -> None:
        self.model, self.plan = model, plan
        with Stopwatch() as self.watch:
            self.items = model.prepare(plan.dev) if plan.dev else []
        self.preparing = self.watch.seconds
        epochs, checks = plan.training.epochs or 1, plan.training.dev_checks
        self.calibration = UNCALIBRATED
        self.due = {round(epochs * (n + 1) / (checks + 1)) for n in range(checks)} - {0, epochs}

    def now_and_then(self, epoch: int) -> float | None:
        """The dev F1 of triples (of entities where there is no relation type), if it is due."""
        if epoch not in self.due or not self.items:
            return None
        report = self._measure(self._say())
        name = "triple_f1" if self.plan.schema.relations else "entity_f1"
        return float(report[name])

    def report(self, seconds: float) -> dict[str, Any]:
        """All metrics; empty ones without a dev set. What was said is written, if asked for.

        `seconds` is what the training took, from the first encoding to the last step.
        """
        kinds = ("f1", "precision", "recall")
        metrics = {f"{what}_{kind}": None for what in ("entity", "triple") for kind in kinds}
        if self.items:
            self.watch.seconds = self.preparing
            with self.watch:
                said = self._say()
            said, trust = self._calibrated(said)
            if self.plan.request.predictions:
                write_said(self.plan.request.predictions, self.plan.dev, said, is_whole=True)
            metrics = {**self._measure(said), "calibration": trust}
        costs = prediction_costs(len(self.items), self.watch)
        return {**metrics, "costs": {"train_seconds": seconds, **costs}}

    def _calibrated(self, said: list[Prediction]) -> tuple[list[Prediction], Any]:
        """Fit the chances to the truth, unless the truth is what the model was trained on."""
        request = self.plan.request
        if request.dev is None or sha256_of(request.dev) == sha256_of(request.train):
            return said, None
        symmetric = self.plan.schema.symmetric
        self.calibration, trust = calibrate(self.plan.dev, said, symmetric)
        return [self.calibration.apply(one) for one in said], trust

    def _say(self) -> list[Prediction]:
        return predict_items(self.model, self.items, None)

    def _measure(self, said: Sequence[Prediction]) -> dict[str, Any]:
        graphs = [one.graph() for one in said]
        return evaluate(self.plan.dev, graphs, self.plan.schema.symmetric)


def _save(model: JointModel, plan: Plan, judged: Mapping[str, Any], seconds: float) -> None:
    request = plan.request
    card = {
        **model.card(),
        "encoder": request.encoder,
        "speed": request.speed,
        "seed": request.seed,
        "training": config.dump(plan.training),
        "fingerprint": plan.fingerprint,
        "train": {"sha256": sha256_of(request.train), "sentences": len(plan.examples)},
        **judged,
        "seconds": seconds,
        "torch": torch.__version__,
    }
    write_checked(request.out, card, model.save)


def use_threads(count: int | None) -> None:
    """Set torch's threads; by default all cores but one, which serves everybody else."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    torch.set_num_threads(count or max(1, (cores or 1) - 1))


__all__ = ["Plan", "Step", "StoppedError", "TrainRequest", "make_plan", "run", "use_threads"]
