"""What can be set about OneRel: the paper's values, others for encoders that are not fine-tuned.

The paper fine-tunes BERT for many epochs, so that the vectors of two words say all about the
pair. Over an encoder at rest, or one that begins from nothing and sees a few hundred
sentences, a layer that sees the neighbours, the corners of gold pairs counted more, and
reading the table at spans that are known are worth more than the size of a pair's vector.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from extraction.errors import ExtractionError
from extraction.models.common.settings import Facts, ReadingSettings, described

PAPER: Mapping[str, Any] = {
    "adapter": 0,
    "pair_size": 3.0,
    "pair_dropout": "cell",
    "context": "none",
    "corner_weight": 1.0,
    "entity_weight": 1.0,
    "entity_bonus": 0.0,
    "relation_threshold": 0.5,
    "decoder": "nearest",
}
AT_REST: Mapping[str, Any] = {
    **PAPER,
    "adapter": 192,
    "pair_size": 2.0,
    "pair_dropout": "factor",
    "corner_weight": 5.0,
    "entity_weight": 5.0,
    "relation_threshold": 0.3,
    "decoder": "pairs",
}
FROM_NOTHING: Mapping[str, Any] = {
    **AT_REST,
    "adapter": 128,
    "pair_size": 1.0,
    "context": "sentence",
    "entity_weight": 10.0,
    "entity_bonus": 1.0,
}
PRESETS: Mapping[tuple[str, str], Mapping[str, Any]] = {("scratch", "quick"): {"epochs": 18}}

ABLATIONS: Mapping[str, Mapping[str, Any]] = {
    "full": {},
    "entities from triples alone (paper)": {"entities": "triples", "decoder": "nearest"},
    "separators after each unit (reference)": {"ends": "separator"},
    "ends at the last unit": {"ends": "inclusive"},
    "reference decoder": {"decoder": "reference"},
    "dropout on every pair": {"pair_dropout": "cell"},
    "dropout on the factors": {"pair_dropout": "factor"},
}


@dataclass(frozen=True, slots=True)
class Settings(ReadingSettings):
    """OneRel's settings; what is None or "auto" is chosen by `fitted`."""

    entities: Literal["table", "triples"] = field(
        default="table",
        metadata=described(
            "Where entities come from: a slice of the table of their own, and triples; or triples"
            " alone (paper), so that no entity without a relation is found"
        ),
    )
    ends: Literal["exclusive", "separator", "inclusive"] = field(
        default="exclusive",
        metadata=described(
            "Where a span ends in the table: at the next unit; at a piece put after each unit"
            " (reference implementation); at its last unit, where short entities get lost"
        ),
    )
    decoder: Literal["auto", "nearest", "reference", "pairs"] = field(
        default="auto",
        metadata=described(
            "How triples are read: from tagged corners, each with the nearest (paper) or as the"
            " reference implementation walks; or by the corners of known entities, which needs"
            " entities of the table; auto: by encoder"
        ),
    )
    pair_size: float | None = field(
        default=None,
        metadata=described(
            "Size of a pair's vector, in widths of a unit's (d_e; paper: 3);"
            " empty: chosen by encoder",
            0.1,
            8.0,
        ),
    )
    context: Literal["auto", "none", "sentence"] = field(
        default="auto",
        metadata=described(
            "What a pair sees beside its two units: nothing (paper) or the maximum over the"
            " sentence; auto: by encoder"
        ),
    )
    dropout: float = field(
        default=0.2, metadata=described("Dropout on the units' vectors (paper: 0.2)", 0.0, 0.9)
    )
    pair_dropout_rate: float = field(
        default=0.1, metadata=described("Dropout on the pairs' vectors (paper: 0.1)", 0.0, 0.9)
    )
    pair_dropout: Literal["auto", "cell", "factor"] = field(
        default="auto",
        metadata=described(
            "What that drops: numbers of each pair (paper), or of the two parts that all pairs of"
            " a unit share, which is faster; auto: by encoder"
        ),
    )
    corner_weight: float | None = field(
        default=None,
        metadata=described(
            "What the cells where begins and ends of two entities meet count in the loss"
            " (paper: 1); empty: chosen by encoder",
            0.1,
            1000.0,
        ),
    )
    entity_weight: float | None = field(
        default=None,
        metadata=described(
            "What the cells of entities count in the loss of their slice; empty: chosen by encoder",
            0.1,
            1000.0,
        ),
    )
    entity_bonus: float | None = field(
        default=None,
        metadata=described(
            "Added to the scores of entity types when predicting; empty: chosen by encoder",
            -20.0,
            20.0,
        ),
    )
    relation_bonus: float = field(
        default=0.0,
        metadata=described(
            "Added to the scores of relation tags when predicting (paper: 0)", -20.0, 20.0
        ),
    )
    relation_threshold: float | None = field(
        default=None,
        metadata=described(
            "A relation of known entities is said from this mean chance of its corners on;"
            " empty: chosen by encoder",
            0.0,
            1.0,
        ),
    )
    overlaps: Literal["auto", "keep", "drop"] = field(
        default="auto",
        metadata=described(
            "Whether entities may overlap, or the surest of a region stands (paper: keep);"
            " auto: as the training entities do"
        ),
    )

    @property
    def threshold(self) -> float:
        """From which mean chance a relation of known entities is said, once it is chosen."""
        return 0.5 if self.relation_threshold is None else self.relation_threshold

    def usual(self, facts: Facts) -> dict[str, Any]:
        """The paper's values, or those of an encoder that is not fine-tuned."""
        chosen = FROM_NOTHING if facts.is_new else AT_REST if facts.is_frozen else PAPER
        if self.entities == "triples":
            chosen = {**chosen, "decoder": "nearest"}
        return {
            **ReadingSettings.usual(self, facts),
            **chosen,
            "overlaps": "keep" if facts.has_overlaps else "drop",
        }

    def fitted(self, facts: Facts) -> Self:
        """These settings with every open choice made; refuses what cannot be together."""
        if self.entities == "triples" and self.decoder == "pairs":
            raise ExtractionError(
                "bad_settings",
                "decoder=pairs reads the table at entities, of which entities=triples has none;"
                " choose decoder=nearest or entities=table",
                {"problems": ["decoder: pairs needs entities=table"]},
            )
        return ReadingSettings.fitted(self, facts)
