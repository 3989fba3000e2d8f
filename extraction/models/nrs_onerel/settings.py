"""What can be set about NRS-OneRel: OneRel's settings, and which relation types a sentence meets.

The paper gives no value but NS: 10 is its best on diabetes sentences, 50 on DuIE 2.0. It does
not say whether NS counts the types of a sentence, of a batch, or pairs of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from extraction.models.common.settings import described
from extraction.models.onerel.settings import PRESETS as ONEREL_PRESETS
from extraction.models.onerel.settings import Settings as OneRelSettings

PRESETS: Mapping[tuple[str, str], Mapping[str, Any]] = ONEREL_PRESETS

ABLATIONS: Mapping[str, Mapping[str, Any]] = {
    "full": {},
    "OneRel: no relation left out": {"relations_drawn": None},
    **{f"NS {count}": {"relations_drawn": count} for count in (5, 10, 20, 30, 40, 50, 60)},
    "one set for a batch": {"nrs_scope": "batch"},
    "one set of slots for a batch": {"nrs_scope": "slots"},
    "mean times K": {"loss_scale": "mean_times_k"},
    "frequent negatives": {"negatives_by": "frequency"},
}


@dataclass(frozen=True, slots=True)
class Settings(OneRelSettings):
    """NRS-OneRel's settings."""

    relations_drawn: int | None = field(
        default=10,
        metadata=described(
            "Relation types that are learnt at once (NS): those that occur and others drawn up to"
            " this number (paper: 10 and 50); empty: all, which is OneRel",
            1,
            100000,
        ),
    )
    nrs_scope: Literal["sentence", "batch", "slots"] = field(
        default="sentence",
        metadata=described(
            "What NS counts: types of each sentence (paper, equation 6), types of a batch, or pairs"
            " of sentence and type in a batch"
        ),
    )
    loss_scale: Literal["sum", "mean_times_k"] = field(
        default="sum",
        metadata=described(
            "Whether the loss sums over the drawn types, or is their mean times all types"
        ),
    )
    negatives_by: Literal["uniform", "frequency"] = field(
        default="uniform",
        metadata=described(
            "Whether types that do not occur are drawn alike (paper), or the more often the more"
            " frequent they are in the training sentences"
        ),
    )
