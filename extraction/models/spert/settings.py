"""What can be set about SpERT; the defaults are the paper's (section 4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

WIDTHS = 100  # rows of the width embedding
WIDEST_DEFAULT = 40
NARROWEST_DEFAULT = 10
COVERED = 0.995


@dataclass(frozen=True, slots=True)
class Settings:
    """SpERT's settings; `max_span` is filled in from the training entities when it is None."""

    max_span: int | None = field(
        default=None,
        metadata={
            "description": "Widest entity in units (W); empty: wide enough for 99.5 % of the"
            " training entities",
            "minimum": 1,
            "maximum": WIDTHS - 1,
        },
    )
    width_size: int = field(
        default=25,
        metadata={"description": "Size of the width embedding", "minimum": 1, "maximum": 512},
    )
    dropout: float = field(
        default=0.1,
        metadata={"description": "Dropout before both classifiers", "minimum": 0.0, "maximum": 0.9},
    )
    negative_entities: int = field(
        default=100,
        metadata={
            "description": "Spans that are no entity, drawn a sentence (N_e)",
            "minimum": 1,
            "maximum": 10000,
        },
    )
    negative_relations: int = field(
        default=100,
        metadata={
            "description": "Pairs without relation, drawn a sentence (N_r)",
            "minimum": 1,
            "maximum": 10000,
        },
    )
    relation_threshold: float = field(
        default=0.4,
        metadata={
            "description": "A relation is said from this score on (alpha)",
            "minimum": 0.0,
            "maximum": 1.0,
        },
    )
    overlaps: Literal["keep", "drop"] = field(
        default="keep",
        metadata={"description": "Whether entities may overlap; drop keeps the surest of a region"},
    )

    @property
    def widest(self) -> int:
        """W, once it has been chosen."""
        return self.max_span or NARROWEST_DEFAULT

    def fitted(self, widths: Sequence[int]) -> Settings:
        """These settings with W chosen so that nearly all entities of these widths are reached."""
        if self.max_span is not None:
            return self
        ranked = sorted(widths)
        needed = ranked[int(COVERED * (len(ranked) - 1))] if ranked else NARROWEST_DEFAULT
        return replace(self, max_span=min(max(needed, NARROWEST_DEFAULT), WIDEST_DEFAULT))
