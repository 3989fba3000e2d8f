"""What can be set about SpERT: the paper's values (section 4.1), others for new encoders.

The paper begins from a pre-trained encoder. One that begins from nothing and sees a few
hundred sentences learns borders and context far better from near misses, few easy
negatives and the whole sentence as context; `fitted` chooses by how the encoder begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

WIDTHS = 100  # rows of the width embedding
WIDEST_DEFAULT = 40
NARROWEST_DEFAULT = 10
COVERED = 0.995

PAPER: Mapping[str, Any] = {
    "negative_entities": 100,
    "near_negatives": 0,
    "entity_bonus": 0.0,
    "relation_threshold": 0.4,
    "context": "between",
}
FROM_NOTHING: Mapping[str, Any] = {
    "negative_entities": 10,
    "near_negatives": 5,
    "entity_bonus": 1.5,
    "relation_threshold": 0.2,
    "context": "sentence",
}


def _described(text: str, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    limits = {"minimum": low, "maximum": high}
    return {"description": text, **{name: one for name, one in limits.items() if one is not None}}


@dataclass(frozen=True, slots=True)
class Settings:
    """SpERT's settings; what is None is chosen by `fitted` before anything is built."""

    max_span: int | None = field(
        default=None,
        metadata=_described(
            "Widest entity in units (W); empty: wide enough for 99.5 % of the training entities",
            1,
            WIDTHS - 1,
        ),
    )
    width_size: int = field(default=25, metadata=_described("Size of the width embedding", 1, 512))
    dropout: float = field(
        default=0.1, metadata=_described("Dropout before both classifiers", 0.0, 0.9)
    )
    negative_entities: int | None = field(
        default=None,
        metadata=_described(
            "Spans that are no entity, drawn a sentence (N_e; paper: 100);"
            " empty: chosen by encoder",
            0,
            10000,
        ),
    )
    near_negatives: int | None = field(
        default=None,
        metadata=_described(
            "More such spans for each entity, drawn among those that overlap it (paper: 0);"
            " empty: chosen by encoder",
            0,
            1000,
        ),
    )
    negative_relations: int = field(
        default=100,
        metadata=_described("Pairs without relation, drawn a sentence (N_r)", 0, 10000),
    )
    entity_bonus: float | None = field(
        default=None,
        metadata=_described(
            'Taken from the logit of "none" when predicting (paper: 0); empty: chosen by encoder',
            -20.0,
            20.0,
        ),
    )
    relation_threshold: float | None = field(
        default=None,
        metadata=_described(
            "A relation is said from this score on (alpha; paper: 0.4); empty: chosen by encoder",
            0.0,
            1.0,
        ),
    )
    context: Literal["auto", "between", "sentence"] = field(
        default="auto",
        metadata=_described(
            "Which words a relation sees beside its ends (paper: between); auto: by encoder"
        ),
    )
    overlaps: Literal["auto", "keep", "drop"] = field(
        default="auto",
        metadata=_described(
            "Whether entities may overlap, or the surest of a region stands (paper: keep);"
            " auto: as the training entities do"
        ),
    )

    @property
    def threshold(self) -> float:
        """Alpha, once it has been chosen."""
        return 0.4 if self.relation_threshold is None else self.relation_threshold

    @property
    def widest(self) -> int:
        """W, once it has been chosen."""
        return self.max_span or NARROWEST_DEFAULT

    def fitted(self, widths: Sequence[int], *, is_new: bool, has_overlaps: bool) -> Settings:
        """These settings with every open choice made, for entities of these widths."""
        usual = dict(FROM_NOTHING if is_new else PAPER)
        usual["overlaps"] = "keep" if has_overlaps else "drop"
        usual["max_span"] = _reach(widths)
        is_open = {name: getattr(self, name) in (None, "auto") for name in usual}
        return replace(self, **{name: one for name, one in usual.items() if is_open[name]})


def _reach(widths: Sequence[int]) -> int:
    """The width that nearly all entities have at most, within bounds."""
    ranked = sorted(widths)
    needed = ranked[int(COVERED * (len(ranked) - 1))] if ranked else NARROWEST_DEFAULT
    return min(max(needed, NARROWEST_DEFAULT), WIDEST_DEFAULT)
