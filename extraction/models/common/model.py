"""What every paper's model does alike: reads its encoder, prepares, saves, goes on from another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from safetensors.torch import save_file
from torch import Tensor, nn

from extraction import config
from extraction.data.schema_file import schema_record
from extraction.data.tokens import Tokens
from extraction.models.common.adapter import Adapter
from extraction.models.common.backbone import Backbone, joined
from extraction.models.common.encoder import Features
from extraction.models.common.gold import Item, gold_of
from extraction.models.common.labels import Labels
from extraction.models.common.settings import ReadingSettings
from extraction.models.common.spans import borders_of
from extraction.types import Example, Prediction, Schema

HEADS = "heads.safetensors"

SettingsT = TypeVar("SettingsT", bound=ReadingSettings)


class PaperModel(ABC, Generic[SettingsT]):
    """A paper's heads over an encoder; a subclass says what they are, learn and say."""

    name: ClassVar[str]  # of the catalogue
    settings_type: ClassVar[type[Any]]

    def __init__(
        self, backbone: Backbone, settings: SettingsT, schema: Schema, *, is_frozen: bool = False
    ) -> None:
        self.backbone = backbone
        self.settings = settings
        self.schema = schema
        self.labels = Labels.of(schema)
        self.is_frozen = is_frozen
        width = backbone.encoder.width
        self.adapter = Adapter(width, settings.adapter) if settings.adapter else None
        parts: dict[str, nn.Module] = {
            "encoder": backbone.encoder,
            "heads": self.make_heads(settings.adapter or width),
        }
        if self.adapter is not None:
            parts["adapter"] = self.adapter
        self.network = nn.ModuleDict(parts).to(backbone.device)
        backbone.encoder.mixed_layers = settings.mixed_layers or 1
        backbone.encoder.requires_grad_(not is_frozen)

    @abstractmethod
    def make_heads(self, width: int) -> nn.Module:
        """Build what stands above vectors of this width; called once, under the seed."""

    @abstractmethod
    def loss(self, items: Sequence[Item], rng: np.random.Generator) -> Tensor:
        """The objective on one batch; what must be drawn is drawn from `rng`."""

    @abstractmethod
    def predict(self, items: Sequence[Item], schema: Schema | None) -> list[Prediction]:
        """What the model says of one batch."""

    def label_rows(self) -> Mapping[str, Sequence[Hashable]]:
        """For each parameter of the heads whose rows belong to labels, the labels of its rows."""
        return {}

    def prepare(self, examples: Sequence[Example]) -> list[Item]:
        """Tokenise once; with a frozen encoder read every sentence once, too."""
        tokens = self.backbone.tokeniser.encode([example.text for example in examples])
        items = [
            Item(one, gold_of(example, one.units, self.labels))
            for example, one in zip(examples, tokens, strict=True)
        ]
        if not self.is_frozen:
            return items
        kept = self.backbone.keep_features([self.reading(item) for item in items])
        return [replace(item, features=one) for item, one in zip(items, kept, strict=True)]

    def features(self, items: Sequence[Item]) -> Features:
        """The encoder's (or the kept) vectors of a batch, through the adapter if there is one."""
        kept = [item.features for item in items if item.features is not None]
        read: Features = (
            joined(kept)
            if len(kept) == len(items)
            else self.backbone.encoder(self.backbone.batch([self.reading(i) for i in items]))
        )
        if self.adapter is None:
            return read
        counts = [len(self.reading(item).units) for item in items]
        adapted: Features = self.adapter(read, borders_of(counts))
        return adapted

    def reading(self, item: Item) -> Tokens:
        """What the encoder reads of a sentence, and what counts as its units there."""
        return item.tokens

    def card(self) -> dict[str, Any]:
        """Everything but the weights."""
        return {
            "model": self.name,
            "settings": config.dump(self.settings),
            "schema": schema_record(self.schema),
        }

    def save(self, folder: Path) -> None:
        """Write the encoder's folder and the heads."""
        self.backbone.save(folder)
        save_file(
            {name: one.contiguous().cpu() for name, one in self.trained_parts().items()},
            folder / HEADS,
        )

    def trained_parts(self) -> dict[str, Tensor]:
        """The weights of all but the encoder."""
        weights = self.network.state_dict()
        return {name: one for name, one in weights.items() if not name.startswith("encoder.")}


def unit_counts(items: Sequence[Item]) -> list[int]:
    """How many units each sentence of a batch has."""
    return [len(item.tokens.units) for item in items]
