"""One loop for all papers: the only place where an optimiser steps.

Chance is a function of the seed and the step (never of what ran before), so that a resumed
training equals an uninterrupted one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from extraction.data.batches import length_batches
from extraction.errors import ExtractionError
from extraction.protocol import JointModel
from extraction.training.settings import KEEP_SECONDS, TrainingSettings
from extraction.training.state import Position, State

OPTIMISER_STATE = ("step", "exp_avg", "exp_avg_sq", "square_avg")  # of AdamW and RMSprop


@dataclass(frozen=True, slots=True)
class Step:
    """What the caller hears after each step."""

    position: Position
    epochs: int
    steps: int  # of the whole training, as far as known
    done: int
    loss: float
    seconds: float

    @property
    def fraction(self) -> float:
        """How much of the training is behind us."""
        return self.done / self.steps


@dataclass(frozen=True, slots=True)
class Listener:
    """How the loop speaks to its caller, and how it is told to stop."""

    on_step: Callable[[Step], None]
    on_epoch: Callable[[int], None]
    should_stop: Callable[[], bool]
    keep: Callable[[State], None]
    keep_every: float = KEEP_SECONDS


class StoppedError(Exception):
    """The caller asked to stop; the resumable state was kept."""


def train(
    model: JointModel,
    items: Sequence[Any],
    settings: TrainingSettings,
    seed: int,
    listener: Listener,
    state: State | None = None,
) -> None:
    """Train the model in place, from the beginning or from a kept state."""
    run = _Run(model, items, settings, seed, listener)
    position = run.restore(state) if state is not None else Position(epoch=0, batch=0)
    with torch.random.fork_rng():
        while position.epoch < run.epochs:
            run.train_epoch(position)
            position = Position(epoch=position.epoch + 1, batch=0)
            listener.on_epoch(position.epoch)
    model.network.eval()


class _Run:
    """The parts of one training."""

    def __init__(
        self,
        model: JointModel,
        items: Sequence[Any],
        settings: TrainingSettings,
        seed: int,
        listener: Listener,
    ) -> None:
        if settings.epochs is None or settings.learning_rate is None:
            raise ValueError("the settings must be resolved first")
        self.model, self.items, self.settings = model, items, settings
        self.seed, self.listener = seed, listener
        self.epochs, self.peak = settings.epochs, settings.learning_rate
        self.budget = settings.batch_tokens or 1024
        self.lengths = [item.length for item in items]
        self.named = {n: p for n, p in model.network.named_parameters() if p.requires_grad}
        self.optimizer = _optimizer(self.named, settings)
        self.begun = self.kept = time.monotonic()
        self.seconds_before = 0.0

    def train_epoch(self, begin: Position) -> None:
        """Go through the batches of one epoch, from a position on."""
        batches = self._batches(begin.epoch)
        self.model.network.train()
        for number in range(begin.batch, len(batches)):
            position = Position(begin.epoch, number)
            loss = self._step([self.items[i] for i in batches[number]], position, len(batches))
            self._report(position, len(batches), loss)
            self._keep_or_stop(Position(begin.epoch, number + 1))

    def _batches(self, epoch: int) -> list[list[int]]:
        rng = np.random.default_rng([self.seed, 1, epoch])
        most = self.settings.batch_sentences
        return length_batches(self.lengths, self.budget, rng, most=most)

    def _step(self, batch: Sequence[Any], position: Position, batches: int) -> float:
        chance = [self.seed, 2, position.epoch, position.batch]
        torch.manual_seed(int(np.random.SeedSequence(chance).generate_state(1)[0]))
        rate = self.peak * self._rate_at(self._fraction(position, batches))
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["speed"]
        loss = self.model.loss(batch, np.random.default_rng(chance))
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.named.values(), self.settings.clip)
        self.optimizer.step()
        value = loss.item()
        if not np.isfinite(value):
            raise ExtractionError(
                "diverged",
                f"The loss became {value} in epoch {position.epoch + 1};"
                f" set a learning_rate below {self.peak}",
                {"epoch": position.epoch + 1, "learning_rate": self.peak},
            )
        return value

    def _rate_at(self, fraction: float) -> float:
        falls = self.settings.schedule != "constant"
        return rate_at(fraction, self.settings.warmup, falls=falls)

    def _fraction(self, position: Position, batches: int) -> float:
        return (position.epoch + (position.batch + 1) / batches) / self.epochs

    def _report(self, position: Position, batches: int, loss: float) -> None:
        self.listener.on_step(
            Step(
                position=position,
                epochs=self.epochs,
                steps=self.epochs * batches,
                done=position.epoch * batches + position.batch + 1,
                loss=loss,
                seconds=self._seconds(),
            )
        )

    def _seconds(self) -> float:
        return self.seconds_before + time.monotonic() - self.begun

    def _keep_or_stop(self, reached: Position) -> None:
        is_told = self.listener.should_stop()
        if is_told or time.monotonic() - self.kept >= self.listener.keep_every:
            self.listener.keep(self._state(reached))
            self.kept = time.monotonic()
        if is_told:
            raise StoppedError

    def _state(self, reached: Position) -> State:
        tensors: dict[str, Tensor] = {}
        for name, parameter in self.named.items():
            tensors[f"weight.{name}"] = parameter.detach()
            for key, value in self.optimizer.state.get(parameter, {}).items():
                tensors[f"{key}.{name}"] = value
        return State(reached, self._seconds(), tensors)

    def restore(self, state: State) -> Position:
        """Put weights and optimiser back where a kept state left them."""
        with torch.no_grad():
            for name, parameter in self.named.items():
                parameter.copy_(state.tensors[f"weight.{name}"])
                self.optimizer.state[parameter] = {
                    key: state.tensors[f"{key}.{name}"].to(parameter.device)
                    for key in OPTIMISER_STATE
                    if f"{key}.{name}" in state.tensors
                }
        self.seconds_before = state.seconds
        return state.position


def rate_at(fraction: float, warmup: float, *, falls: bool = True) -> float:
    """Linear rise over the warm-up, then linear fall to nothing at the end, or no fall."""
    if fraction < warmup:
        return fraction / warmup
    return max(0.0, (1.0 - fraction) / (1.0 - warmup)) if falls else 1.0


def _optimizer(named: dict[str, nn.Parameter], settings: TrainingSettings) -> torch.optim.Optimizer:
    """The optimiser, without decay on biases and normalisation (all vectors)."""
    groups = [
        {
            "params": [one for name, one in named.items() if _belongs(name, one, of_encoder, flat)],
            "weight_decay": 0.0 if flat else settings.weight_decay,
            "speed": 1.0 if of_encoder else settings.head_rate or 1.0,
        }
        for of_encoder in (True, False)
        for flat in (False, True)
    ]
    groups = [group for group in groups if group["params"]]
    rate = settings.learning_rate or 0.0
    if settings.optimizer == "rmsprop":
        return torch.optim.RMSprop(groups, lr=rate)
    return torch.optim.AdamW(groups, lr=rate, fused=True)


def _belongs(name: str, parameter: nn.Parameter, of_encoder: bool, flat: bool) -> bool:  # noqa: FBT001
    return name.startswith("encoder.") == of_encoder and (parameter.dim() <= 1) == flat
