"""What can be set about the CNN with BIO tags and two tasks: the paper's values (section 3.2).

The paper has two sets of values, one for its English and one for its Chinese corpus: margins,
threshold, and whether a pair of entities is one instance or two. `language` chooses between
them; "auto" is settled by the training sentences (`encode.language_of`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from extraction.models.common.settings import Facts, ReadingSettings, described

Language = Literal["auto", "english", "chinese"]

BY_LANGUAGE: Mapping[str, Mapping[str, Any]] = {
    "english": {
        "margin_right": 2.5,
        "margin_wrong": 0.5,
        "threshold": 0.0,
        "pairs": "unordered",
    },
    "chinese": {
        "margin_right": 4.5,
        "margin_wrong": -0.5,
        "threshold": 1.0,
        "pairs": "ordered",
    },
}

ABLATIONS: Mapping[str, Mapping[str, Any]] = {
    "full": {},  # the paper's Baseline+MTL+Tag
    "Baseline": {"tags": False, "mtl": False},
    "Baseline+Tag": {"mtl": False},
    "Baseline+MTL": {"tags": False},
    "Baseline+Tag, RC by cross-entropy": {"mtl": False, "rc_loss": "ce"},
    "Baseline+Tag, RC by both losses": {"mtl": False, "rc_loss": "both"},
    "Baseline+MTL+Tag, RC by cross-entropy": {"rc_loss": "ce"},
    "PCNN": {
        "tags": False,
        "mtl": False,
        "rc_loss": "ce",
        "pooling": "pieces",
        "narrowest_window": 3,
        "widest_window": 3,
        "filters": 230,
    },
    "PCNN+Tag": {
        "mtl": False,
        "rc_loss": "ce",
        "pooling": "pieces",
        "narrowest_window": 3,
        "widest_window": 3,
        "filters": 230,
    },
}

# The paper's RMSprop at 1e-3 suits its word table; over a transformer that begins from nothing
# it never settles, so that AdamW with a falling rate is the default everywhere.
PRESETS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("scratch", "quick"): {"batch_tokens": 512},
    ("scratch", "full"): {"batch_tokens": 512},
    ("warm", "quick"): {"batch_tokens": 512},
    ("warm", "full"): {"batch_tokens": 512},
    ("pretrained", "quick"): {"learning_rate": 1e-3, "batch_tokens": 1024},
    ("pretrained", "full"): {"head_rate": 20.0, "batch_tokens": 1024},
}


@dataclass(frozen=True, slots=True)
class Settings(ReadingSettings):
    """The settings; what is None or "auto" is chosen before anything is built."""

    tags: bool = field(
        default=True, metadata=described("Whether each unit carries its BIO tag (Tag)")
    )
    mtl: bool = field(
        default=True,
        metadata=described("Whether relation identification is learnt alongside (MTL)"),
    )
    rc_loss: Literal["rank", "ce", "both"] = field(
        default="rank",
        metadata=described("Loss of relation classification: ranking, cross-entropy or their sum"),
    )
    language: Language = field(
        default="auto",
        metadata=described(
            "Whose margins, threshold and pairs: the paper's English or its Chinese ones;"
            " auto: by the training sentences"
        ),
    )
    pairs: Literal["auto", "ordered", "unordered"] = field(
        default="auto",
        metadata=described(
            "Two instances a pair of entities, one for each order, or one whose classes tell"
            " the direction; auto: by language"
        ),
    )
    type_filter: bool = field(
        default=True,
        metadata=described(
            "Leave out pairs whose entity types never stood in a relation of the training data"
        ),
    )
    nested_tags: Literal["targets", "shared"] = field(
        default="targets",
        metadata=described(
            "Where entities overlap the shorter's tags stand; targets: those of the two"
            " entities of the pair stand above all"
        ),
    )
    narrowest_window: int = field(default=4, metadata=described("Smallest filter window", 1, 32))
    widest_window: int = field(default=10, metadata=described("Largest filter window", 1, 32))
    filters: int = field(default=64, metadata=described("Number of filters", 1, 4096))
    filters_are: Literal["each", "total"] = field(
        default="each",
        metadata=described("Whether so many filters for each window or for all of them together"),
    )
    nonlinearity: Literal["tanh", "relu"] = field(
        default="tanh", metadata=described("g of equation 1")
    )
    pooling: Literal["max", "pieces"] = field(
        default="max",
        metadata=described(
            "Maximum over the sentence, or over the three pieces that the entities cut (PCNN)"
        ),
    )
    position_clip: int = field(
        default=100, metadata=described("Farthest distance that has a vector of its own", 1, 1000)
    )
    position_size: int = field(
        default=50, metadata=described("Size of a position embedding", 1, 512)
    )
    tag_size: int = field(default=50, metadata=described("Size of a BIO-tag embedding", 1, 512))
    hidden: int = field(default=128, metadata=described("Units of the layer above r", 1, 4096))
    dropout: float = field(default=0.2, metadata=described("Dropout of that layer", 0.0, 0.9))
    alpha: float = field(
        default=1.0, metadata=described("Weight of relation identification (alpha)", 0.0, 100.0)
    )
    beta: float = field(
        default=1.0, metadata=described("Weight of relation classification (beta)", 0.0, 100.0)
    )
    margin_right: float | None = field(
        default=None,
        metadata=described("m+ of the ranking loss; empty: by language", -100.0, 100.0),
    )
    margin_wrong: float | None = field(
        default=None,
        metadata=described("m- of the ranking loss; empty: by language", -100.0, 100.0),
    )
    gamma: float = field(
        default=2.0, metadata=described("Scale of the ranking loss (gamma)", 0.01, 100.0)
    )
    threshold: float | None = field(
        default=None,
        metadata=described(
            "A relation is said from this score on (theta); empty: by language", -100.0, 100.0
        ),
    )
    negatives_per_positive: float = field(
        default=0.0,
        metadata=described(
            "How many instances without relation to one with, drawn a batch; 0: all there are",
            0.0,
            1000.0,
        ),
    )

    def usual(self, facts: Facts) -> dict[str, Any]:
        """The values of the language; without one the English."""
        language = "english" if self.language == "auto" else self.language
        return {
            **ReadingSettings.usual(self, facts),
            **BY_LANGUAGE[language],
            "language": language,
        }

    @property
    def right(self) -> float:
        """m+, once it has been chosen."""
        return 2.5 if self.margin_right is None else self.margin_right

    @property
    def wrong(self) -> float:
        """m-, once it has been chosen."""
        return 0.5 if self.margin_wrong is None else self.margin_wrong

    @property
    def theta(self) -> float:
        """The threshold, once it has been chosen."""
        return self.threshold or 0.0

    @property
    def kernels(self) -> tuple[tuple[int, int], ...]:
        """(k, number of filters) of every window that has filters, from narrow to wide."""
        widest = max(self.narrowest_window, self.widest_window)
        windows = range(self.narrowest_window, widest + 1)
        share, rest = divmod(self.filters, len(windows))
        counts = (
            [self.filters] * len(windows)
            if self.filters_are == "each"
            else [share + (place < rest) for place in range(len(windows))]
        )
        return tuple((k, count) for k, count in zip(windows, counts, strict=True) if count)
