"""What can be set about SpERT.MT: the paper's values (section 4.2), others for other encoders.

Every part that the paper takes away in its Table 2 has a switch. Without the two tasks a
stage is classified in one step, as SpERT does it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

from extraction.models.common.settings import Facts, SpanSettings, described

PAPER: Mapping[str, Any] = {
    "negative_entities": 120,
    "entity_threshold": 0.85,
    "relation_threshold": 0.85,
    "entity_bonus": 0.0,
    "score_threshold": 0.4,
    "gamma": 2.0,
    "relation_weight": 1.0,
    "context": "between",
}
FROZEN: Mapping[str, Any] = {**PAPER, "negative_entities": 40, "relation_threshold": 0.3}
FROM_NOTHING: Mapping[str, Any] = {
    "entity_threshold": 0.85,
    "relation_threshold": -0.3,
    "entity_bonus": 2.0,
    "score_threshold": 0.15,
    "gamma": 1.0,
    "relation_weight": 0.3,
    "context": "sentence",
}

NO_MTL: Mapping[str, Any] = {"entity_mtl": False, "relation_mtl": False}
ABLATIONS: Mapping[str, Mapping[str, Any]] = {
    "full": {},
    "-MTL": NO_MTL,
    "-Entity Logits": {"entity_logits": False},
    "-EIL": {"iou_loss": False},
    "-MTL -Entity Logits (SpERT)": {**NO_MTL, "entity_logits": False},
    "-identification": {"alpha": 0.0},
    "sums instead of means": {"reduction": "sum"},
    "several types a pair": {"multi_label": True},
}


@dataclass(frozen=True, slots=True)
class Settings(SpanSettings):
    """SpERT.MT's settings; what is None is chosen by `fitted` before anything is built."""

    entity_mtl: bool = field(
        default=True,
        metadata=described(
            "Entities by identification and ranking (off: one softmax with a class for none)"
        ),
    )
    relation_mtl: bool = field(
        default=True,
        metadata=described(
            "Relations by identification and ranking (off: a sigmoid for each type)"
        ),
    )
    iou_loss: bool = field(
        default=True,
        metadata=described(
            "Weigh the identification of entities by delta and by overlap with gold (Eq. 13;"
            " off: Eq. 4)"
        ),
    )
    delta: float = field(
        default=0.25,
        metadata=described("Weight of a negative against a positive span (delta)", 0.0, 1.0),
    )
    entity_logits: bool = field(
        default=True,
        metadata=described("Show the relation stage the class scores of both ends (Eq. 15)"),
    )
    identification_logit: bool = field(
        default=False,
        metadata=described("Show it their identification logits, too (paper: no)"),
    )
    detach_logits: bool = field(
        default=False,
        metadata=described(
            "Keep the relation loss from reaching the entity stage through these scores"
            " (paper: it does)"
        ),
    )
    alpha: float = field(
        default=1.0, metadata=described("Weight of the identification loss", 0.0, 100.0)
    )
    beta: float = field(default=1.0, metadata=described("Weight of the ranking loss", 0.0, 100.0))
    relation_weight: float | None = field(
        default=None,
        metadata=described(
            "Weight of the relation stage's two tasks against the entity stage (paper: 1);"
            " empty: chosen by encoder",
            0.0,
            100.0,
        ),
    )
    gamma: float | None = field(
        default=None,
        metadata=described(
            "Scale of the ranking loss (gamma; paper: 2); empty: chosen by encoder", 0.01, 100.0
        ),
    )
    positive_margin: float = field(
        default=2.5,
        metadata=described("Score that the right class should pass (m+)", -100.0, 100.0),
    )
    negative_margin: float = field(
        default=0.5,
        metadata=described("Wrong classes should stay below minus this score (m-)", -100.0, 100.0),
    )
    entity_threshold: float | None = field(
        default=None,
        metadata=described(
            "An entity is said from this score on (theta; paper: 0.85); empty: chosen by encoder",
            -100.0,
            100.0,
        ),
    )
    relation_threshold: float | None = field(
        default=None,
        metadata=described(
            "A relation is said from this score on (theta; paper: 0.85); empty: chosen by encoder",
            -100.0,
            100.0,
        ),
    )
    multi_label: bool = field(
        default=False,
        metadata=described(
            "Allow several relation types for one ordered pair (paper: the best one only)"
        ),
    )
    reduction: Literal["mean", "sum"] = field(
        default="mean",
        metadata=described("How the samples of a batch add up (paper: sum, as printed)"),
    )
    entity_bonus: float | None = field(
        default=None,
        metadata=described(
            'Taken from the logit of "none" when entities are classified in one step;'
            " empty: chosen by encoder",
            -20.0,
            20.0,
        ),
    )
    score_threshold: float | None = field(
        default=None,
        metadata=described(
            "A relation is said from this chance on when relations are classified in one step"
            " (SpERT: 0.4); empty: chosen by encoder",
            0.0,
            1.0,
        ),
    )
    context: Literal["auto", "between", "sentence"] = field(
        default="auto",
        metadata=described(
            "Which words a relation sees beside its ends (paper: between); auto: by encoder"
        ),
    )
    width_size: int = field(
        default=25, metadata=described("Size of the width embedding (d2)", 1, 512)
    )
    negatives: int | None = field(
        default=None,
        metadata=described(
            "Spans and pairs that are nothing, drawn a sentence, both at once (the paper's"
            " Fig. 3); empty: each as it is set",
            0,
            10000,
        ),
    )
    negative_relations: int = field(
        default=120,
        metadata=described("Pairs without relation, drawn a sentence (N_r)", 0, 10000),
    )

    @property
    def scale(self) -> float:
        """Gamma, once it has been chosen."""
        return 2.0 if self.gamma is None else self.gamma

    @property
    def relation_share(self) -> float:
        """The weight of the relation stage, once it has been chosen."""
        return 1.0 if self.relation_weight is None else self.relation_weight

    def usual(self, facts: Facts) -> dict[str, Any]:
        """The paper's values, or those of a frozen encoder or one that begins from nothing."""
        own = FROM_NOTHING if facts.is_new else FROZEN if facts.is_frozen else PAPER
        return {**SpanSettings.usual(self, facts), **own}

    def fitted(self, facts: Facts) -> Self:
        """These settings with every open choice made; `negatives` goes before its two parts."""
        chosen = SpanSettings.fitted(self, facts)
        if chosen.negatives is None:
            return chosen
        count = chosen.negatives
        return replace(chosen, negative_entities=count, negative_relations=count)
