"""The resumable state of a training: beside the output until the training is done."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor

from extraction import config
from extraction.data.files import sweep_drafts
from extraction.errors import ExtractionError
from extraction.training.checkpoint import read_checked, write_checked

TENSORS = "state.safetensors"


@dataclass(frozen=True, slots=True)
class Position:
    """Where the training goes on: this batch of this epoch, both from 0."""

    epoch: int
    batch: int


@dataclass(frozen=True, slots=True)
class State:
    """Weights and optimiser at a position."""

    position: Position
    seconds: float
    tensors: Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class StateCard:
    """What is written beside the tensors."""

    fingerprint: str
    position: Position
    seconds: float


class StateStore:
    """Keeps the last state of one training in a folder beside its output."""

    def __init__(self, out: Path, fingerprint: str) -> None:
        self.home = out.with_name(f"{out.name}.resume")
        self.fingerprint = fingerprint

    def keep(self, state: State) -> None:
        """Write a state, whole or not at all, then forget the earlier ones."""
        card = StateCard(self.fingerprint, state.position, state.seconds)
        tensors = {name: one.contiguous().cpu() for name, one in state.tensors.items()}
        place = self.home / f"{state.position.epoch:06d}-{state.position.batch:08d}"
        if not place.exists():
            write_checked(place, asdict(card), lambda folder: save_file(tensors, folder / TENSORS))
        for earlier in self.home.iterdir():  # and what killed writers left half-written
            if earlier != place:
                shutil.rmtree(earlier, ignore_errors=True)

    def latest(self) -> State | None:
        """The newest whole state of this very training, or None."""
        for place in reversed(self._kept()):
            try:
                card = config.load(StateCard, read_checked(place))
            except ExtractionError:
                shutil.rmtree(place, ignore_errors=True)  # its name may be wanted again
                continue
            if card.fingerprint == self.fingerprint:
                return State(card.position, card.seconds, load_file(place / TENSORS))
        return None

    def forget(self) -> None:
        """Remove everything that was kept."""
        shutil.rmtree(self.home, ignore_errors=True)
        sweep_drafts(self.home)

    def _kept(self) -> list[Path]:
        if not self.home.is_dir():
            return []
        return sorted(one for one in self.home.iterdir() if not one.name.startswith("."))
