"""What can be set about SpERT; the defaults are the paper's (section 4.1) where it says any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

WIDTHS = 100  # rows of the width embedding
WIDEST_DEFAULT = 40
NARROWEST_DEFAULT = 10
COVERED = 0.995
DRAWN = 100  # the paper's N_e
DRAWN_BY_CHARS = 20  # few steps from scratch: more easy negatives drown the entities


@dataclass(frozen=True, slots=True)
class Settings:
    """SpERT's settings; what is left open is filled in from the training data by `fitted`."""

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
    negative_entities: int | None = field(
        default=None,
        metadata={
            "description": "Spans that are no entity, drawn a sentence (N_e); empty: 100 as in the"
            " paper, 20 for a chars encoder",
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
    overlaps: Literal["auto", "keep", "drop"] = field(
        default="auto",
        metadata={
            "description": "Whether entities may overlap; drop keeps the surest of a region, auto"
            " does what the training entities do"
        },
    )

    @property
    def widest(self) -> int:
        """W, once it has been chosen."""
        return self.max_span or NARROWEST_DEFAULT

    @property
    def drawn_spans(self) -> int:
        """N_e, once it has been chosen."""
        return self.negative_entities or DRAWN

    def fitted(self, widths: Sequence[int], *, has_overlaps: bool, is_chars: bool) -> Settings:
        """These settings with everything open chosen for such training entities and encoder."""
        return replace(
            self,
            max_span=self.max_span or _reach(widths),
            negative_entities=self.negative_entities or (DRAWN_BY_CHARS if is_chars else DRAWN),
            overlaps=("keep" if has_overlaps else "drop")
            if self.overlaps == "auto"
            else self.overlaps,
        )


def _reach(widths: Sequence[int]) -> int:
    """W such that nearly all entities of these widths are reached."""
    ranked = sorted(widths)
    needed = ranked[int(COVERED * (len(ranked) - 1))] if ranked else NARROWEST_DEFAULT
    return min(max(needed, NARROWEST_DEFAULT), WIDEST_DEFAULT)
