"""The relation stage: from entities, wherever they come from, to losses and verdicts of pairs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from extraction.models.bio_mtl.decode import class_chances, legal_classes, verdict_both_ways
from extraction.models.bio_mtl.encode import (
    OTHER,
    Classes,
    Ends,
    GivenItem,
    Nodes,
    classes_of,
    given_pairs,
    instances_of,
    met_types,
    nodes_of,
    pair_up,
)
from extraction.models.bio_mtl.loss import class_loss, identification_loss, ranking_loss
from extraction.models.bio_mtl.network import BioMtlNetwork, Instances, Scores
from extraction.models.bio_mtl.settings import Settings
from extraction.models.common.decode import PairVerdict, Rules
from extraction.models.common.labels import Labels
from extraction.models.common.pairs import Pairs
from extraction.models.common.spans import to_index
from extraction.types import Example

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class RelationStage:
    """The network of the paper with what its classes mean."""

    network: BioMtlNetwork
    classes: Classes
    settings: Settings

    @classmethod
    def of(cls, width: int, labels: Labels, settings: Settings) -> RelationStage:
        """A new one above vectors of this width."""
        classes = Classes.of(labels, is_ordered=settings.pairs != "unordered")
        network = BioMtlNetwork(width, len(labels.entities), classes.count, settings)
        return cls(network, classes, settings)

    def meet(self, examples: Iterable[Example], labels: Labels) -> None:
        """Let only those types be paired that stand in a relation of these examples."""
        if self.settings.type_filter:
            met = met_types(examples, labels, is_ordered=self.classes.is_ordered)
            self.network.met.copy_(torch.from_numpy(met))

    def may_join(self, items: Sequence[GivenItem]) -> list[int]:
        """Which of these sentences have a pair of entities of types that were met together."""
        if not self.classes.count:
            return []
        met = self.network.met.cpu().numpy()
        types = [item.nodes[:, 2] for item in items]
        return [
            place
            for place, found in enumerate(types)
            if len(found) > 1 and met[np.ix_(found, found)].any()
        ]

    def task(
        self, items: Sequence[GivenItem], rng: np.random.Generator
    ) -> tuple[Instances, Ints] | None:
        """The pairs of given entities that a batch is learnt from, and their classes (P,)."""
        counts = np.asarray([len(item.tokens.units) for item in items])
        nodes = nodes_of(items)
        ends = self._pairs(nodes, given_pairs(nodes), counts)
        target = classes_of(items, ends, len(nodes.types), self.classes)
        kept = drawn(target, self.settings.negatives_per_positive, rng)
        if not len(kept):
            return None
        return self._instances(nodes, (ends[0][kept], ends[1][kept]), counts), target[kept]

    def loss(
        self, units: Tensor, items: Sequence[GivenItem], rng: np.random.Generator
    ) -> Tensor | None:
        """alpha loss1 + beta loss2 (equation 8) over the pairs of given entities, if any."""
        found = self.task(items, rng)
        if found is None:
            return None
        instances, target = found
        return self.objective(self.network(units, instances), to_index(target, units))

    def lay_out(self, nodes: Nodes, candidates: Pairs, counts: Ints) -> Instances | None:
        """The instances among these candidates, if there are any."""
        ends = self._pairs(nodes, candidates, counts)
        return self._instances(nodes, ends, counts) if len(ends[0]) else None

    def judge(
        self, units: Tensor, nodes: Nodes, candidates: Pairs, counts: Ints, rules: Rules
    ) -> tuple[Ends, PairVerdict] | None:
        """What is said of the ordered pairs (heads, tails) among these candidates, if any."""
        instances = self.lay_out(nodes, candidates, counts)
        if instances is None:
            return None
        ends = instances.heads, instances.tails
        legal = legal_classes(nodes, ends, rules, self.classes)
        chances = class_chances(self.network(units, instances), legal, self.settings)
        return verdict_both_ways(chances, ends, self.classes)

    def objective(self, scores: Scores, target: Tensor) -> Tensor:
        """Both tasks' losses, weighed; `target` (P,) is -1 for "Other"."""
        s = self.settings
        total = scores.classes.new_zeros(())
        if s.rc_loss != "ce":
            total = total + s.beta * ranking_loss(scores.classes, target, s)
        if scores.other is not None:
            total = total + s.beta * class_loss(scores.classes, scores.other, target)
        if scores.identified is not None:
            total = total + s.alpha * identification_loss(scores.identified, target)
        return total

    def _pairs(self, nodes: Nodes, candidates: Pairs, counts: Ints) -> Ends:
        met = self.network.met.cpu().numpy()
        if not self.classes.count:
            met = np.zeros_like(met)
        return pair_up(nodes, candidates, counts, met, is_ordered=self.classes.is_ordered)

    def _instances(self, nodes: Nodes, ends: Ends, counts: Ints) -> Instances:
        targets_last = self.settings.tags and self.settings.nested_tags == "targets"
        return instances_of(nodes, ends, counts, targets_last=targets_last)


def drawn(target: Ints, ratio: float, rng: np.random.Generator) -> Ints:
    """Rows to learn from: all, or with a ratio only so many negatives to each positive."""
    negatives = np.flatnonzero(target == OTHER)
    wanted = round(ratio * (len(target) - len(negatives)))
    if not ratio or len(negatives) <= wanted:
        return np.arange(len(target))
    chosen = rng.choice(negatives, size=wanted, replace=False)
    return np.sort(np.concatenate((np.flatnonzero(target != OTHER), chosen)))
