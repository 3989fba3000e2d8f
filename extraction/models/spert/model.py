"""SpERT wired together: prepare, loss, predict, save and load."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from extraction.models.common.building import create_model, load_model
from extraction.models.common.decode import PairVerdict, Rules, SpanVerdict, Weighed, class_verdict
from extraction.models.common.drawing import Drawn, draw
from extraction.models.common.encoder import Features
from extraction.models.common.gold import Item
from extraction.models.common.span_model import SpanModel
from extraction.models.common.spans import EverySpan, to_index
from extraction.models.spert.loss import entity_loss, relation_loss
from extraction.models.spert.network import SpertNetwork
from extraction.models.spert.settings import Settings
from extraction.protocol import Blueprint

Floats = np.ndarray[Any, np.dtype[np.float32]]
Ints = np.ndarray[Any, np.dtype[np.int64]]


class Spert(SpanModel[Settings]):
    """Span-based joint entity and relation extraction (Eberts and Ulges 2020)."""

    name = "spert.v1"
    settings_type: ClassVar[type[Settings]] = Settings
    heads: SpertNetwork

    def make_heads(self, width: int) -> SpertNetwork:
        """Both classifiers."""
        labels = self.labels
        self.heads = SpertNetwork(width, len(labels.entities), len(labels.relations), self.settings)
        return self.heads

    def label_rows(self) -> Mapping[str, Sequence[Hashable]]:
        """The rows of the classifiers."""
        entities, relations = ("", *self.labels.entities), self.labels.relations
        return {
            "entity.weight": entities,
            "entity.bias": entities,
            "relation.weight": relations,
            "relation.bias": relations,
        }

    def loss(self, items: Sequence[Item], rng: np.random.Generator) -> Tensor:
        """L = L_entity + L_relation; a batch without any pair has no relation term."""
        drawn = draw(items, self.settings, rng)
        features = self.features(items)
        logits, pooled = self.heads.span_logits(features, drawn.spans)
        total = entity_loss(logits, to_index(drawn.types, logits))
        if len(drawn.heads) and self.labels.relations:
            total = total + self._relation_term(features, drawn, pooled)
        return total

    def judge_spans(self, features: Features, every: EverySpan, rules: Rules) -> SpanVerdict:
        """Softmax over the classes of every span."""
        borders = every.spans.borders
        unit_sentence = np.repeat(np.arange(len(borders) - 1), np.diff(borders))
        logits = every.gather(self.heads.all_span_logits(features, unit_sentence))
        logits[:, 0] -= self.settings.entity_bonus or 0.0  # negatives were drawn, not met
        logits[:, 0] += torch.from_numpy(self._undrawn(every)).to(logits)
        return class_verdict(logits, rules)

    def _undrawn(self, every: EverySpan) -> Floats:
        """How much likelier "none" is (S,) than training on a few drawn spans had it.

        A class drawn at a rate r has its logit off by log r (King and Zeng 2001, eq. 7). The rate
        is taken to be 1 up to `drawn_times` the spans drawn a sentence.
        """
        sentence = every.spans.sentence
        drawn = (self.settings.drawn_times or 0.0) * (self.settings.negative_entities or 0)
        if not drawn or not len(sentence):
            return np.zeros(len(sentence), dtype=np.float32)
        ratio = np.bincount(sentence) / drawn
        raised: Floats = np.log(np.maximum(ratio, 1.0)).astype(np.float32)[sentence]
        return raised

    def judge_relations(
        self, features: Features, chosen: Weighed, ends: tuple[Ints, Ints], rules: Rules
    ) -> PairVerdict:
        """A sigmoid for each relation type, said from alpha on."""
        logits = self.heads.all_pair_logits(features, chosen.spans, *ends)
        scores = logits.sigmoid().cpu().numpy()
        return PairVerdict(scores, scores >= self.settings.threshold)

    def _relation_term(self, features: Features, drawn: Drawn, pooled: Tensor) -> Tensor:
        logits = self.heads.pair_logits(features, drawn.spans, pooled, drawn.heads, drawn.tails)
        return relation_loss(logits, torch.from_numpy(drawn.targets).to(logits.device))


def create(blueprint: Blueprint, device: torch.device) -> Spert:
    """A new SpERT, or one that goes on from an earlier one."""
    return create_model(Spert, blueprint, device)


def load(folder: Path, card: Mapping[str, Any], device: torch.device) -> Spert:
    """The SpERT that `save` wrote."""
    return load_model(Spert, folder, card, device)
