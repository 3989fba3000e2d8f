"""The pipeline wired together: tags, spans, then the classifier on the spans that were found."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from extraction.models.bio_mtl.encode import Nodes, given_item, tag_names
from extraction.models.bio_mtl.model import settled
from extraction.models.bio_mtl.stage import RelationStage
from extraction.models.common.building import create_model, load_model
from extraction.models.common.crf import packing
from extraction.models.common.decode import (
    Arrows,
    Rules,
    Weighed,
    choose_spans,
    judge_pairs,
    pairs_to_try,
    predictions,
    rules_of,
)
from extraction.models.common.model import PaperModel, unit_counts
from extraction.models.common.spans import borders_of, to_index
from extraction.models.pipeline_bio_mtl.decode import TagSums, weigh_tags
from extraction.models.pipeline_bio_mtl.encode import TaggedItem, tagged_item
from extraction.models.pipeline_bio_mtl.loss import tagging_loss
from extraction.models.pipeline_bio_mtl.network import Tagger
from extraction.models.pipeline_bio_mtl.settings import Settings
from extraction.protocol import Blueprint
from extraction.types import Example, Prediction, Schema

Ints = np.ndarray[Any, np.dtype[np.int64]]


FORBIDDEN = -1e6  # emission of a tag that the schema does not know; finite, so that sums stay sums


class Pipeline(PaperModel[Settings]):
    """BiLSTM-CRF entities, then bio_mtl between them; one encoder and one training."""

    name = "pipeline_bio_mtl.v1"
    settings_type: ClassVar[type[Settings]] = Settings
    stage: RelationStage
    tagger: Tagger

    def make_heads(self, width: int) -> nn.ModuleDict:
        """Tagger and classifier, side by side above the encoder."""
        self.tagger = Tagger(width, len(self.labels.entities), self.settings)
        self.stage = RelationStage.of(width, self.labels, self.settings)
        return nn.ModuleDict({"tagger": self.tagger, "pairs": self.stage.network})

    def label_rows(self) -> Mapping[str, Sequence[Hashable]]:
        """The rows of tags, steps between tags, and classes."""
        tags = tag_names(self.labels)
        return {
            "tagger.emission.weight": tags,
            "tagger.emission.bias": tags,
            "tagger.crf.begin": tags,
            "tagger.crf.end": tags,
            "tagger.crf.transitions": [(one, other) for one in tags for other in tags],
            "pairs.tag.weight": tags,
            "pairs.classes.weight": self.stage.classes.names(self.labels),
        }

    def prepare(self, examples: Sequence[Example]) -> list[TaggedItem]:  # type: ignore[override]  # more is kept
        """Tokenise once, and write the gold entities as tags and as nodes."""
        items = super().prepare(examples)
        return [
            tagged_item(given_item(item, example, self.labels))
            for item, example in zip(items, examples, strict=True)
        ]

    def loss(self, items: Sequence[TaggedItem], rng: np.random.Generator) -> Tensor:  # type: ignore[override]  # ours
        """The tagger's loss and, on gold entities, the classifier's (teacher forcing)."""
        counts = np.asarray(unit_counts(items))
        if not counts.any():
            return self.stage.network.nothing()
        units = self.features(items).units
        packed = packing(counts)
        tags = np.concatenate([item.tags for item in items])[packed.rows]
        likelihood = self.tagger.crf.log_likelihood(
            self.tagger(units, packed), to_index(tags, units), packed
        )
        total = self.settings.entity_weight * tagging_loss(likelihood, len(units)).to(units.dtype)
        joined = self.stage.loss(units, items, rng)
        return total if joined is None else total + joined

    def predict(self, items: Sequence[TaggedItem], schema: Schema | None) -> list[Prediction]:  # type: ignore[override]  # ours
        """Entities, relations and the strongest refused candidates of a batch."""
        rules = rules_of(self.labels, schema or self.schema)
        self.network.eval()
        counts = np.asarray(unit_counts(items))
        if not counts.any():
            return [Prediction() for _ in items]
        with torch.inference_mode():
            units = self.features(items).units
            chosen = choose_spans(self._weighed(units, counts, rules), may_overlap=False)
            arrows = self._arrows(units, counts, chosen, rules)
        lists = [item.tokens.units for item in items]
        return predictions(lists, borders_of(counts.tolist())[:-1], chosen, arrows, self.labels)

    def _weighed(self, units: Tensor, counts: Ints, rules: Rules) -> Weighed:
        packed = packing(counts)
        emissions = self.tagger(units, packed)
        may_tag = np.append(True, np.repeat(rules.may_type[1:], 2))
        emissions = emissions.masked_fill(to_index(~may_tag, emissions), FORBIDDEN)
        crf = self.tagger.crf
        chart = crf.chart(emissions, packed)
        back = np.empty_like(packed.rows)
        back[packed.rows] = np.arange(len(back))
        sums = TagSums(
            alpha=_flat(chart.alpha, back),
            beta=_flat(chart.beta, back),
            emissions=_flat(emissions.double(), back),
            log_z=_flat(chart.log_z, packed.member[back]),
            transitions=crf.scores()[1].double().cpu().numpy(),
            is_last=np.isin(np.arange(len(back)), np.cumsum(counts) - 1),
        )
        return weigh_tags(crf.best(emissions, packed)[back], sums, counts)

    def _arrows(self, units: Tensor, counts: Ints, chosen: Weighed, rules: Rules) -> Arrows | None:
        found = self.stage.judge(units, _nodes(chosen), pairs_to_try(chosen), counts, rules)
        if found is None:
            return None
        (heads, tails), verdict = found
        return judge_pairs(chosen, heads, tails, verdict, rules)


def _flat(packed: Tensor, rows: Ints) -> np.ndarray[Any, np.dtype[np.float64]]:
    found: np.ndarray[Any, np.dtype[np.float64]] = packed.cpu().numpy()[rows]
    return found


def _nodes(chosen: Weighed) -> Nodes:
    """Chosen spans as ends of pairs; only kept ones are shown by their tags."""
    spans = chosen.spans
    begins = spans.borders[spans.sentence]
    return Nodes(
        spans.starts - begins, spans.stops - begins, chosen.types, spans.sentence, chosen.is_kept
    )


def create(blueprint: Blueprint, device: torch.device) -> Pipeline:
    """A new pipeline, or one that goes on from an earlier one."""
    model = create_model(Pipeline, settled(blueprint), device)
    model.stage.meet(blueprint.examples, model.labels)
    return model


def load(folder: Path, card: Mapping[str, Any], device: torch.device) -> Pipeline:
    """The pipeline that `save` wrote."""
    return load_model(Pipeline, folder, card, device)
