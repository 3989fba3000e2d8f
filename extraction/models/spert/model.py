"""SpERT wired together: prepare, loss, predict, save and load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from extraction import config
from extraction.catalogue import EncoderSpec
from extraction.data.encoders import is_chars_tokenizer
from extraction.data.schema_file import parse_schema, schema_record
from extraction.data.units import covering_units, cut_units
from extraction.errors import ExtractionError
from extraction.models.common.backbone import (
    FOLDER,
    Backbone,
    grow_vocabulary,
    joined,
    new_backbone,
    open_backbone,
)
from extraction.models.common.encoder import Features
from extraction.models.common.spans import to_index
from extraction.models.spert.decode import (
    FLOOR,
    Arrows,
    Rules,
    Weighed,
    choose_spans,
    judge_pairs,
    pairs_to_try,
    predictions,
    rules_of,
)
from extraction.models.spert.encode import Drawn, Item, Labels, draw, gold_of
from extraction.models.spert.loss import entity_loss, relation_loss
from extraction.models.spert.network import Spans, SpertNetwork, borders_of
from extraction.models.spert.settings import Settings
from extraction.protocol import Blueprint
from extraction.types import Example, Prediction, Schema

Ints = np.ndarray[Any, np.dtype[np.int64]]

NAME = "spert.v1"
HEADS = "heads.safetensors"


class Spert:
    """Span-based joint entity and relation extraction (Eberts and Ulges 2020)."""

    def __init__(
        self, backbone: Backbone, settings: Settings, schema: Schema, *, is_frozen: bool = False
    ) -> None:
        self.backbone = backbone
        self.settings = settings
        self.schema = schema
        self.labels = Labels.of(schema)
        self.is_frozen = is_frozen
        self.heads = SpertNetwork(
            backbone.encoder.width, len(self.labels.entities), len(self.labels.relations), settings
        ).to(backbone.device)
        self.network = nn.ModuleDict({"encoder": backbone.encoder, "heads": self.heads})
        backbone.encoder.requires_grad_(not is_frozen)

    def prepare(self, examples: Sequence[Example]) -> list[Item]:
        """Tokenise once; with a frozen encoder read every sentence once, too."""
        tokens = self.backbone.tokeniser.encode([example.text for example in examples])
        items = [
            Item(one, gold_of(example, one.units, self.labels))
            for example, one in zip(examples, tokens, strict=True)
        ]
        if not self.is_frozen:
            return items
        kept = self.backbone.keep_features(tokens)
        return [replace(item, features=one) for item, one in zip(items, kept, strict=True)]

    def loss(self, items: Sequence[Item], rng: np.random.Generator) -> Tensor:
        """L = L_entity + L_relation; a batch without any pair has no relation term."""
        drawn = draw(items, self.settings, rng)
        features = self._features(items)
        device = features.units.device
        logits, pooled = self.heads.span_logits(features, drawn.spans)
        total = entity_loss(logits, to_index(drawn.types, logits))
        if len(drawn.heads) and self.labels.relations:
            total = total + self._relation_term(features, drawn, pooled, device)
        return total

    def predict(self, items: Sequence[Item], schema: Schema | None) -> list[Prediction]:
        """Entities, relations and the strongest refused candidates of a batch."""
        rules = rules_of(self.labels, schema or self.schema)
        self.network.eval()
        with torch.inference_mode():
            features = self._features(items)
            counts = [len(item.tokens.units) for item in items]
            weighed = self._weigh(features, counts, rules)
            chosen = choose_spans(weighed, may_overlap=self.settings.overlaps != "drop")
            arrows = self._judge(features, chosen, rules)
        first_unit = np.cumsum([0, *counts[:-1]], dtype=np.int64)
        units = [item.tokens.units for item in items]
        return predictions(units, first_unit, chosen, arrows, self.labels)

    def card(self) -> dict[str, Any]:
        """Everything but the weights."""
        return {
            "model": NAME,
            "settings": config.dump(self.settings),
            "schema": schema_record(self.schema),
        }

    def save(self, folder: Path) -> None:
        """Write the encoder's folder and the heads."""
        self.backbone.save(folder)
        save_file(
            {name: one.contiguous().cpu() for name, one in self.heads.state_dict().items()},
            folder / HEADS,
        )

    def _features(self, items: Sequence[Item]) -> Features:
        kept = [item.features for item in items if item.features is not None]
        if len(kept) == len(items):
            return joined(kept)
        features: Features = self.backbone.encoder(
            self.backbone.batch([item.tokens for item in items])
        )
        return features

    def _relation_term(
        self, features: Features, drawn: Drawn, pooled: Tensor, device: torch.device
    ) -> Tensor:
        logits = self.heads.pair_logits(features, drawn.spans, pooled, drawn.heads, drawn.tails)
        return relation_loss(logits, torch.from_numpy(drawn.targets).to(device))

    def _weigh(self, features: Features, counts: Sequence[int], rules: Rules) -> Weighed:
        """Classify all spans of the batch and keep those worth a look."""
        sentence = np.repeat(np.arange(len(counts)), counts)
        borders = borders_of(counts)
        end_of = borders[sentence + 1]
        by_width = list(self.heads.all_span_logits(features, sentence)) if len(sentence) else []
        starts = [
            np.flatnonzero(np.arange(len(p)) + w <= end_of[: len(p)])
            for w, p in enumerate(by_width, start=1)
        ]
        widths = np.repeat(np.arange(1, len(starts) + 1), [len(one) for one in starts])
        if not len(widths):
            empty = np.zeros(0, dtype=np.int64)
            return Weighed(
                Spans(empty, empty, empty, borders), empty, empty.astype("f4"), empty > 0
            )
        inside = [p[to_index(one, p)] for p, one in zip(by_width, starts, strict=True)]
        none, best, types = _class_chances(self._raised(torch.cat(inside)), rules)
        is_kept = best > none
        rows = np.flatnonzero(is_kept | (1 - none >= FLOOR))
        start = np.concatenate(starts)[rows]
        return Weighed(
            Spans(start, start + widths[rows], sentence[start], borders),
            types[rows],
            np.where(is_kept, best, 1 - none)[rows],
            is_kept[rows],
        )

    def _raised(self, logits: Tensor) -> Tensor:
        """Make up for the negatives that were drawn rather than met."""
        logits[:, 0] -= self.settings.entity_bonus or 0.0
        return logits

    def _judge(self, features: Features, chosen: Weighed, rules: Rules) -> Arrows | None:
        """Score the pairs of what was chosen, both ways round."""
        pairs = pairs_to_try(chosen) if self.labels.relations else None
        if pairs is None or not len(pairs):
            return None
        forth, back = self.heads.all_pair_logits(features, chosen.spans, pairs)
        scores = torch.cat((forth, back)).sigmoid().cpu().numpy()
        heads = np.concatenate((pairs.first, pairs.second))
        tails = np.concatenate((pairs.second, pairs.first))
        return judge_pairs(chosen, heads, tails, scores, rules, self.settings.threshold)


def _class_chances(logits: Tensor, rules: Rules) -> tuple[Any, Any, Any]:
    """For each span p(none), the best real class's p, and that class."""
    if not rules.may_type.all():
        logits = logits.masked_fill(to_index(~rules.may_type, logits), float("-inf"))
    chances = logits.softmax(dim=1)
    best, types = chances[:, 1:].max(dim=1)
    return chances[:, 0].cpu().numpy(), best.cpu().numpy(), types.cpu().numpy() + 1


def create(blueprint: Blueprint, device: torch.device) -> Spert:
    """A new model under a seed; with an origin, its encoder and what its heads know."""
    with torch.random.fork_rng():
        torch.manual_seed(blueprint.seed)
        backbone = _backbone_for(blueprint, device)
        widths, has_overlaps = _entity_facts(blueprint.examples)
        settings = config.load(Settings, blueprint.settings).fitted(
            widths,
            is_new=isinstance(blueprint.encoder, EncoderSpec),
            has_overlaps=has_overlaps,
        )
        model = Spert(backbone, settings, blueprint.schema, is_frozen=blueprint.is_frozen)
    if blueprint.hide_rare:
        backbone.hide_rare([one.text for one in blueprint.examples], blueprint.hide_rare)
    if blueprint.origin is not None:
        _inherit(model, load(blueprint.origin, blueprint.origin_card, device))
    return model


def load(folder: Path, card: Mapping[str, Any], device: torch.device) -> Spert:
    """The model that `save` wrote, with the encoder's weights and the heads."""
    model = Spert(
        open_backbone(folder / FOLDER, device),
        config.load(Settings, card["settings"]),
        parse_schema(card["schema"]),
    )
    model.heads.load_state_dict(load_file(folder / HEADS, device=str(device)))
    return model


def _backbone_for(blueprint: Blueprint, device: torch.device) -> Backbone:
    texts = [example.text for example in blueprint.examples]
    if blueprint.origin is not None:
        backbone = open_backbone(blueprint.origin / FOLDER, device)
        is_chars = is_chars_tokenizer(backbone.tokeniser.tokenizer)
        return grow_vocabulary(backbone, texts) if is_chars else backbone
    if isinstance(blueprint.encoder, EncoderSpec):
        return new_backbone(blueprint.encoder, texts, device)
    return open_backbone(blueprint.encoder, device)


def _entity_facts(examples: Sequence[Example]) -> tuple[list[int], bool]:
    """The widths of all gold entities in units, and whether any two of them overlap."""
    widths: list[int] = []
    has_overlaps = False
    for example in examples:
        units = cut_units(example.text) if example.graph.entities else []
        covered = [covering_units(units, one.start, one.end) for one in example.graph.entities]
        spans = sorted({span for span in covered if span is not None})
        widths += [stop - start for start, stop in spans]
        has_overlaps |= any(left[1] > right[0] for left, right in pairwise(spans))
    return widths, has_overlaps


def _inherit(model: Spert, origin: Spert) -> None:
    """Copy what the origin's heads know about the types that both models name."""
    new, old = model.heads, origin.heads
    if new.entity.in_features != old.entity.in_features:
        raise ExtractionError(
            "init_mismatch",
            "The model to begin from has another width_size or encoder size;"
            " leave --init-from out or use the same settings",
        )
    with torch.no_grad():
        new.width.weight.copy_(old.width.weight)
        _copy_rows(
            new.entity, old.entity, ("", *model.labels.entities), ("", *origin.labels.entities)
        )
        if new.relation is not None and old.relation is not None:
            _copy_rows(new.relation, old.relation, model.labels.relations, origin.labels.relations)


def _copy_rows(
    new: nn.Linear, old: nn.Linear, names: Sequence[str], old_names: Sequence[str]
) -> None:
    row_of = {name: row for row, name in enumerate(old_names)}
    for row, name in enumerate(names):
        if name in row_of:
            new.weight[row] = old.weight[row_of[name]]
            new.bias[row] = old.bias[row_of[name]]
