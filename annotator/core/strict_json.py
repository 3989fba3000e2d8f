"""JSON as it should be: refuses what PostgreSQL or a careful reader could not keep."""

from __future__ import annotations

import json
import math
from typing import Any

from annotator.core.errors import InvalidError

MAX_DEPTH = 32
MAX_DIGITS = 400


class UnreadableJSONError(InvalidError):
    """The bytes are not JSON that this program accepts."""

    code = "unreadable_json"


def loads(raw: bytes) -> Any:
    """Read UTF-8 JSON; refuse duplicate keys, NaN, NUL, lone surrogates and deep nesting."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableJSONError("The body is not UTF-8", byte=error.start) from error
    _check_depth(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_no_twins,
            parse_constant=_no_constant,
            parse_int=_bounded,
            parse_float=_finite,
        )
    except json.JSONDecodeError as error:
        raise UnreadableJSONError(
            f"This is not JSON: {error.msg}", line=error.lineno, column=error.colno
        ) from error
    except RecursionError as error:
        raise UnreadableJSONError("The JSON is nested too deeply", limit=MAX_DEPTH) from error
    check_text(value)
    return value


def check_text(value: Any, path: str = "") -> None:
    """Refuse strings that the database cannot hold, naming their place."""
    if isinstance(value, str):
        problem = text_problem(value)
        if problem:
            raise UnreadableJSONError(f"The text holds {problem}", field=path or "body")
    elif isinstance(value, dict):
        for key, item in value.items():
            check_text(key, path)
            check_text(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            check_text(item, f"{path}[{index}]")


def text_problem(text: str) -> str | None:
    """Say what makes a text unfit to be stored, or None."""
    if "\x00" in text:
        return f"a NUL character at position {text.index(chr(0))}"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        return f"a lone surrogate at position {error.start}"
    return None


def _check_depth(text: str) -> None:
    """Count brackets outside strings, before a recursive parser sees them."""
    depth = 0
    in_string = escaped = False
    for char in text:
        if in_string:
            in_string = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise UnreadableJSONError("The JSON is nested too deeply", limit=MAX_DEPTH)
        elif char in "]}":
            depth -= 1


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        twin = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise UnreadableJSONError("A key occurs twice in one object", key=twin[:100])
    return result


def _bounded(digits: str) -> int:
    """Read a whole number; beyond so many digits Python itself refuses, in other words."""
    if len(digits) > MAX_DIGITS:
        raise UnreadableJSONError("A number has too many digits", limit=MAX_DIGITS)
    return int(digits)


def _finite(digits: str) -> float:
    """Read a number; one that is too large for a float would become infinity."""
    number = float(digits)
    if math.isinf(number):
        raise UnreadableJSONError("A number is too large", field="body")
    return number


def _no_constant(name: str) -> Any:
    raise UnreadableJSONError(f"{name} is not a JSON number", value=name)
