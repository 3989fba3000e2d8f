"""Telling how a training goes: phases, steps, dev F1, the time that is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from extraction.training.loop import Step, StoppedError

TELL_EVERY = 0.25  # seconds between two reports of steps
BEGINNINGS: Mapping[str, float] = {  # where each phase begins on the way from 0 to 1
    "loading": 0.0,
    "encoding": 0.02,
    "training": 0.06,
    "evaluating": 0.95,
    "saving": 0.98,
}


class Progress:
    """Turns what happens into events, not more than a few a second."""

    def __init__(
        self, tell: Callable[[Mapping[str, Any]], None], should_stop: Callable[[], bool]
    ) -> None:
        self.tell = tell
        self.is_stopped = should_stop
        self.dev_f1: float | None = None
        self.last = 0.0
        self.begun: tuple[float, float] | None = None  # when steps began, and at which fraction

    def phase(self, name: str) -> None:
        """Say that a phase begins; stops here if the caller asked for it."""
        if self.is_stopped():
            raise StoppedError
        self._tell(name, fraction=BEGINNINGS[name])

    def heard_f1(self, dev_f1: float | None) -> None:
        """Remember the newest dev F1 for the events to come."""
        self.dev_f1 = self.dev_f1 if dev_f1 is None else dev_f1

    def step(self, step: Step) -> None:
        """Report a step, if the last report is not too fresh."""
        now = time.monotonic()
        if self.begun is None:
            self.begun = (now, step.fraction)
        if now - self.last < TELL_EVERY and step.done < step.steps:
            return
        self.last = now
        low, high = BEGINNINGS["training"], BEGINNINGS["evaluating"]
        self._tell(
            "training",
            fraction=low + (high - low) * step.fraction,
            epoch=step.position.epoch + 1,
            epochs=step.epochs,
            step=step.done,
            steps=step.steps,
            loss=round(step.loss, 6),
            eta_seconds=self._eta(now, step.fraction),
        )

    def _eta(self, now: float, fraction: float) -> float | None:
        if self.begun is None or fraction <= self.begun[1]:
            return None
        since, done_before = self.begun
        return round((now - since) / (fraction - done_before) * (1 - fraction), 1)

    def _tell(self, phase: str, *, fraction: float, **known: Any) -> None:
        event: dict[str, Any] = {
            "event": "progress",
            "phase": phase,
            "epoch": None,
            "epochs": None,
            "step": None,
            "steps": None,
            "loss": None,
            "dev_f1": self.dev_f1,
            "eta_seconds": None,
            "fraction": round(min(fraction, 1.0), 4),
        }
        self.tell({**event, **known})
