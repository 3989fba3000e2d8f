"""ISER wired together: prepare, loss, predict, save and load."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, cast

import numpy as np
import torch
from torch import Tensor

from extraction.models.common.building import create_model, load_model
from extraction.models.common.decode import PairVerdict, Rules, SpanVerdict, Weighed, class_verdict
from extraction.models.common.drawing import Drawn, draw
from extraction.models.common.encoder import Features
from extraction.models.common.gold import Item
from extraction.models.common.model import unit_counts
from extraction.models.common.span_model import SpanModel
from extraction.models.common.spans import EverySpan, borders_of, to_index
from extraction.models.iser.decode import hard_negatives, worth_reading
from extraction.models.iser.loss import entity_loss, relation_loss
from extraction.models.iser.network import Fused, IserNetwork
from extraction.models.iser.settings import Settings
from extraction.protocol import Blueprint

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float32]]


class Iser(SpanModel[Settings]):
    """Spans with semantic enhancement, over interactively fused representations."""

    name = "iser.v1"
    settings_type: ClassVar[type[Settings]] = Settings
    heads: IserNetwork

    def make_heads(self, width: int) -> IserNetwork:
        """Fusion, SEA and the classifiers."""
        labels = self.labels
        self.heads = IserNetwork(width, len(labels.entities), len(labels.relations), self.settings)
        return self.heads

    def label_rows(self) -> Mapping[str, Sequence[Hashable]]:
        """The rows of the classifiers."""
        entities, relations = ("", *self.labels.entities), self.labels.relations
        rows = {"entity": entities, "auxiliary": entities, "relation": relations}
        return {f"{name}.{part}": one for name, one in rows.items() for part in ("weight", "bias")}

    def features(self, items: Sequence[Item]) -> Fused:
        """The encoder's vectors, and the fused ones beside them."""
        return self.heads.fuse(super().features(items), borders_of(unit_counts(items)))

    def loss(self, items: Sequence[Item], rng: np.random.Generator) -> Tensor:
        """L = L_e + L_r, and the weighted loss of the classifier that sees no context."""
        drawn = draw(items, self.settings, rng)
        read = self.features(items)
        inner = self.heads.inner(read, drawn.spans)
        total = self._entity_terms(read, drawn, inner)
        if len(drawn.heads) and self.labels.relations:
            logits = self.heads.pair_logits(read, drawn.spans, inner, drawn.heads, drawn.tails)
            total = total + relation_loss(logits, torch.from_numpy(drawn.targets).to(logits.device))
        return total

    def judge_spans(self, features: Features, every: EverySpan, rules: Rules) -> SpanVerdict:
        """Softmax over the classes of every span that the prefilter does not refuse."""
        read, heads, s = cast("Fused", features), self.heads, self.settings
        classes = len(self.labels.entities) + 1
        inner = every.gather(heads.all_inner_logits(read, s.widest))
        logits, sieve = inner[:, :classes], inner[:, classes:]
        if s.reads_masked and s.prefilter:
            rows = worth_reading(_chances(sieve, rules), every.spans, s)
            chosen = to_index(rows, logits)
            seen = logits[chosen] + heads.context_logits(read, every.spans.at(rows))
            logits = _refused(logits).index_copy(0, chosen, seen)
        else:
            logits = logits + heads.context_logits(read, every.spans)
        logits[:, 0] -= s.entity_bonus or 0.0  # negatives were drawn, not met
        return class_verdict(logits, rules)

    def judge_relations(
        self, features: Features, chosen: Weighed, ends: tuple[Ints, Ints], rules: Rules
    ) -> PairVerdict:
        """A sigmoid for each relation type, said from the threshold on."""
        logits = self.heads.all_pair_logits(cast("Fused", features), chosen.spans, *ends)
        scores = logits.sigmoid().cpu().numpy()
        return PairVerdict(scores, scores >= self.settings.threshold)

    def _entity_terms(self, read: Fused, drawn: Drawn, inner: Tensor) -> Tensor:
        """The classifier of spans in context, and the one that sorts them before."""
        heads, s, spans = self.heads, self.settings, drawn.spans
        types = to_index(drawn.types, inner)
        if not s.reads_masked:
            return entity_loss(heads.classify(inner, heads.contexts(read, spans)), types)
        sieve = heads.sieve(inner)
        rows = hard_negatives(_chances(sieve), drawn.types, spans, s.sea_negatives or 0)
        chosen = to_index(rows, inner)
        contexts = heads.contexts(read, spans.at(rows))
        if s.other_negatives == "auxiliary":
            main = entity_loss(heads.classify(inner[chosen], contexts), types[chosen])
        else:
            if len(rows) < len(spans):
                contexts = heads.shared_contexts(read, spans).index_copy(0, chosen, contexts)
            main = entity_loss(heads.classify(inner, contexts), types)
        return main + s.auxiliary_weight * entity_loss(sieve, types)


def _chances(logits: Tensor, rules: Rules | None = None) -> Floats:
    """The chance (S,) of being an entity of a type that may be said."""
    seen = logits.detach()
    if rules is not None and not rules.may_type.all():
        seen = seen.masked_fill(to_index(~rules.may_type, seen), float("-inf"))
    chances: Floats = (1 - seen.softmax(dim=1)[:, 0]).cpu().numpy()
    return chances


def _refused(like: Tensor) -> Tensor:
    """Logits (S, C + 1) that leave no doubt about "none"."""
    logits = torch.full_like(like, float("-inf"))
    logits[:, 0] = 0.0
    return logits


def create(blueprint: Blueprint, device: torch.device) -> Iser:
    """A new ISER, or one that goes on from an earlier one."""
    return create_model(Iser, blueprint, device)


def load(folder: Path, card: Mapping[str, Any], device: torch.device) -> Iser:
    """The ISER that `save` wrote."""
    return load_model(Iser, folder, card, device)
