"""The table of what can be chosen: models by versioned name, built-in encoders, settings.

Nothing registers itself: a model joins by a row here. The module is named, not imported, so
that the web process can read this table without torch. The settings of a row are those of
the dataclasses in `<module's folder>/settings.py` and `training/settings.py`; a test keeps
them equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from extraction.errors import ExtractionError


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model of the catalogue; `settings` is a JSON schema for a form."""

    name: str
    title: str
    paper: str
    module: str
    nested: bool  # can say entities inside entities
    directed: bool  # can tell head from tail
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """A built-in encoder: a character transformer trained from scratch, no download."""

    name: str
    title: str
    layers: int
    width: int
    heads: int


def _setting(kind: str | list[str], default: Any, help_text: str, **limits: Any) -> dict[str, Any]:
    return {"type": kind, "default": default, "description": help_text, **limits}


TRAINING_SETTINGS: Mapping[str, Any] = {
    "epochs": _setting(
        ["integer", "null"],
        None,
        "Passes over the training sentences; empty: chosen by speed and encoder",
        minimum=1,
        maximum=1000,
    ),
    "learning_rate": _setting(
        ["number", "null"],
        None,
        "Peak of the learning rate; empty: chosen by speed and encoder",
        minimum=1e-8,
        maximum=1.0,
    ),
    "batch_tokens": _setting(
        ["integer", "null"],
        None,
        "Tokens in a batch, padding included; empty: chosen by speed and encoder",
        minimum=16,
        maximum=65536,
    ),
    "warmup": _setting(
        "number", 0.1, "Share of the steps in which the rate rises", minimum=0.0, maximum=0.9
    ),
    "weight_decay": _setting("number", 0.01, "AdamW's weight decay", minimum=0.0, maximum=1.0),
    "clip": _setting(
        "number", 1.0, "Longest gradient that is not shortened", minimum=0.001, maximum=1000.0
    ),
    "hide_rare": _setting(
        ["number", "null"],
        None,
        "A piece seen n times is hidden in training with chance h / (h + n), so that unknown"
        " ones mean something; empty: chosen by encoder",
        minimum=0.0,
        maximum=100.0,
    ),
    "dev_checks": _setting(
        "integer", 4, "How often the dev set is looked at while training", minimum=0, maximum=1000
    ),
}

SPERT_SETTINGS: Mapping[str, Any] = {
    "max_span": _setting(
        ["integer", "null"],
        None,
        "Widest entity in units (W); empty: wide enough for 99.5 % of the training entities",
        minimum=1,
        maximum=99,
    ),
    "width_size": _setting("integer", 25, "Size of the width embedding", minimum=1, maximum=512),
    "dropout": _setting("number", 0.1, "Dropout before both classifiers", minimum=0.0, maximum=0.9),
    "negative_entities": _setting(
        ["integer", "null"],
        None,
        "Spans that are no entity, drawn a sentence (N_e; paper: 100); empty: chosen by encoder",
        minimum=0,
        maximum=10000,
    ),
    "near_negatives": _setting(
        ["integer", "null"],
        None,
        "More such spans for each entity, drawn among those that overlap it (paper: 0);"
        " empty: chosen by encoder",
        minimum=0,
        maximum=1000,
    ),
    "negative_relations": _setting(
        "integer", 100, "Pairs without relation, drawn a sentence (N_r)", minimum=0, maximum=10000
    ),
    "entity_bonus": _setting(
        ["number", "null"],
        None,
        'Taken from the logit of "none" when predicting (paper: 0); empty: chosen by encoder',
        minimum=-20.0,
        maximum=20.0,
    ),
    "relation_threshold": _setting(
        ["number", "null"],
        None,
        "A relation is said from this score on (alpha; paper: 0.4); empty: chosen by encoder",
        minimum=0.0,
        maximum=1.0,
    ),
    "context": _setting(
        "string",
        "auto",
        "Which words a relation sees beside its ends (paper: between); auto: by encoder",
        enum=["auto", "between", "sentence"],
    ),
    "overlaps": _setting(
        "string",
        "auto",
        "Whether entities may overlap, or the surest of a region stands (paper: keep);"
        " auto: as the training entities do",
        enum=["auto", "keep", "drop"],
    ),
}


def _schema(*parts: Mapping[str, Any]) -> dict[str, Any]:
    properties = {name: setting for part in parts for name, setting in part.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


CATALOGUE: Mapping[str, ModelSpec] = {
    spec.name: spec
    for spec in (
        ModelSpec(
            name="spert.v1",
            title="SpERT",
            paper="Eberts and Ulges 2020, Span-based Joint Entity and Relation Extraction",
            module="extraction.models.spert.model",
            nested=True,
            directed=True,
            settings=_schema(SPERT_SETTINGS, TRAINING_SETTINGS),
        ),
    )
}

ENCODERS: Mapping[str, EncoderSpec] = {
    spec.name: spec
    for spec in (
        EncoderSpec("chars-tiny", "Characters, 2 layers of 128", layers=2, width=128, heads=4),
        EncoderSpec("chars-small", "Characters, 4 layers of 256", layers=4, width=256, heads=4),
    )
}

DEFAULT_MODEL = "spert.v1"
DEFAULT_ENCODER = "chars-tiny"


def model_spec(name: str) -> ModelSpec:
    """The row of a model, or an error that names the known ones."""
    spec = CATALOGUE.get(name)
    if spec is None:
        known = ", ".join(sorted(CATALOGUE))
        raise ExtractionError(
            "unknown_model", f"There is no model {name!r}; choose one of: {known}", {"model": name}
        )
    return spec
