"""What can be set about SpERT: the paper's values (section 4.1), others for new encoders.

The paper fine-tunes a pre-trained encoder. One that begins from nothing and sees a few
hundred sentences learns borders and context far better from near misses, few easy
negatives and the whole sentence as context; a frozen one needs a trained layer above it
and says more by several of its layers. `fitted` chooses by the encoder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from extraction.models.common.settings import Facts, SpanSettings, described

PAPER: Mapping[str, Any] = {
    "entity_bonus": 0.0,
    "relation_threshold": 0.4,
    "context": "between",
    "drawn_times": 0.0,
}
# Few spans are drawn a sentence then, and a long one has forty times as many: see the page.
FROZEN: Mapping[str, Any] = {**PAPER, "drawn_times": 4.0}
FROM_NOTHING: Mapping[str, Any] = {
    "entity_bonus": 2.0,
    "relation_threshold": 0.15,
    "context": "sentence",
    "drawn_times": 0.0,
}

ABLATIONS: Mapping[str, Mapping[str, Any]] = {
    "full": {},
    "context: whole sentence": {"context": "sentence"},
    "no negative relations": {"negative_relations": 0},
    "few negative entities": {"negative_entities": 20},
    "drawn negatives taken for all": {"drawn_times": 0.0},
}


@dataclass(frozen=True, slots=True)
class Settings(SpanSettings):
    """SpERT's settings; what is None is chosen by `fitted` before anything is built."""

    width_size: int = field(default=25, metadata=described("Size of the width embedding", 1, 512))
    entity_bonus: float | None = field(
        default=None,
        metadata=described(
            'Taken from the logit of "none" when predicting (paper: 0); empty: chosen by encoder',
            -20.0,
            20.0,
        ),
    )
    drawn_times: float | None = field(
        default=None,
        metadata=described(
            "Where a sentence has more than so many times the spans drawn in training, the logit of"
            ' "none" rises by the log of their ratio (0, as in the paper: never); empty: chosen by'
            " encoder",
            0.0,
            1000.0,
        ),
    )
    relation_threshold: float | None = field(
        default=None,
        metadata=described(
            "A relation is said from this score on (alpha; paper: 0.4); empty: chosen by encoder",
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

    @property
    def threshold(self) -> float:
        """Alpha, once it has been chosen."""
        return 0.4 if self.relation_threshold is None else self.relation_threshold

    def usual(self, facts: Facts) -> dict[str, Any]:
        """The paper's values, or those of an encoder that begins from nothing."""
        known = FROZEN if facts.is_frozen else PAPER
        return {**SpanSettings.usual(self, facts), **(FROM_NOTHING if facts.is_new else known)}
