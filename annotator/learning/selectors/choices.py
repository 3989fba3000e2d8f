"""Checks what somebody chose for a run against the catalogue and what is installed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from annotator.core.errors import InvalidError
from annotator.learning.selectors.catalogue import installed_encoders
from annotator.projects.models import Project, Speed
from extraction import config
from extraction.catalogue import CATALOGUE, ENCODERS
from extraction.errors import ExtractionError


class UnknownModelError(InvalidError):
    """The catalogue has no such model."""

    code = "unknown_model"


class UnfitModelError(InvalidError):
    """The model joins entities that it is given, and a project needs one that finds them."""

    code = "unfit_model"


class UnknownEncoderError(InvalidError):
    """The encoder is neither built in nor installed."""

    code = "unknown_encoder"


class BadSettingsError(InvalidError):
    """The model does not know these settings, or not these values."""

    code = "bad_settings"


@dataclass(frozen=True, slots=True)
class Choice:
    """A model, what carries it, and how to train it."""

    model: str
    encoder: str
    speed: str
    settings: Mapping[str, Any]


def choose(project: Project, given: Mapping[str, Any]) -> Choice:
    """Fill what was given with the project's defaults and check it; an error names its field."""
    choice = Choice(
        model=given.get("model", project.model),
        encoder=given.get("encoder", project.encoder),
        speed=given.get("speed", project.speed),
        settings=given.get("settings", {}),
    )
    if choice.model not in CATALOGUE:
        known_models = sorted(name for name, spec in CATALOGUE.items() if not spec.given_entities)
        raise UnknownModelError(
            "There is no such model", field="model", given=choice.model, known=known_models
        )
    if CATALOGUE[choice.model].given_entities:
        raise UnfitModelError(
            f"{choice.model} only joins entities that are already labelled and finds none itself;"
            " choose pipeline_bio_mtl.v1, which finds them first",
            field="model",
            given=choice.model,
        )
    if choice.speed not in Speed.values:
        raise InvalidError("There is no such speed", field="speed", known=Speed.values)
    known = [*ENCODERS, *installed_encoders(settings.ENCODER_FOLDER)]
    if choice.encoder not in known:
        raise UnknownEncoderError(
            "There is no such encoder on this machine", field="encoder", known=known
        )
    check_settings(choice.settings, CATALOGUE[choice.model].settings)
    return choice


def check_settings(given: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    """Refuse settings that the model's schema does not allow, naming all of them at once."""
    try:
        config.check_settings(schema, given)
    except ExtractionError as error:
        raise BadSettingsError(error.message, field="settings", **error.context) from error
