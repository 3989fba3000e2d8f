"""What every paper's model promises to training, evaluation and prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from extraction.types import Example, Prediction, Schema

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import Tensor, nn

    from extraction.catalogue import EncoderSpec


class Item(Protocol):
    """A sentence in a model's own numbers."""

    @property
    def length(self) -> int:
        """What it costs in a batch, in tokens."""


class JointModel(Protocol):
    """A model of entities and relations. It knows numbers and networks, never the loop."""

    @property
    def network(self) -> nn.Module:
        """All weights, the encoder's included."""

    @property
    def is_frozen(self) -> bool:
        """Whether the encoder stands still, so that only the heads are trained."""

    def prepare(self, examples: Sequence[Example]) -> list[Any]:
        """Turn examples into items once; the order is kept."""

    def loss(self, items: Sequence[Any], rng: np.random.Generator) -> Tensor:
        """The objective on one batch; what must be drawn is drawn from `rng`."""

    def predict(self, items: Sequence[Any], schema: Schema | None) -> list[Prediction]:
        """What the model says of one batch."""

    def card(self) -> dict[str, Any]:
        """The JSON-able description with which `load` builds the same model again."""

    def save(self, folder: Path) -> None:
        """Write all weights into a folder, as safetensors."""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """All that a new model is made from."""

    settings: Mapping[str, Any]
    schema: Schema
    encoder: EncoderSpec | Path
    examples: Sequence[Example]
    seed: int
    hide_rare: float = 0.0
    is_frozen: bool = False
    origin: Path | None = None  # the folder of an earlier model to begin from
    origin_card: Mapping[str, Any] = field(default_factory=dict)


class ModelModule(Protocol):
    """What the module named in the catalogue offers."""

    def create(self, blueprint: Blueprint, device: torch.device) -> JointModel:
        """A new model, seeded, or one that begins from an earlier model."""

    def load(self, folder: Path, card: Mapping[str, Any], device: torch.device) -> JointModel:
        """The model that `save` wrote."""
