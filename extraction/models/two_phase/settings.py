"""What can be set about the two-phase model: the paper's values, others for other encoders.

Every part that the paper takes away in its Table 7 has a switch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from extraction.models.common.settings import Facts, SpanSettings, described

PAPER: Mapping[str, Any] = {
    "entity_bonus": 0.0,
    "relation_bonus": 0.0,
    "relation_weight": 1.0,
    "context": "between",
    "roles": "vectors",
    "hidden": 0,
    "pair_hidden": False,
}
FROZEN: Mapping[str, Any] = {
    **PAPER,
    "relation_weight": 0.4,
    "roles": "projections",
    "hidden": 64,
    "pair_hidden": True,
}
FROM_NOTHING: Mapping[str, Any] = {
    "entity_bonus": 0.5,
    "relation_bonus": 0.0,
    "relation_weight": 0.25,
    "context": "sentence",
    "roles": "projections",
    "hidden": 32,
    "pair_hidden": False,
}

NO_HIDDEN: Mapping[str, Any] = {"hidden": 0, "pair_hidden": False}
NO_FEATURES: Mapping[str, Any] = {"binary_features": False, "type_features": False}
ABLATIONS: Mapping[str, Mapping[str, Any]] = {
    "full": {},
    "w/o Two-Phase": {"two_phase": False},
    "w/o Bi-Features": {"binary_features": False},
    "w/o Multi-Features": {"type_features": False},
    "w/o Both-Features": NO_FEATURES,
    "w/o gated": {"fusion": "concatenation"},
    "base": {"two_phase": False, "fusion": "concatenation", **NO_FEATURES, **NO_HIDDEN},
    "as printed: no roles": {"roles": "none"},
    "roles: vectors": {"roles": "vectors"},
    "roles: projections": {"roles": "projections"},
    "as the equations: no hidden layer": NO_HIDDEN,
    "with hidden layers": {"hidden": 64, "pair_hidden": True},
    "one gate for all": {"share_gate": True},
    "plain sum": {"fusion": "sum"},
    "empty context left out": {"empty_context": "left out"},
    "predicted types half the time": {"scheduled": 0.5},
}


@dataclass(frozen=True, slots=True)
class Settings(SpanSettings):
    """The two-phase model's settings; what is open is chosen by `fitted` before building."""

    two_phase: bool = field(
        default=True,
        metadata=described(
            "First whether there is an entity or relation, then which (off: both at once, with a"
            " class for none)"
        ),
    )
    fusion: Literal["gate", "concatenation", "sum"] = field(
        default="gate",
        metadata=described(
            "How vectors become one: weighted by a gate (Eq. 5), side by side, or added"
        ),
    )
    share_gate: bool = field(
        default=False,
        metadata=described("One gate for spans, pairs and types instead of one for each"),
    )
    binary_features: bool = field(
        default=True,
        metadata=described("Show phase one how far apart both ends of a pair stand"),
    )
    type_features: bool = field(
        default=True,
        metadata=described(
            "Show phase two the types of both ends together with their distance (Eq. 13)"
        ),
    )
    roles: Literal["auto", "none", "vectors", "projections"] = field(
        default="auto",
        metadata=described(
            "How a gate or sum tells head from tail: a vector or a matrix for each, or not at all"
            " as printed; auto: by encoder"
        ),
    )
    empty_context: Literal["zero", "left out"] = field(
        default="zero",
        metadata=described(
            "What stands for the words between two spans when there are none: a zero vector in"
            " the gate, or nothing"
        ),
    )
    hidden: int | None = field(
        default=None,
        metadata=described(
            "Size of a hidden layer between fused spans and their classifiers (the paper's"
            " equations: 0); empty: chosen by encoder",
            0,
            4096,
        ),
    )
    pair_hidden: bool | None = field(
        default=None,
        metadata=described(
            "A hidden layer between fused pairs and their classifiers (the paper's equations:"
            " no); empty: chosen by encoder"
        ),
    )
    scheduled: float = field(
        default=0.0,
        metadata=described(
            "Chance that training shows phase two the predicted type of an entity instead of its"
            " gold type (paper: 0)",
            0.0,
            1.0,
        ),
    )
    farthest: int = field(
        default=10, metadata=described("Distances above this count as this", 0, 100)
    )
    context: Literal["auto", "between", "sentence"] = field(
        default="auto",
        metadata=described(
            "Which words a relation sees beside its ends (paper: between); auto: by encoder"
        ),
    )
    entity_bonus: float | None = field(
        default=None,
        metadata=described(
            "Added to the log odds of an entity when predicting (paper: 0); empty: chosen by"
            " encoder",
            -20.0,
            20.0,
        ),
    )
    relation_bonus: float | None = field(
        default=None,
        metadata=described(
            "Added to the log odds of a relation when predicting (paper: 0); empty: chosen by"
            " encoder",
            -20.0,
            20.0,
        ),
    )

    relation_weight: float | None = field(
        default=None,
        metadata=described(
            "Weight of both losses of relations against those of entities (paper: 1); empty:"
            " chosen by encoder",
            0.0,
            100.0,
        ),
    )

    @property
    def relation_share(self) -> float:
        """The weight of the relation losses, once it has been chosen."""
        return 1.0 if self.relation_weight is None else self.relation_weight

    def usual(self, facts: Facts) -> dict[str, Any]:
        """The paper's values, or those of a frozen encoder or one that begins from nothing."""
        own = FROM_NOTHING if facts.is_new else FROZEN if facts.is_frozen else PAPER
        return {**SpanSettings.usual(self, facts), **own}
