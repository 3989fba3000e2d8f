"""OneRel wired together: prepare, loss, predict, save and load."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
import torch
from torch import Tensor

from extraction.data.tokens import Tokens
from extraction.models.common.building import create_model, load_model
from extraction.models.common.decode import (
    Arrows,
    Rules,
    Weighed,
    choose_spans,
    predictions,
    rules_of,
)
from extraction.models.common.gold import Item
from extraction.models.common.model import PaperModel, unit_counts
from extraction.models.common.spans import borders_of, to_index
from extraction.models.common.table import Layout, scored_at
from extraction.models.common.table_loss import Part
from extraction.models.common.table_places import PLACES, Places, placed
from extraction.models.onerel.decode import Reading, Way, read_entities, read_pairs, read_triples
from extraction.models.onerel.encode import (
    crossings,
    entity_ends,
    entity_marks,
    layout_of,
    relation_marks,
)
from extraction.models.onerel.loss import tagging_loss, type_loss
from extraction.models.onerel.network import TAGS, OneRelNetwork
from extraction.models.onerel.settings import Settings
from extraction.protocol import Blueprint
from extraction.types import Prediction, Schema

Ints = np.ndarray[Any, np.dtype[np.int64]]

SettingsT = TypeVar("SettingsT", bound=Settings)


class HornsTagger(PaperModel[SettingsT]):
    """Triples read from one table of tagged pairs a relation type (Shang et al. 2022)."""

    heads: OneRelNetwork

    @property
    def places(self) -> Places:
        """Which places of the table are begins and ends."""
        return PLACES[self.settings.ends]

    def make_heads(self, width: int) -> OneRelNetwork:
        """The scorer of pairs."""
        labels = self.labels
        self.heads = OneRelNetwork(
            width, len(labels.entities), len(labels.relations), self.settings
        )
        return self.heads

    def label_rows(self) -> Mapping[str, Sequence[Hashable]]:
        """The rows of both scorers."""
        tags = [(name, tag) for name in self.labels.relations for tag in range(TAGS)]
        types = ("", *self.labels.entities)
        return {
            "relation.weight": tags,
            "relation.bias": tags,
            "entity.weight": types,
            "entity.bias": types,
        }

    def reading(self, item: Item) -> Tokens:
        """A sentence with one unit for each place of its table."""
        return placed(item.tokens, self.settings.ends, self.backbone.tokeniser)

    def loss(self, items: Sequence[Item], rng: np.random.Generator) -> Tensor:
        """The table's cross-entropy; without an entity slice the types' beside it."""
        layout = layout_of(items, self.places)
        h = self.features(items).units
        parts = []
        scorer = self.heads.relation_scorer()
        if self.labels.relations:
            parts.append(self.relation_part(items, layout, rng))
        if self.settings.entities == "table":
            parts.append(self._entity_part(items, layout))
            scorer = _joined(scorer, self.heads.entity_scorer())
        rate = self.heads.cell_rate if self.network.training else 0.0
        total = tagging_loss(self.heads.factors(h, layout.borders), scorer, layout, parts, rate)
        if self.settings.entities == "triples":
            total = total + self._type_term(items, layout, h.detach())
        return total

    def relation_part(
        self, items: Sequence[Item], layout: Layout, rng: np.random.Generator
    ) -> Part:
        """The relations' slices, all of them for every sentence."""
        weight = self.settings.corner_weight or 1.0
        return Part(
            tags=TAGS - 1,
            slices=len(self.labels.relations),
            marks=relation_marks(items, layout, self.places),
            heavy=crossings(items, layout, self.places) if weight != 1.0 else None,
            weight=weight,
        )

    def predict(self, items: Sequence[Item], schema: Schema | None) -> list[Prediction]:
        """Entities, triples and the strongest refused candidates of a batch."""
        rules = rules_of(self.labels, schema or self.schema)
        self.network.eval()
        borders = borders_of(unit_counts(items))
        with torch.inference_mode():
            chosen, arrows = self._read(self._table(items, borders), rules)
        units = [item.tokens.units for item in items]
        return predictions(units, borders[:-1], chosen, arrows, self.labels)

    def _read(self, table: Reading, rules: Rules) -> tuple[Weighed, Arrows | None]:
        chosen = self.settings
        may_overlap = chosen.overlaps != "drop"
        has_slice = chosen.entities == "table"
        if not self.labels.relations or chosen.decoder == "pairs":
            found = choose_spans(read_entities(table, rules), may_overlap=may_overlap)
            if not self.labels.relations:
                return found, None
            return found, read_pairs(table, found, rules, chosen.threshold)
        way = Way(chosen.decoder == "reference", has_slice, may_overlap)
        return read_triples(table, rules, way)

    def _table(self, items: Sequence[Item], unit_borders: Ints) -> Reading:
        layout = layout_of(items, self.places)
        weight, bias = self.heads.relation_scorer()
        types, type_bias = self.heads.entity_scorer()
        return Reading(
            factors=self.heads.factors(self.features(items).units, layout.borders),
            layout=layout,
            places=self.places,
            unit_borders=unit_borders,
            relation=(weight, bias + self.settings.relation_bonus),
            entity=(types, type_bias + (self.settings.entity_bonus or 0.0)),
        )

    def _entity_part(self, items: Sequence[Item], layout: Layout) -> Part:
        marks = entity_marks(items, layout, self.places)
        weight = self.settings.entity_weight or 1.0
        return Part(
            tags=len(self.labels.entities),
            slices=1,
            marks=marks,
            heavy=marks.cells if weight != 1.0 else None,
            weight=weight,
            diagonal=self.places.diagonal,
        )

    def _type_term(self, items: Sequence[Item], layout: Layout, h: Tensor) -> Tensor:
        """Teach the types without touching what the paper's table learns."""
        ends = entity_ends(items, layout, self.places)
        weight, bias = self.heads.entity_scorer()
        if not len(ends.begins):
            return bias.sum() * 0.0
        with torch.no_grad():
            factors = self.heads.factors(h, layout.borders)
        types = np.concatenate([item.gold.types for item in items]) - 1
        scores = scored_at(factors, ends.begins, ends.ends, weight, bias)
        return type_loss(scores, to_index(types, h))


def _joined(first: tuple[Tensor, Tensor], second: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    return torch.cat((first[0], second[0])), torch.cat((first[1], second[1]))


class OneRel(HornsTagger[Settings]):
    """OneRel: every sentence is judged by the slices of all relation types."""

    name = "onerel.v1"
    settings_type: ClassVar[type[Settings]] = Settings


def create(blueprint: Blueprint, device: torch.device) -> OneRel:
    """A new OneRel, or one that goes on from an earlier one."""
    return create_model(OneRel, blueprint, device)


def load(folder: Path, card: Mapping[str, Any], device: torch.device) -> OneRel:
    """The OneRel that `save` wrote."""
    return load_model(OneRel, folder, card, device)
