"""Makes a model's chances believable: a map of finished chances, fitted on judged decisions.

A chance p becomes sigmoid(a·logit(p) + b + o) with a > 0 (Platt scaling; b = o = 0 would be
temperature scaling, Guo et al. 2017, section 4.2). There is one map for what is said and one for
what is refused, of entities and of relations, and an offset o for each type with enough decisions.
The map is monotone within a type, and it changes what is believed, never what is predicted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from extraction.evaluation.calibration import Floats, logits
from extraction.evaluation.judged import Judged, Kind
from extraction.types import Candidate, Prediction

FEWEST = 30  # decisions, below which a map or an offset is noise
STEEPEST, FLATTEST = 5.0, 0.05
RIDGE = 1.0  # how strongly a map is drawn to the identity, in decisions
TYPE_RIDGE = 10.0  # the same for the offset of a type
NEWTON_STEPS = 25
DIGITS = 5

Head = tuple[Kind, bool]  # entity or relation, said or refused


@dataclass(frozen=True, slots=True)
class Map:
    """sigmoid(slope·logit(p) + shift + the type's offset)."""

    slope: float = 1.0
    shift: float = 0.0
    offsets: Mapping[str, float] = field(default_factory=dict)

    def of(self, chances: Floats, types: Sequence[str]) -> Floats:
        """Map chances (N,) of statements of these types (N)."""
        offsets = np.array([self.offsets.get(name, 0.0) for name in types], dtype=np.float64)
        believed: Floats = _sigmoid(self.slope * logits(chances) + self.shift + offsets)
        return believed


IDENTITY = Map()


@dataclass(frozen=True, slots=True)
class Calibration:
    """The maps of a model; a head without one keeps its chances."""

    maps: Mapping[Head, Map] = field(default_factory=dict)

    def apply(self, said: Prediction) -> Prediction:
        """Return the prediction with calibrated chances and nothing else changed."""
        if not self.maps:
            return said
        entities = self._all("entity", said.entities)
        relations = self._all("relation", said.relations)
        return Prediction(
            tuple(replace(o, confidence=p) for o, p in zip(said.entities, entities, strict=True)),
            tuple(replace(o, confidence=p) for o, p in zip(said.relations, relations, strict=True)),
            self._candidates(said.refused),
            self._candidates(said.alternatives),
        )

    def chances(self, decisions: Sequence[Judged]) -> Floats:
        """Return the calibrated chances (N,) of judged decisions."""
        found = np.array([one.chance for one in decisions], dtype=np.float64)
        for head, chosen in self.maps.items():
            at = [place for place, one in enumerate(decisions) if head_of(one) == head]
            found[at] = chosen.of(found[at], [decisions[place].type for place in at])
        return found

    def as_json(self) -> list[dict[str, Any]]:
        """Return the form that a checkpoint's card keeps."""
        return [
            {
                "kind": kind,
                "said": is_kept,
                "slope": round(one.slope, DIGITS),
                "shift": round(one.shift, DIGITS),
                "offsets": {name: round(value, DIGITS) for name, value in one.offsets.items()},
            }
            for (kind, is_kept), one in self.maps.items()
        ]

    @classmethod
    def of(cls, stored: Iterable[Mapping[str, Any]]) -> Self:
        """Read the stored form; a checkpoint from before there was one has no maps."""
        return cls(
            {
                (one["kind"], one["said"]): Map(one["slope"], one["shift"], one["offsets"])
                for one in stored
            }
        )

    def _all(self, kind: Kind, said: Sequence[Any]) -> list[float]:
        chosen = self.maps.get((kind, True), IDENTITY)
        if not said or chosen is IDENTITY:
            return [one.confidence for one in said]
        chances = np.array([one.confidence for one in said], dtype=np.float64)
        return [float(p) for p in chosen.of(chances, [one.type for one in said])]

    def _candidates(self, refused: Sequence[Candidate]) -> tuple[Candidate, ...]:
        believed = list(refused)
        for kind in ("entity", "relation"):
            chosen = self.maps.get((kind, False))
            at = [place for place, one in enumerate(refused) if one.kind == kind]
            if chosen is None or not at:
                continue
            chances = np.array([refused[place].confidence for place in at], dtype=np.float64)
            found = chosen.of(chances, [refused[place].type for place in at])
            for place, chance in zip(at, found.tolist(), strict=True):
                believed[place] = replace(refused[place], confidence=chance)
        return tuple(believed)


UNCALIBRATED = Calibration()


def fit_calibration(decisions: Sequence[Judged]) -> Calibration:
    """Fit the maps by penalised log loss; heads with fewer than `FEWEST` decisions get none."""
    heads: dict[Head, list[Judged]] = {}
    for one in decisions:
        heads.setdefault(head_of(one), []).append(one)
    return Calibration({head: _fit(seen) for head, seen in heads.items() if len(seen) >= FEWEST})


def head_of(one: Judged) -> Head:
    """Return which map a decision belongs to."""
    return one.kind, one.is_kept


def _fit(seen: Sequence[Judged]) -> Map:
    x = logits(np.array([one.chance for one in seen], dtype=np.float64))
    y = np.array([one.is_right for one in seen], dtype=np.float64)
    slope, shift = _platt(x, y)
    base = slope * x + shift
    by_type: dict[str, list[int]] = {}
    for place, one in enumerate(seen):
        by_type.setdefault(one.type, []).append(place)
    offsets = {name: _offset(base[at], y[at]) for name, at in by_type.items() if len(at) >= FEWEST}
    return Map(slope, shift, offsets)


def _platt(x: Floats, y: Floats) -> tuple[float, float]:
    """Newton's method on the log loss of sigmoid(a·x + b), drawn to a = 1, b = 0."""
    rows = np.column_stack((x, np.ones_like(x)))
    target = found = np.array([1.0, 0.0])
    for _ in range(NEWTON_STEPS):
        p = _sigmoid(rows @ found)
        slope = rows.T @ (p - y) + RIDGE * (found - target)
        bend = (rows * (p * (1 - p))[:, None]).T @ rows + RIDGE * np.eye(2)
        step = np.linalg.solve(bend, slope)
        found = found - step
        found[0] = np.clip(found[0], FLATTEST, STEEPEST)
        if np.abs(step).max() < 1e-8:  # noqa: PLR2004 - far below what is kept
            break
    return float(found[0]), float(found[1])


def _offset(base: Floats, y: Floats) -> float:
    """The same for one number that is added, drawn to 0."""
    offset = 0.0
    for _ in range(NEWTON_STEPS):
        p = _sigmoid(base + offset)
        step = (float((p - y).sum()) + TYPE_RIDGE * offset) / (
            float((p * (1 - p)).sum()) + TYPE_RIDGE
        )
        offset -= step
    return offset


def _sigmoid(z: Floats) -> Floats:
    believed: Floats = 1.0 / (1.0 + np.exp(-np.clip(z, -30.0, 30.0)))
    return believed
