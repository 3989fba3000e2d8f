"""NRS-OneRel wired together: OneRel whose loss leaves out relation types that do not occur."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from extraction.models.common.building import create_model, load_model
from extraction.models.common.gold import Item
from extraction.models.common.table import Layout
from extraction.models.common.table_loss import Part
from extraction.models.nrs_onerel.encode import (
    Weights,
    drawn_relations,
    frequencies,
    positives,
    scale_to_all,
)
from extraction.models.nrs_onerel.settings import Settings
from extraction.models.onerel.model import HornsTagger
from extraction.protocol import Blueprint
from extraction.types import Example


class NrsOneRel(HornsTagger[Settings]):
    """OneRel with negative relation sampling; it predicts with all relation types."""

    name = "nrs_onerel.v1"
    settings_type: ClassVar[type[Settings]] = Settings
    weights: Weights | None = None  # (K,) how readily each type is drawn, None for alike

    def relation_part(
        self, items: Sequence[Item], layout: Layout, rng: np.random.Generator
    ) -> Part:
        """The slices of the types that occur, and of some that do not."""
        part = super().relation_part(items, layout, rng)
        chosen = self.settings
        if chosen.relations_drawn is None:
            return part
        weights = np.ones(part.slices) if self.weights is None else self.weights
        scope = chosen.nrs_scope
        drawn = drawn_relations(positives(items), chosen.relations_drawn, scope, weights, rng)
        if drawn.all():
            return part
        scale = scale_to_all(drawn, scope) if chosen.loss_scale == "mean_times_k" else None
        return replace(part, chosen=drawn, scale=scale)

    def weigh_types(self, examples: Sequence[Example]) -> None:
        """Let types be drawn the more often the more of these sentences they occur in."""
        names = self.labels.relations
        said = [{relation.type for relation in one.graph.relations} for one in examples]
        self.weights = frequencies(np.asarray([[name in one for name in names] for one in said]))


def create(blueprint: Blueprint, device: torch.device) -> NrsOneRel:
    """A new NRS-OneRel, or one that goes on from an earlier one."""
    model = create_model(NrsOneRel, blueprint, device)
    if model.settings.negatives_by == "frequency" and model.labels.relations:
        model.weigh_types(blueprint.examples)
    return model


def load(folder: Path, card: Mapping[str, Any], device: torch.device) -> NrsOneRel:
    """The NRS-OneRel that `save` wrote."""
    return load_model(NrsOneRel, folder, card, device)
