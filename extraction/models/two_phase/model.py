"""The two-phase model wired together: prepare, loss, predict, save and load."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from extraction.models.common.building import create_model, load_model
from extraction.models.common.decode import PairVerdict, Rules, SpanVerdict, Weighed, legal_types
from extraction.models.common.drawing import Drawn, draw
from extraction.models.common.encoder import Features
from extraction.models.common.gold import Item
from extraction.models.common.span_model import SpanModel
from extraction.models.common.span_parts import flags, unit_sentences
from extraction.models.common.spans import EverySpan, to_index
from extraction.models.two_phase.decode import pair_verdict, span_verdict
from extraction.models.two_phase.loss import whether_loss, which_loss
from extraction.models.two_phase.network import Judged, TwoPhaseNetwork
from extraction.models.two_phase.settings import Settings
from extraction.protocol import Blueprint

Ints = np.ndarray[Any, np.dtype[np.int64]]


class TwoPhase(SpanModel[Settings]):
    """First whether there is an entity or relation, then which (Ji and others 2022)."""

    name = "two_phase.v1"
    settings_type: ClassVar[type[Settings]] = Settings
    heads: TwoPhaseNetwork

    def make_heads(self, width: int) -> TwoPhaseNetwork:
        """Both phases."""
        labels = self.labels
        self.heads = TwoPhaseNetwork(
            width, len(labels.entities), len(labels.relations), self.settings
        )
        return self.heads

    def label_rows(self) -> Mapping[str, Sequence[Hashable]]:
        """The rows of the type classifiers and of the table of type pairs."""
        none = () if self.settings.two_phase else ("",)
        entities, relations = self.labels.entities, (*none, *self.labels.relations)
        distances = range(self.settings.farthest + 1)
        return {
            "entity_type.weight": (*none, *entities),
            "entity_type.bias": (*none, *entities),
            "relation_type.weight": relations,
            "relation_type.bias": relations,
            "types.weight": list(product(entities, entities, distances)),
        }

    def loss(self, items: Sequence[Item], rng: np.random.Generator) -> Tensor:
        """The sum of four means (Eq. 16); a batch without any pair has no relation terms."""
        drawn = draw(items, self.settings, rng)
        features = self.features(items)
        fused = self.heads.fuse_spans(features, drawn.spans)
        judged = self.heads.judge_spans(fused)
        total = self.entity_terms(judged, drawn)
        if len(drawn.heads) and self.labels.relations:
            ends = (drawn.heads, drawn.tails)
            r = self.heads.fuse_pairs(features, drawn.spans, fused, ends)
            rows = self.type_rows(judged, drawn, rng)
            total = total + self.relation_terms(r, rows, drawn)
        return total

    def entity_terms(self, judged: Judged, drawn: Drawn) -> Tensor:
        """Of all drawn spans whether they are entities, of gold ones which (Eq. 11, 15)."""
        types = to_index(drawn.types, judged.which)
        if judged.whether is None:
            return which_loss(judged.which, types)
        gold = to_index(np.flatnonzero(drawn.types), types)
        return whether_loss(judged.whether, types > 0) + which_loss(
            judged.which[gold], types[gold] - 1
        )

    def relation_terms(self, r: Tensor, type_rows: Ints, drawn: Drawn) -> Tensor:
        """Of all drawn pairs whether they are related, of gold ones which (Eq. 11, 15).

        A pair with two types is learnt twice.
        """
        pairs, types = np.nonzero(drawn.targets)
        whether = self.heads.judge_whether(r)
        if whether is None:
            negative = np.flatnonzero(~drawn.has_relation)
            pairs = np.concatenate((pairs, negative))
            types = np.concatenate((types + 1, np.zeros_like(negative)))
        which = self.heads.judge_which(r[to_index(pairs, r)], type_rows[pairs])
        term = which_loss(which, to_index(types, r))
        if whether is None:
            return self.settings.relation_share * term
        term = whether_loss(whether, flags(drawn.has_relation, r)) + term
        return self.settings.relation_share * term

    def type_rows(self, judged: Judged, drawn: Drawn, rng: np.random.Generator) -> Ints:
        """The type rows of the drawn pairs, by gold types or, by chance, predicted ones."""
        types = drawn.types
        if self.settings.scheduled:
            real = judged.which[:, -len(self.labels.entities) :]
            said = real.argmax(dim=1).cpu().numpy() + 1
            types = np.where(rng.random(len(types)) < self.settings.scheduled, said, types)
        return self.heads.type_rows(drawn.spans, types, (drawn.heads, drawn.tails))

    def judge_spans(self, features: Features, every: EverySpan, rules: Rules) -> SpanVerdict:
        """Both phases of every span."""
        owner = unit_sentences(every.spans.borders)
        logits = every.gather(self.heads.all_spans(features, owner))
        judged = (
            Judged(logits[:, :2], logits[:, 2:])
            if self.settings.two_phase
            else Judged(None, logits)
        )
        return span_verdict(judged, self.settings.entity_bonus or 0.0, rules)

    def judge_relations(
        self, features: Features, chosen: Weighed, ends: tuple[Ints, Ints], rules: Rules
    ) -> PairVerdict:
        """Both phases of every pair, by the types that the ends were given."""
        judged = self.heads.all_pairs(features, chosen.spans, chosen.types, ends)
        legal = legal_types(chosen, *ends, rules)
        return pair_verdict(judged, self.settings.relation_bonus or 0.0, legal)


def create(blueprint: Blueprint, device: torch.device) -> TwoPhase:
    """A new two-phase model, or one that goes on from an earlier one."""
    return create_model(TwoPhase, blueprint, device)


def load(folder: Path, card: Mapping[str, Any], device: torch.device) -> TwoPhase:
    """The two-phase model that `save` wrote."""
    return load_model(TwoPhase, folder, card, device)
