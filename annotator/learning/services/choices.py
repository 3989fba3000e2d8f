"""Checks what somebody chose for a run against the catalogue and what is installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from annotator.core.errors import InvalidError
from annotator.learning.selectors.catalogue import installed_encoders
from annotator.projects.models import Project, Speed
from extraction.catalogue import CATALOGUE, ENCODERS


class UnknownModelError(InvalidError):
    """The catalogue has no such model."""

    code = "unknown_model"


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
        raise UnknownModelError(
            "There is no such model", field="model", given=choice.model, known=sorted(CATALOGUE)
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
    problems = dict(_problems(given, schema["properties"]))
    if problems:
        raise BadSettingsError(
            "The settings are not valid: " + "; ".join(problems.values()),
            field="settings",
            problems=problems,
        )


def _problems(given: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in given.items():
        if name not in known:
            yield name, f"{name}: unknown (known: {', '.join(sorted(known))})"
            continue
        problem = _value_problem(value, known[name])
        if problem:
            yield name, f"{name}: {problem}"


def _value_problem(value: Any, rule: Mapping[str, Any]) -> str | None:
    kinds = rule["type"] if isinstance(rule["type"], list) else [rule["type"]]
    if not any(_is_of(value, kind) for kind in kinds):
        return f"should be {' or '.join(kinds)}"
    if "enum" in rule and value not in rule["enum"]:
        return f"should be one of {', '.join(map(str, rule['enum']))}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        if "minimum" in rule and value < rule["minimum"]:
            return f"should be at least {rule['minimum']}"
        if "maximum" in rule and value > rule["maximum"]:
            return f"should be at most {rule['maximum']}"
    return None


KINDS: Mapping[str, tuple[type, ...]] = {
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
}


def _is_of(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, KINDS.get(kind, ()))
