"""SpERT.MT wired together: prepare, loss, predict, save and load."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from extraction.models.common.building import create_model, load_model
from extraction.models.common.decode import (
    PairVerdict,
    Rules,
    SpanVerdict,
    Weighed,
    class_verdict,
    legal_types,
)
from extraction.models.common.drawing import Drawn, draw
from extraction.models.common.encoder import Features
from extraction.models.common.gold import Item
from extraction.models.common.span_model import SpanModel
from extraction.models.common.span_parts import flags, unit_sentences
from extraction.models.common.spans import EverySpan, to_index
from extraction.models.spert_mt.decode import Scale, pair_verdict, span_verdict
from extraction.models.spert_mt.loss import (
    Weights,
    identification_losses,
    identification_weights,
    one_step_entity_loss,
    one_step_relation_loss,
    overlap_with_gold,
    ranking_losses,
    stage_loss,
)
from extraction.models.spert_mt.network import Judged, SpertMtNetwork
from extraction.models.spert_mt.settings import Settings
from extraction.protocol import Blueprint

Ints = np.ndarray[Any, np.dtype[np.int64]]


class SpertMt(SpanModel[Settings]):
    """SpERT with multi-task learning, IoU weights and entity logits (Lu and Xue 2023)."""

    name = "spert_mt.v1"
    settings_type: ClassVar[type[Settings]] = Settings
    heads: SpertMtNetwork

    def make_heads(self, width: int) -> SpertMtNetwork:
        """Both stages."""
        labels = self.labels
        self.heads = SpertMtNetwork(
            width, len(labels.entities), len(labels.relations), self.settings
        )
        return self.heads

    def label_rows(self) -> Mapping[str, Sequence[Hashable]]:
        """The rows of the class scores, and who sees what of the entity stage."""
        none = () if self.settings.entity_mtl else ("",)
        entities, relations = (*none, *self.labels.entities), self.labels.relations
        shown = (*self.labels.entities, *([""] if self.heads.sees_identification else []))
        outputs = (*([""] if self.settings.relation_mtl else []), *relations)
        return {
            "entity.classes.weight": entities,
            "entity.classes.bias": entities,
            "relation.classes.weight": relations,
            "relation.classes.bias": relations,
            "views.numbers.weight": list(product(("head", "tail"), shown, outputs)),
        }

    def loss(self, items: Sequence[Item], rng: np.random.Generator) -> Tensor:
        """L = L1 + L2 (Eq. 17); a batch without any pair has no relation stage."""
        drawn = draw(items, self.settings, rng)
        features = self.features(items)
        judged, pooled = self.heads.judge_spans(features, drawn.spans)
        total = self.entity_term(judged, drawn)
        if len(drawn.heads) and self.labels.relations:
            p = self.heads.shown_logits(judged)
            ends = (drawn.heads, drawn.tails)
            pairs = self.heads.judge_pairs(features, drawn.spans, pooled, p, ends)
            total = total + self.relation_term(pairs, drawn)
        return total

    def entity_term(self, judged: Judged, drawn: Drawn) -> Tensor:
        """L1: of the drawn spans (Eq. 10, 13)."""
        types = to_index(drawn.types, judged.scores)
        if judged.identification is None:
            return one_step_entity_loss(judged.scores, types)
        is_gold = drawn.types > 0
        classes = torch.arange(1, judged.scores.shape[1] + 1, device=types.device)
        return stage_loss(
            identification_losses(judged.identification, flags(is_gold, types)),
            ranking_losses(judged.scores, types.unsqueeze(1) == classes, Weights.of(self.settings)),
            Weights.of(self.settings),
            self._sample_weights(drawn, judged.scores),
        )

    def relation_term(self, judged: Judged, drawn: Drawn) -> Tensor:
        """L2: of the drawn pairs (Eq. 10)."""
        targets = torch.from_numpy(drawn.targets).to(judged.scores.device)
        if judged.identification is None:
            return one_step_relation_loss(judged.scores, targets)
        classes = np.arange(targets.shape[1])
        is_right = (
            targets > 0
            if self.settings.multi_label
            else flags(drawn.first[:, None] == classes, targets)
        )
        term = stage_loss(
            identification_losses(judged.identification, flags(drawn.has_relation, targets)),
            ranking_losses(judged.scores, is_right, Weights.of(self.settings)),
            Weights.of(self.settings),
        )
        return self.settings.relation_share * term

    def judge_spans(self, features: Features, every: EverySpan, rules: Rules) -> SpanVerdict:
        """The class scores of every span against theta."""
        owner = unit_sentences(every.spans.borders)
        scores = every.gather(self.heads.all_span_scores(features, owner))
        if self.settings.entity_mtl:
            scale = Scale.of(self.settings, self.settings.entity_threshold)
            return span_verdict(scores, scale, rules)
        scores[:, 0] -= self.settings.entity_bonus or 0.0  # negatives were drawn, not met
        return class_verdict(scores, rules)

    def judge_relations(
        self, features: Features, chosen: Weighed, ends: tuple[Ints, Ints], rules: Rules
    ) -> PairVerdict:
        """The class scores of every pair against theta."""
        scores = self.heads.all_pair_scores(features, chosen.spans, ends)
        if not self.settings.relation_mtl:
            chance = scores.sigmoid().cpu().numpy()
            return PairVerdict(chance, chance >= (self.settings.score_threshold or 0.0))
        scale = Scale.of(self.settings, self.settings.relation_threshold)
        legal = legal_types(chosen, *ends, rules)
        return pair_verdict(
            scores.cpu().numpy(), legal, scale, is_multi_label=self.settings.multi_label
        )

    def _sample_weights(self, drawn: Drawn, like: Tensor) -> Tensor | None:
        """Eq. 13's weights of the drawn spans, or none for Eq. 4."""
        if not self.settings.iou_loss:
            return None
        is_gold = drawn.types > 0
        overlap = overlap_with_gold(drawn.spans, is_gold)
        weights = identification_weights(is_gold, overlap, self.settings.delta)
        return torch.from_numpy(weights).to(like.device)


def create(blueprint: Blueprint, device: torch.device) -> SpertMt:
    """A new SpERT.MT, or one that goes on from an earlier one."""
    return create_model(SpertMt, blueprint, device)


def load(folder: Path, card: Mapping[str, Any], device: torch.device) -> SpertMt:
    """The SpERT.MT that `save` wrote."""
    return load_model(SpertMt, folder, card, device)
