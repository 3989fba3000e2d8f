"""Strict loading of frozen dataclasses from plain JSON: all problems are told at once."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeVar, Union

from extraction.errors import ExtractionError

ConfigT = TypeVar("ConfigT")

JSON_NAMES: Mapping[type, str] = {
    int: "integer",
    float: "number",
    str: "string",
    bool: "boolean",
}


def load(cls: type[ConfigT], plain: Mapping[str, Any]) -> ConfigT:
    """Build the config, or say everything that is wrong with it at once."""
    problems = list(_record_problems(cls, plain, ""))
    if problems:
        raise ExtractionError(
            "bad_settings", "The settings are wrong: " + "; ".join(problems), {"problems": problems}
        )
    return typing.cast("ConfigT", _build(cls, plain))


def dump(config: Any) -> dict[str, Any]:
    """The plain, JSON-able form of a config; `load` brings it back."""
    plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(config)))
    return plain


def settings_schema(cls: type) -> dict[str, Any]:
    """Describe a flat config as JSON schema, so that a form can be drawn for it.

    What the class itself declares comes first, then what it inherits.
    """
    hints = typing.get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(cls)}
    own = [name for kind in cls.__mro__ for name in vars(kind).get("__annotations__", {})]
    properties = {
        name: {
            **_json_type(hints[name]),
            "default": _json_default(fields[name]),
            **dict(fields[name].metadata),
        }
        for name in dict.fromkeys(own)
        if name in fields
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def read_assignments(pairs: Sequence[str]) -> dict[str, Any]:
    """Turn `key=value` words from the command line into a mapping; values are JSON or text."""
    plain: dict[str, Any] = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key.strip():
            raise ExtractionError(
                "bad_settings", f"--set {pair!r} is not of the form key=value, such as epochs=5"
            )
        plain[key.strip()] = _parse_value(value.strip())
    return plain


def _parse_value(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _record_problems(cls: type, plain: Any, at: str) -> Iterator[str]:
    if not isinstance(plain, Mapping):
        yield f"{at or 'settings'}: should be an object, is {plain!r}"
        return
    hints = typing.get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(cls)}
    prefix = f"{at}." if at else ""
    for name in plain:
        if name not in fields:
            yield f"{prefix}{name}: unknown (known: {', '.join(sorted(fields))})"
    for name, field in fields.items():
        if name in plain:
            yield from _value_problems(hints[name], plain[name], prefix + name)
            yield from _range_problems(field, plain[name], prefix + name)
        elif not _has_default(field):
            yield f"{prefix}{name}: missing"


def _value_problems(hint: Any, value: Any, at: str) -> Iterator[str]:
    options, is_optional = _without_none(hint)
    if value is None and is_optional:
        return
    if dataclasses.is_dataclass(options):
        yield from _record_problems(typing.cast("type", options), value, at)
    elif typing.get_origin(options) is tuple:
        yield from _tuple_problems(options, value, at)
    elif not _fits(options, value):
        yield f"{at}: should be {_say(options)}, is {value!r}"


def _tuple_problems(hint: Any, value: Any, at: str) -> Iterator[str]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        yield f"{at}: should be a list, is {value!r}"
        return
    inner = typing.get_args(hint)[0]
    for position, one in enumerate(value):
        yield from _value_problems(inner, one, f"{at}[{position}]")


def _range_problems(field: dataclasses.Field[Any], value: Any, at: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    low, high = field.metadata.get("minimum"), field.metadata.get("maximum")
    if low is not None and not value >= low:
        yield f"{at}: should be at least {low}, is {value!r}"
    if high is not None and not value <= high:
        yield f"{at}: should be at most {high}, is {value!r}"


def _fits(hint: Any, value: Any) -> bool:
    if typing.get_origin(hint) is Literal:
        return any(value == one and type(value) is type(one) for one in typing.get_args(hint))
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)


def _say(hint: Any) -> str:
    if typing.get_origin(hint) is Literal:
        return "one of " + ", ".join(repr(one) for one in typing.get_args(hint))
    return JSON_NAMES.get(hint, str(hint))


def _without_none(hint: Any) -> tuple[Any, bool]:
    if typing.get_origin(hint) in (Union, types.UnionType):
        options = [one for one in typing.get_args(hint) if one is not type(None)]
        return options[0], True
    return hint, False


def _has_default(field: dataclasses.Field[Any]) -> bool:
    return (
        field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
    )


def _json_default(field: dataclasses.Field[Any]) -> Any:
    return None if field.default is dataclasses.MISSING else field.default


def _json_type(hint: Any) -> dict[str, Any]:
    inner, is_optional = _without_none(hint)
    if typing.get_origin(inner) is Literal:
        return {"type": "string", "enum": list(typing.get_args(inner))}
    name = JSON_NAMES[inner]
    return {"type": [name, "null"] if is_optional else name}


def _build(hint: Any, value: Any) -> Any:
    inner, _ = _without_none(hint)
    if value is None:
        return None
    if dataclasses.is_dataclass(inner):
        hints = typing.get_type_hints(inner)
        made = {name: _build(hints[name], one) for name, one in value.items()}
        return typing.cast("type", inner)(**made)
    if typing.get_origin(inner) is tuple:
        element = typing.get_args(inner)[0]
        return tuple(_build(element, one) for one in value)
    return float(value) if inner is float else value


def check_settings(schema: Mapping[str, Any], plain: Mapping[str, Any]) -> None:
    """Hold settings against a catalogue row's schema; say everything that is wrong at once."""
    known: Mapping[str, Mapping[str, Any]] = schema["properties"]
    problems = [
        f"{name}: unknown (known: {', '.join(sorted(known))})"
        for name in plain
        if name not in known
    ]
    for name, value in plain.items():
        if name in known:
            problems += [f"{name}: {problem}" for problem in _schema_problems(known[name], value)]
    if problems:
        raise ExtractionError(
            "bad_settings", "The settings are wrong: " + "; ".join(problems), {"problems": problems}
        )


def _schema_problems(described: Mapping[str, Any], value: Any) -> Iterator[str]:
    kinds = described["type"] if isinstance(described["type"], list) else [described["type"]]
    if value is None and "null" in kinds:
        return
    python_kinds = [kind for kind, name in JSON_NAMES.items() if name in kinds]
    if not any(_fits(kind, value) for kind in python_kinds):
        yield f"should be {' or '.join(kinds)}, is {value!r}"
    elif "enum" in described and value not in described["enum"]:
        yield f"should be one of {', '.join(map(repr, described['enum']))}, is {value!r}"
    elif "minimum" in described and not value >= described["minimum"]:
        yield f"should be at least {described['minimum']}, is {value!r}"
    elif "maximum" in described and not value <= described["maximum"]:
        yield f"should be at most {described['maximum']}, is {value!r}"
