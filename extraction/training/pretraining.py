"""The loop of pre-training: windows of plain text in, a transformer that has read them out.

Chance is a function of the seed and the step, so that a resumed run equals an uninterrupted
one. Only a run bounded by minutes depends on the machine.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from extraction.data.batches import length_batches
from extraction.data.passages import Ints, Passages
from extraction.data.tokens import Specials
from extraction.data.windows import cut_windows, rectangle, riddle
from extraction.errors import ExtractionError
from extraction.training.loop import Listener, Step, StoppedError, rate_at
from extraction.training.pretraining_objectives import Task, may_be_placed
from extraction.training.pretraining_settings import NEW_RATE, PretrainingSettings
from extraction.training.state import Position, State

LOOKS = 10  # how often the held-out windows are looked at
HELD_OUT = 16  # passages at least, if that is no more than a fifth
MOST_WINDOWS = 512  # held out


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read: passages, which of them are held out, and the pieces that matter."""

    passages: Passages
    specials: Specials
    mask: int
    train: Ints  # numbers of passages
    held_out: Ints


def split_held_out(passages: Passages, seed: int) -> tuple[Ints, Ints]:
    """A hundredth of the passages is held out, of few a fifth; (train, held out)."""
    order = np.random.default_rng([seed, 0]).permutation(len(passages))
    count = max(1, min(HELD_OUT, len(order) // 5), len(order) // 100)
    return np.sort(order[count:]), np.sort(order[:count])


class Pretraining:
    """One run: the objective's network, what it reads, and where it stands."""

    def __init__(
        self,
        network: nn.Module,
        reading: Reading,
        settings: PretrainingSettings,
        seed: int,
    ) -> None:
        self.network, self.reading, self.settings, self.seed = network, reading, settings, seed
        self.named = {n: p for n, p in network.named_parameters() if p.requires_grad}
        self.device = next(iter(self.named.values())).device
        transformer: Any = network.transformer
        places = int(getattr(transformer.config, "max_position_embeddings", 0))
        self.places = places if may_be_placed(transformer) else 0
        self.peak = settings.learning_rate or NEW_RATE
        self.optimizer = _optimizer(self.named, settings.weight_decay)
        self.position, self.done, self.seconds_before = Position(0, 0), 0, 0.0
        self.curve: list[list[float]] = []  # step, loss since the last look, held-out loss
        self.since_look = [0.0, 0.0]  # sum of losses, steps
        self.pieces_read = 0
        self.begun = self.kept = time.monotonic()
        self.held_out = list(self._held_out_tasks())
        self.per_pass = len(self._batches(0))

    def run(self, listener: Listener) -> None:
        """Train until the steps, passes or minutes are over; StoppedError when told to stop."""
        self.begun = self.kept = time.monotonic()
        with torch.random.fork_rng():
            while not self.is_over():
                batches = self._batches(self.position.epoch)
                for number in range(self.position.batch, len(batches)):
                    loss = self._step(batches[number])
                    self.position = Position(self.position.epoch, number + 1)
                    self._report(loss, listener)
                    self._keep_or_stop(listener)
                    if self.is_over():
                        break
                else:
                    self.position = Position(self.position.epoch + 1, 0)
        self.network.eval()

    def is_over(self) -> bool:
        """Whether enough has been read."""
        return self.fraction() >= 1.0

    def fraction(self) -> float:
        """How much of the run is behind us."""
        settings = self.settings
        if settings.minutes is not None:
            return self.seconds() / (60 * settings.minutes)
        return self.done / self.total_steps()

    def total_steps(self) -> int:
        """How many steps the run has; by minutes: as it looks now."""
        settings = self.settings
        if settings.steps is not None:
            return settings.steps
        if settings.epochs is not None:
            return max(1, round(settings.epochs * self.per_pass))
        return max(self.done, round(self.done / max(self.fraction(), 1e-6)))

    def seconds(self) -> float:
        """How long the run has taken, earlier parts included."""
        return self.seconds_before + time.monotonic() - self.begun

    def held_out_loss(self) -> float:
        """The mean loss over the held-out windows, the same riddles every time."""
        self.network.eval()
        with torch.no_grad(), torch.random.fork_rng():
            torch.manual_seed(self.seed)
            losses = [self._loss(task).item() * len(task.places) for task in self.held_out]
        return sum(losses) / sum(len(task.places) for task in self.held_out)

    def restore(self, state: State) -> None:
        """Put weights, optimiser and place back where a kept state left them."""
        with torch.no_grad():
            for name, parameter in self.named.items():
                parameter.copy_(state.tensors[f"weight.{name}"])
                self.optimizer.state[parameter] = {
                    key: state.tensors[f"{key}.{name}"].to(parameter.device)
                    for key in ("step", "exp_avg", "exp_avg_sq")
                }
        self.position, self.seconds_before = state.position, state.seconds
        self.done = int(state.tensors["done"])
        self.since_look = state.tensors["since_look"].tolist()
        self.pieces_read = int(state.tensors["pieces_read"])
        self.curve = state.tensors["curve"].tolist()

    def _step(self, windows: Ints) -> float:
        chance = [self.seed, 2, self.done]
        torch.manual_seed(int(np.random.SeedSequence(chance).generate_state(1)[0]))
        looks_before = int(LOOKS * self.fraction())
        rate = self.peak * rate_at(self._ahead(), self.settings.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.network.train()
        loss = self._loss(self._task(windows, np.random.default_rng(chance)))
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.named.values(), self.settings.clip)
        self.optimizer.step()
        self.done += 1
        self.pieces_read += int((windows[:, 1] - windows[:, 0]).sum())
        self._note(loss.item())
        if int(LOOKS * min(self.fraction(), 1.0)) > looks_before:
            self._look()
        return loss.item()

    def _ahead(self) -> float:
        """The fraction at the end of the coming step."""
        if self.settings.minutes is not None:
            return min(self.fraction(), 1.0)
        return (self.done + 1) / self.total_steps()

    def _note(self, loss: float) -> None:
        if not np.isfinite(loss):
            raise ExtractionError(
                "diverged",
                f"The loss became {loss} in step {self.done};"
                f" set a --learning-rate below {self.peak}",
                {"step": self.done, "learning_rate": self.peak},
            )
        self.since_look = [self.since_look[0] + loss, self.since_look[1] + 1]

    def _look(self) -> None:
        summed, steps = self.since_look
        self.curve.append([float(self.done), summed / max(steps, 1), self.held_out_loss()])
        self.since_look = [0.0, 0.0]

    def _loss(self, task: Task) -> Tensor:
        with torch.autocast(
            self.device.type, torch.bfloat16, enabled=self.settings.bfloat16, cache_enabled=True
        ):
            loss: Tensor = self.network(task)
        return loss

    def _task(self, windows: Ints, rng: np.random.Generator) -> Task:
        reading = self.reading
        shown = rectangle(reading.passages, windows, reading.specials)
        hidden = riddle(shown, reading.passages, self.settings.mask_rate, reading.mask, rng)
        room = self.places - hidden.ids.shape[1]
        firsts = None
        if room > 0:  # every second window lies anywhere, so that each position is learnt
            firsts = rng.integers(0, room + 1, len(windows)) * rng.integers(0, 2, len(windows))
        return Task.of(hidden, firsts, self.device)

    def _batches(self, epoch: int) -> list[Ints]:
        rng = np.random.default_rng([self.seed, 1, epoch])
        windows = cut_windows(self.reading.passages, self.reading.train, self._room(), rng)
        lengths = (windows[:, 1] - windows[:, 0] + 2).tolist()
        return [windows[one] for one in length_batches(lengths, self.settings.batch_tokens, rng)]

    def _held_out_tasks(self) -> Iterator[Task]:
        rng = np.random.default_rng([self.seed, 4])
        windows = cut_windows(self.reading.passages, self.reading.held_out, self._room())
        windows = windows[:: max(1, len(windows) // MOST_WINDOWS)][:MOST_WINDOWS]
        lengths = (windows[:, 1] - windows[:, 0] + 2).tolist()
        for one in length_batches(lengths, self.settings.batch_tokens):
            yield self._task(windows[one], rng)

    def _room(self) -> int:
        return self.settings.window - 2

    def _report(self, loss: float, listener: Listener) -> None:
        listener.on_step(
            Step(
                position=self.position,
                epochs=-(-self.total_steps() // self.per_pass),
                steps=self.total_steps(),
                done=self.done,
                loss=loss,
                seconds=self.seconds(),
            )
        )

    def _keep_or_stop(self, listener: Listener) -> None:
        is_told = listener.should_stop()
        if is_told or time.monotonic() - self.kept >= listener.keep_every:
            listener.keep(self._state())
            self.kept = time.monotonic()
        if is_told:
            raise StoppedError

    def _state(self) -> State:
        tensors: dict[str, Tensor] = {
            "done": torch.tensor(self.done),
            "pieces_read": torch.tensor(self.pieces_read),
            "since_look": torch.tensor(self.since_look, dtype=torch.float64),
            "curve": torch.tensor(self.curve, dtype=torch.float64).reshape(-1, 3),
        }
        for name, parameter in self.named.items():
            tensors[f"weight.{name}"] = parameter.detach()
            for key, value in self.optimizer.state.get(parameter, {}).items():
                tensors[f"{key}.{name}"] = value
        return State(self.position, self.seconds(), tensors)


def _optimizer(named: dict[str, nn.Parameter], weight_decay: float) -> torch.optim.AdamW:
    """AdamW without decay on biases and normalisation (all vectors)."""
    matrices = [one for one in named.values() if one.dim() > 1]
    vectors = [one for one in named.values() if one.dim() <= 1]
    groups = [
        {"params": matrices, "weight_decay": weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, fused=True)
