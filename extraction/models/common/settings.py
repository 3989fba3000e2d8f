"""Settings that several papers share, and how the choices left open are made.

A paper's values hold where it says them; what it leaves to the data or the encoder is None
or "auto" here and is chosen by `fitted` before anything is built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

WIDTHS = 100  # rows of a width embedding
WIDEST_DEFAULT = 40
NARROWEST_DEFAULT = 10
COVERED = 0.995
ADAPTER = 192
OPEN = (None, "auto")


def described(text: str, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    """A field's metadata: what it is, and its limits."""
    limits = {"minimum": low, "maximum": high}
    return {"description": text, **{name: one for name, one in limits.items() if one is not None}}


@dataclass(frozen=True, slots=True)
class Facts:
    """What open choices depend on: the training entities and the encoder."""

    widths: Sequence[int] = ()  # of the entities, in units
    has_overlaps: bool = False
    is_new: bool = False  # the encoder begins, or began, from nothing
    is_frozen: bool = False
    depth: int = 1  # its layers


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """How every model reads its encoder."""

    adapter: int | None = field(
        default=None,
        metadata=described(
            "Size of a trained layer between encoder and classifiers, 0 for none (the papers);"
            " empty: chosen by encoder",
            0,
            4096,
        ),
    )
    mixed_layers: int | None = field(
        default=None,
        metadata=described(
            "How many of the encoder's last layers are averaged (papers: 1);"
            " empty: half of a frozen encoder's",
            1,
            100,
        ),
    )

    def usual(self, facts: Facts) -> dict[str, Any]:
        """What an open choice becomes for such data and such an encoder."""
        return {
            "adapter": ADAPTER if facts.is_frozen else 0,
            "mixed_layers": (facts.depth + 1) // 2 if facts.is_frozen else 1,
        }

    def fitted(self, facts: Facts) -> Self:
        """These settings with every open choice made."""
        usual = self.usual(facts)
        chosen = {name: one for name, one in usual.items() if getattr(self, name) in OPEN}
        layers = chosen.get("mixed_layers", self.mixed_layers)
        return replace(self, **{**chosen, "mixed_layers": max(1, min(layers or 1, facts.depth))})


@dataclass(frozen=True, slots=True)
class SpanSettings(ReadingSettings):
    """What the models that classify spans share (SpERT, section 4.1)."""

    max_span: int | None = field(
        default=None,
        metadata=described(
            "Widest entity in units (W); empty: wide enough for 99.5 % of the training entities",
            1,
            WIDTHS - 1,
        ),
    )
    dropout: float = field(
        default=0.1, metadata=described("Dropout before the classifiers", 0.0, 0.9)
    )
    negative_entities: int | None = field(
        default=None,
        metadata=described(
            "Spans that are no entity, drawn a sentence (N_e); empty: chosen by encoder", 0, 10000
        ),
    )
    near_negatives: int | None = field(
        default=None,
        metadata=described(
            "More such spans for each entity, drawn among those that overlap it (papers: 0);"
            " empty: chosen by encoder",
            0,
            1000,
        ),
    )
    negative_relations: int = field(
        default=100,
        metadata=described("Pairs without relation, drawn a sentence (N_r)", 0, 10000),
    )
    overlaps: Literal["auto", "keep", "drop"] = field(
        default="auto",
        metadata=described(
            "Whether entities may overlap, or the surest of a region stands (papers: keep);"
            " auto: as the training entities do"
        ),
    )

    @property
    def widest(self) -> int:
        """W, once it has been chosen."""
        return self.max_span or NARROWEST_DEFAULT

    def usual(self, facts: Facts) -> dict[str, Any]:
        """The data's widths and overlaps; few and near negatives for a new encoder."""
        negatives: Mapping[str, int] = {"negative_entities": 100, "near_negatives": 0}
        if facts.is_new:
            negatives = {"negative_entities": 10, "near_negatives": 5}
        elif facts.is_frozen:
            negatives = {"negative_entities": 40, "near_negatives": 0}
        return {
            **ReadingSettings.usual(self, facts),
            **negatives,
            "overlaps": "keep" if facts.has_overlaps else "drop",
            "max_span": reach(facts.widths),
        }


def reach(widths: Sequence[int]) -> int:
    """The width that nearly all entities have at most, within bounds."""
    ranked = sorted(widths)
    needed = ranked[int(COVERED * (len(ranked) - 1))] if ranked else NARROWEST_DEFAULT
    return min(max(needed, NARROWEST_DEFAULT), WIDEST_DEFAULT)
