"""Precision, recall and F1 over sets of statements: micro, macro, for each type; 0/0 is 0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from extraction.evaluation.match import Key


@dataclass(frozen=True, slots=True)
class Counts:
    """How often gold and prediction met."""

    right: int = 0
    wrong: int = 0  # said, not gold
    missed: int = 0  # gold, not said

    @property
    def precision(self) -> float:
        """Share of the said that is gold."""
        return _share(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Share of the gold that is said."""
        return _share(self.right, self.right + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return _share(2 * self.right, 2 * self.right + self.wrong + self.missed)


@dataclass(frozen=True, slots=True)
class Means:
    """Three rates."""

    precision: float
    recall: float
    f1: float


def count_by_type(pairs: Iterable[tuple[Key, Key]]) -> dict[str, Counts]:
    """Count (gold, said) sets sentence by sentence, under the type of each statement."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for gold, said in pairs:
        right.update(name for name, _ in gold & said)
        wrong.update(name for name, _ in said - gold)
        missed.update(name for name, _ in gold - said)
    names = sorted(right.keys() | wrong.keys() | missed.keys())
    return {name: Counts(right[name], wrong[name], missed[name]) for name in names}


def micro(by_type: Mapping[str, Counts]) -> Counts:
    """All types pooled."""
    return Counts(
        sum(one.right for one in by_type.values()),
        sum(one.wrong for one in by_type.values()),
        sum(one.missed for one in by_type.values()),
    )


def macro(by_type: Mapping[str, Counts]) -> Means:
    """The mean over the types that occur, of each rate separately."""
    counts = list(by_type.values())
    return Means(
        _share(sum(one.precision for one in counts), len(counts)),
        _share(sum(one.recall for one in counts), len(counts)),
        _share(sum(one.f1 for one in counts), len(counts)),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
