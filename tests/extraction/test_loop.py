"""The training loop: repeatable, resumable, stoppable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
import torch

from extraction.catalogue import ENCODERS
from extraction.data.schema_file import schema_of
from extraction.errors import ExtractionError
from extraction.models.spert.model import Spert, create
from extraction.protocol import Blueprint
from extraction.training.loop import Listener, Step, StoppedError, rate_at, train
from extraction.training.settings import (
    PRESETS,
    TrainingSettings,
    enough_epochs,
    preset_for,
    resolved,
)
from extraction.training.state import State, StateStore
from tests.extraction.corpus import corpus

SETTINGS = TrainingSettings(epochs=3, learning_rate=1e-3, batch_tokens=40, hide_rare=0.1)
STEPS = 12


def new_model() -> Spert:
    examples = corpus()
    blueprint = Blueprint(
        {}, schema_of(examples), ENCODERS["chars-tiny"], examples, seed=2, hide_rare=0.1
    )
    return create(blueprint, torch.device("cpu"))


class Ear:
    """Hears the loop, and stops it after a number of steps."""

    def __init__(self, stop_after: int = 10_000, keep_every: float = 1e9) -> None:
        self.stop_after = stop_after
        self.steps: list[Step] = []
        self.epochs: list[int] = []
        self.states: list[State] = []
        self.listener = Listener(
            on_step=self.steps.append,
            on_epoch=self.epochs.append,
            should_stop=lambda: len(self.steps) >= self.stop_after,
            keep=self.states.append,
            keep_every=keep_every,
        )


def trained(ear: Ear, state: State | None = None, settings: TrainingSettings = SETTINGS) -> Spert:
    model = new_model()
    train(model, model.prepare(corpus()), settings, 7, ear.listener, state)
    return model


def weights(model: Spert) -> dict[str, torch.Tensor]:
    return dict(model.network.state_dict())


def assert_equal(left: Spert, right: Spert) -> None:
    ours, theirs = weights(left), weights(right)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adamw", "rmsprop"])
def test_a_resumed_training_equals_an_uninterrupted_one(
    tmp_path: Path, optimizer: Literal["adamw", "rmsprop"]
) -> None:
    settings = replace(SETTINGS, optimizer=optimizer, head_rate=2.0)
    whole = Ear()
    expected = trained(whole, settings=settings)
    store = StateStore(tmp_path / "out", "f")
    halted = Ear(stop_after=len(whole.steps) // 2)
    with pytest.raises(StoppedError):
        trained(halted, settings=settings)
    store.keep(halted.states[-1])
    rest = Ear()
    found = trained(rest, store.latest(), settings)
    assert len(halted.steps) + len(rest.steps) == len(whole.steps)
    assert [s.loss for s in halted.steps + rest.steps] == [s.loss for s in whole.steps]
    assert rest.steps[0].seconds >= halted.steps[-1].seconds
    assert_equal(found, expected)


@pytest.mark.slow
def test_the_layers_above_the_encoder_can_learn_faster_than_it() -> None:
    before = weights(new_model())
    slow = replace(SETTINGS, learning_rate=1e-7, weight_decay=0.0, epochs=1)
    after = weights(trained(Ear(), settings=replace(slow, head_rate=1000.0)))
    moved = {name: float((after[name] - before[name]).abs().max()) for name in before}
    of_encoder = [far for name, far in moved.items() if name.startswith("encoder.")]
    assert max(of_encoder) < 1e-5 < moved["heads.entity.weight"]


def test_a_rate_that_does_not_fall_stays_at_its_peak() -> None:
    assert [rate_at(at, 0.5, falls=False) for at in (0.25, 0.5, 1.0)] == [0.5, 1.0, 1.0]


@pytest.mark.slow
def test_training_twice_gives_the_same_weights() -> None:
    one, two = Ear(), Ear()
    assert_equal(trained(one), trained(two))
    assert one.epochs == [1, 2, 3]
    assert one.steps[-1].fraction == 1.0


@pytest.mark.slow
def test_training_leaves_the_callers_chance_alone() -> None:
    torch.manual_seed(11)
    expected = torch.rand(1)
    torch.manual_seed(11)
    trained(Ear(stop_after=10_000))
    assert torch.equal(torch.rand(1), expected)


def test_a_state_is_kept_before_stopping_and_now_and_then() -> None:
    ear = Ear(stop_after=2, keep_every=0.0)
    with pytest.raises(StoppedError):
        trained(ear)
    assert len(ear.states) == 2


def test_a_loss_that_is_no_number_is_a_clear_error() -> None:
    model = new_model()
    with torch.no_grad():
        model.heads.entity.weight.fill_(float("nan"))
    with pytest.raises(ExtractionError, match="learning_rate below") as caught:
        train(model, model.prepare(corpus()), SETTINGS, 1, Ear().listener)
    assert caught.value.code == "diverged"


@pytest.mark.parametrize(
    ("fraction", "expected"), [(0.05, 0.5), (0.1, 1.0), (0.55, 0.5), (1.0, 0.0)]
)
def test_the_rate_rises_and_falls_in_straight_lines(fraction: float, expected: float) -> None:
    assert rate_at(fraction, 0.1) == pytest.approx(expected)


def test_without_warm_up_the_rate_begins_at_its_peak() -> None:
    assert rate_at(0.0, 0.0) == 1.0


@pytest.mark.parametrize(("start", "speed"), PRESETS)
def test_open_choices_are_filled_in_and_made_ones_kept(start: str, speed: str) -> None:
    preset = preset_for(start, speed)  # type: ignore[arg-type]
    free = resolved(TrainingSettings(), preset)
    assert None not in (free.epochs, free.learning_rate, free.batch_tokens, free.hide_rare)
    said = TrainingSettings(
        epochs=2,
        learning_rate=0.5,
        batch_tokens=64,
        hide_rare=0.0,
        head_rate=3.0,
        optimizer="rmsprop",
        schedule="constant",
    )
    assert resolved(said, preset) == said


def test_few_sentences_are_read_more_often_up_to_a_limit() -> None:
    training = TrainingSettings(epochs=12, batch_tokens=256)
    assert enough_epochs(training, [40] * 1000, "scratch") == 12
    assert enough_epochs(training, [40] * 100, "scratch") == 25  # 16 batches, 400 steps
    assert enough_epochs(training, [40] * 3, "scratch") == 48
    assert enough_epochs(training, [40] * 100, "warm") == 12
    assert enough_epochs(training, [], "scratch") == 12
