"""What can be set about ISER: the paper's values (section 4.2.1), others for new encoders.

The paper reads the masked sentence of every span with attention and a BiGRU, which costs ten
to a hundred times what the encoder does. Here a first classifier without context sorts the
spans, and only what it does not refuse is read so; `prefilter` off is the paper to the letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from extraction.models.common.settings import Facts, SpanSettings, described

ALL = 10000

PAPER: Mapping[str, Any] = {
    "entity_bonus": 0.0,
    "relation_threshold": 0.4,
    "local_context": "max",
    "sea_negatives": 20,
}
FROM_NOTHING: Mapping[str, Any] = {
    "entity_bonus": 0.0,
    "relation_threshold": 0.2,
    "local_context": "global",
    "sea_negatives": 6,
}
ABOVE_A_FROZEN_ONE: Mapping[str, Any] = {"sea_negatives": 8}

PRESETS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("scratch", "quick"): {"batch_tokens": 512, "learning_rate": 2e-3},
}

ABLATIONS: Mapping[str, Mapping[str, Any]] = {
    "full": {},
    "-interactive fusion": {"fusion": "none"},
    "SEA->CLS": {"sea": "cls"},
    "LC->LC_att": {"local_context": "self_attention"},
    "LC->LC_BERT": {"local_context": "bert_max"},
    "LC->CLS": {"local_context": "cls"},
    "LC->GC_BERT": {"local_context": "bert_global"},
    "LC->GC": {"local_context": "global"},
    "ISER_GRU": {"sea": "gru"},
    "as printed": {
        "local_context": "max",
        "sea_negatives": ALL,
        "auxiliary_weight": 0.0,
        "prefilter": False,
    },
    "SEA shared": {"sea": "shared"},
    "BiGRU in the fusion": {"fusion": "gru"},
}


@dataclass(frozen=True, slots=True)
class Settings(SpanSettings):
    """ISER's settings; what is None or "auto" is chosen by `fitted` before anything is built."""

    width_size: int = field(default=25, metadata=described("Size of the width embedding", 1, 512))
    fusion: Literal["lstm", "gru", "none"] = field(
        default="lstm",
        metadata=described(
            "What joins the two crossed representations (section 3.3: BiLSTM, contribution 2:"
            " BiGRU); none: the encoder's vectors as they are"
        ),
    )
    fusion_residual: Literal["auto", "on", "off"] = field(
        default="auto",
        metadata=described(
            "Whether what was fused is added to the encoder's vectors or replaces them"
            " (paper: off); auto: by encoder"
        ),
    )
    ffn_activation: Literal["none", "relu", "gelu"] = field(
        default="none",
        metadata=described("Non-linearity of the two feed-forward layers (equations 1 and 2)"),
    )
    sea: Literal["masked", "shared", "gru", "cls", "none"] = field(
        default="masked",
        metadata=described(
            "A span's context: attention and BiGRU over the sentence without the span (paper);"
            " shared: one pass a sentence; gru: no attention (ISER_GRU); cls: the sentence's vector"
        ),
    )
    mask: Literal["excluded", "vector"] = field(
        default="excluded",
        metadata=described(
            "A masked unit is no key of the attention and nothing to the BiGRU, or it is"
            " replaced by a learned vector that can be attended"
        ),
    )
    heads: int = field(
        default=8,
        metadata=described("Most heads of SEA's attention; must divide the width", 1, 64),
    )
    sea_norm: bool = field(
        default=False, metadata=described("Layer normalisation after SEA's residual")
    )
    sea_return: Literal["last", "max"] = field(
        default="last",
        metadata=described("What SEA returns: both last states, or the maximum over all states"),
    )
    local_context: Literal[
        "auto", "max", "self_attention", "bert_max", "cls", "bert_global", "global"
    ] = field(
        default="auto",
        metadata=described(
            "What a relation sees beside its ends: the fused units between them (paper: max),"
            " the encoder's, the sentence's vector, or the whole sentence; auto: by encoder"
        ),
    )
    sea_negatives: int | None = field(
        default=None,
        metadata=described(
            "Of the drawn spans that are no entity, how many a sentence are read with SEA in"
            " training, the likeliest first (paper: all of them); empty: chosen by encoder",
            0,
            ALL,
        ),
    )
    other_negatives: Literal["shared", "auxiliary"] = field(
        default="auxiliary",
        metadata=described(
            "The other drawn spans teach only the auxiliary classifier, or the main one, too,"
            " with the context of one pass a sentence"
        ),
    )
    auxiliary_weight: float = field(
        default=0.5,
        metadata=described(
            "Weight of the loss of the classifier that sees no context (paper: none)", 0.0, 10.0
        ),
    )
    prefilter: bool = field(
        default=True,
        metadata=described(
            "Predict with SEA only for spans that the classifier without context does not refuse"
            " (paper: off, which is far slower)"
        ),
    )
    prefilter_share: float = field(
        default=0.4, metadata=described("Spans read with SEA for each unit of a sentence", 0.0, 100)
    )
    prefilter_least: int = field(
        default=8, metadata=described("Spans read with SEA in a short sentence", 0, ALL)
    )
    prefilter_floor: float = field(
        default=0.02,
        metadata=described(
            "Below this chance of being an entity, seen without context, no span is read with SEA",
            0.0,
            1.0,
        ),
    )
    sea_memory: int = field(
        default=64, metadata=described("Megabytes that SEA may take at once", 1, 100000)
    )
    entity_bonus: float | None = field(
        default=None,
        metadata=described(
            'Taken from the logit of "none" when predicting (paper: 0); empty: chosen by encoder',
            -20.0,
            20.0,
        ),
    )
    relation_threshold: float | None = field(
        default=None,
        metadata=described(
            "A relation is said from this score on (paper: 0.4); empty: chosen by encoder", 0.0, 1.0
        ),
    )

    @property
    def threshold(self) -> float:
        """The relations' threshold, once it has been chosen."""
        return 0.4 if self.relation_threshold is None else self.relation_threshold

    @property
    def reads_masked(self) -> bool:
        """Whether every span has a reading of its own, which is dear."""
        return self.sea in {"masked", "gru"}

    def usual(self, facts: Facts) -> dict[str, Any]:
        """The paper's values, or those of an encoder that begins from nothing."""
        return {
            **SpanSettings.usual(self, facts),
            **(FROM_NOTHING if facts.is_new else PAPER),
            **(ABOVE_A_FROZEN_ONE if facts.is_frozen else {}),
            "fusion_residual": "on" if facts.is_new or facts.is_frozen else "off",
        }
