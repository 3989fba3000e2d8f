"""What can be set about the pipeline: the classifier's settings and the tagger's few."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from extraction.models.bio_mtl import settings as bio_mtl
from extraction.models.common.settings import described

ABLATIONS: Mapping[str, Mapping[str, Any]] = {
    "full": {},
    "relations without tags": {"tags": False},
    "relations without MTL": {"mtl": False},
    "relations by cross-entropy": {"rc_loss": "ce"},
}
PRESETS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    kind: preset for kind, preset in bio_mtl.PRESETS.items() if kind[0] == "pretrained"
}


@dataclass(frozen=True, slots=True)
class Settings(bio_mtl.Settings):
    """The classifier's settings and those of the BiLSTM-CRF before it."""

    lstm_size: int = field(
        default=128, metadata=described("Size of the tagger's LSTM in each direction", 1, 2048)
    )
    tagger_dropout: float = field(
        default=0.5, metadata=described("Dropout before and after the tagger's LSTM", 0.0, 0.9)
    )
    entity_weight: float = field(
        default=1.0, metadata=described("Weight of the tagger's loss in the sum", 0.0, 100.0)
    )
