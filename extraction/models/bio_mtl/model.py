"""The classifier wired together: given entities in, relations between them out."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from extraction.models.bio_mtl.decode import as_given, given_predictions
from extraction.models.bio_mtl.encode import (
    GivenItem,
    Nodes,
    given_item,
    given_pairs,
    language_of,
    nodes_of,
    tag_names,
)
from extraction.models.bio_mtl.network import BioMtlNetwork
from extraction.models.bio_mtl.settings import Settings
from extraction.models.bio_mtl.stage import RelationStage
from extraction.models.common.building import create_model, load_model
from extraction.models.common.decode import Arrows, Rules, Weighed, judge_pairs, rules_of
from extraction.models.common.model import PaperModel, unit_counts
from extraction.models.common.spans import Spans, borders_of
from extraction.protocol import Blueprint
from extraction.types import Example, Prediction, Schema

Ints = np.ndarray[Any, np.dtype[np.int64]]


class BioMtl(PaperModel[Settings]):
    """CNN over words, positions and BIO tags, with relation identification beside it."""

    name = "bio_mtl.v1"
    settings_type: ClassVar[type[Settings]] = Settings
    stage: RelationStage

    def make_heads(self, width: int) -> BioMtlNetwork:
        """The whole figure above the word vectors."""
        self.stage = RelationStage.of(width, self.labels, self.settings)
        return self.stage.network

    def label_rows(self) -> Mapping[str, Sequence[Hashable]]:
        """The rows of tags and classes."""
        return {
            "tag.weight": tag_names(self.labels),
            "classes.weight": self.stage.classes.names(self.labels),
        }

    def prepare(self, examples: Sequence[Example]) -> list[GivenItem]:  # type: ignore[override]  # more is kept
        """Tokenise once, and keep the entities as they were given."""
        items = super().prepare(examples)
        return [
            given_item(item, example, self.labels)
            for item, example in zip(items, examples, strict=True)
        ]

    def loss(self, items: Sequence[GivenItem], rng: np.random.Generator) -> Tensor:  # type: ignore[override]  # ours
        """Equation 8; sentences without a pair are not even read."""
        joined = [items[place] for place in self.stage.may_join(items)]
        found = self.stage.loss(self.features(joined).units, joined, rng) if joined else None
        return self.stage.network.nothing() if found is None else found

    def predict(self, items: Sequence[GivenItem], schema: Schema | None) -> list[Prediction]:  # type: ignore[override]  # ours
        """The entities as given, relations between them, and refused ones."""
        rules = rules_of(self.labels, schema or self.schema)
        self.network.eval()
        said = [Prediction(as_given(item)) for item in items]
        places = self.stage.may_join(items)
        joined = [items[place] for place in places]
        if not joined:
            return said
        nodes = nodes_of(joined)
        arrows = self._arrows(joined, nodes, rules)
        found = given_predictions(joined, arrows, nodes.sentence, self.labels.relations)
        for place, one in zip(places, found, strict=True):
            said[place] = one
        return said

    def _arrows(self, items: Sequence[GivenItem], nodes: Nodes, rules: Rules) -> Arrows | None:
        counts = np.asarray(unit_counts(items))
        with torch.inference_mode():
            units = self.features(items).units
            found = self.stage.judge(units, nodes, given_pairs(nodes), counts, rules)
        if found is None:
            return None
        (heads, tails), verdict = found
        return judge_pairs(granted(nodes, counts), heads, tails, verdict, rules)


def granted(nodes: Nodes, counts: Ints) -> Weighed:
    """Given entities as a choice of spans that are surely right."""
    borders = borders_of(counts.tolist())
    begins = borders[nodes.sentence]
    return Weighed(
        Spans(begins + nodes.starts, begins + nodes.stops, nodes.sentence, borders),
        nodes.types,
        np.ones(len(begins), dtype=np.float32),
        np.ones(len(begins), dtype=bool),
    )


def settled(blueprint: Blueprint) -> Blueprint:
    """The blueprint with the language that its sentences are in, unless one was chosen."""
    if blueprint.settings.get("language", "auto") != "auto":
        return blueprint
    language = language_of(blueprint.examples)
    return replace(blueprint, settings={**blueprint.settings, "language": language})


def create(blueprint: Blueprint, device: torch.device) -> BioMtl:
    """A new classifier, or one that goes on from an earlier one."""
    model = create_model(BioMtl, settled(blueprint), device)
    model.stage.meet(blueprint.examples, model.labels)
    return model


def load(folder: Path, card: Mapping[str, Any], device: torch.device) -> BioMtl:
    """The classifier that `save` wrote."""
    return load_model(BioMtl, folder, card, device)
