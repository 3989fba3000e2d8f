"""Building a paper's model: new under a seed, going on from an earlier one, or read from disk."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from extraction import config
from extraction.catalogue import EncoderSpec
from extraction.data.schema_file import parse_schema
from extraction.data.units import covering_units, cut_units
from extraction.errors import ExtractionError
from extraction.models.common.backbone import (
    FOLDER,
    Backbone,
    grow_vocabulary,
    new_backbone,
    open_backbone,
)
from extraction.models.common.model import HEADS, PaperModel
from extraction.models.common.settings import Facts
from extraction.protocol import Blueprint
from extraction.types import Example

ModelT = TypeVar("ModelT", bound=PaperModel[Any])


def create_model(kind: type[ModelT], blueprint: Blueprint, device: torch.device) -> ModelT:
    """A new model under a seed; with an origin, its encoder and what its heads know."""
    with torch.random.fork_rng():
        torch.manual_seed(blueprint.seed)
        backbone = _backbone_for(blueprint, device)
        widths, has_overlaps = _entity_facts(blueprint.examples)
        settings = config.load(kind.settings_type, blueprint.settings).fitted(
            Facts(
                widths=widths,
                has_overlaps=has_overlaps,
                is_new=isinstance(blueprint.encoder, EncoderSpec),
                is_frozen=blueprint.is_frozen,
                depth=backbone.encoder.depth,
            )
        )
        model = kind(backbone, settings, blueprint.schema, is_frozen=blueprint.is_frozen)
    if blueprint.hide_rare:
        backbone.hide_rare([one.text for one in blueprint.examples], blueprint.hide_rare)
    if blueprint.origin is not None:
        _inherit(model, load_model(kind, blueprint.origin, blueprint.origin_card, device))
    return model


def load_model(
    kind: type[ModelT], folder: Path, card: Mapping[str, Any], device: torch.device
) -> ModelT:
    """The model that `save` wrote, with the encoder's weights and the heads."""
    model = kind(
        open_backbone(folder / FOLDER, device),
        config.load(kind.settings_type, card["settings"]),
        parse_schema(card["schema"]),
    )
    weights = read_weights(folder / HEADS, device)
    _refuse_other_weights(folder / HEADS, weights, model.trained_parts())
    model.network.load_state_dict({**model.network.state_dict(), **weights})
    return model


def read_weights(file: Path, device: torch.device) -> dict[str, Tensor]:
    """The tensors of a safetensors file; one that is gone or is something else is refused."""
    try:
        return load_file(file, device=str(device))
    except (SafetensorError, OSError) as error:
        raise ExtractionError(
            "bad_checkpoint",
            f"{file} cannot be read as safetensors; train again or restore the folder",
            {"checkpoint": str(file.parent)},
        ) from error


def _refuse_other_weights(
    file: Path, found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]
) -> None:
    odd = sorted(
        name
        for name in found.keys() | wanted.keys()
        if name not in found or name not in wanted or not _is_like(found[name], wanted[name])
    )
    if odd:
        raise ExtractionError(
            "bad_checkpoint",
            f"{file} does not hold this model's weights (missing, unknown, of another size or kind:"
            f" {', '.join(odd[:5])}); train again or restore the folder",
            {"checkpoint": str(file.parent), "tensors": odd},
        )


def _is_like(found: Tensor, wanted: Tensor) -> bool:
    is_same_kind = found.is_floating_point() == wanted.is_floating_point()
    return found.shape == wanted.shape and is_same_kind


def _backbone_for(blueprint: Blueprint, device: torch.device) -> Backbone:
    """The encoder, new or opened; one of ours that may learn gets what is new in the texts."""
    texts = [example.text for example in blueprint.examples]
    if blueprint.origin is not None:
        backbone = open_backbone(blueprint.origin / FOLDER, device)
    elif isinstance(blueprint.encoder, EncoderSpec):
        return new_backbone(blueprint.encoder, texts, device)
    else:
        backbone = open_backbone(blueprint.encoder, device)
    return backbone if blueprint.is_frozen else grow_vocabulary(backbone, texts)


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


def _inherit(model: PaperModel[Any], origin: PaperModel[Any]) -> None:
    """Copy what the origin knows beside its encoder, as far as both are of one shape.

    Rows that belong to labels follow the names of the labels.
    """
    new_rows, old_rows = model.label_rows(), origin.label_rows()
    known = dict(origin.network["heads"].named_parameters())
    with torch.no_grad():
        if model.adapter is not None and origin.adapter is not None:
            _copy_if_alike(model.adapter, origin.adapter)
        for name, parameter in model.network["heads"].named_parameters():
            if name not in known:
                continue
            if name in new_rows and name in old_rows:
                _copy_rows(parameter, known[name], new_rows[name], old_rows[name])
            elif parameter.shape == known[name].shape:
                parameter.copy_(known[name])


def _copy_if_alike(new: nn.Module, old: nn.Module) -> None:
    weights, known = new.state_dict(), old.state_dict()
    if all(weights[name].shape == known[name].shape for name in weights):
        new.load_state_dict(known)


def _copy_rows(
    new: Tensor, old: Tensor, labels: Sequence[Hashable], old_labels: Sequence[Hashable]
) -> None:
    if new.shape[1:] != old.shape[1:]:
        return
    row_of = {label: row for row, label in enumerate(old_labels)}
    for row, label in enumerate(labels):
        if label in row_of:
            new[row] = old[row_of[label]]
