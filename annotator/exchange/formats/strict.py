"""JSON of one line, read strictly and quickly, and the checks that all formats share."""

from __future__ import annotations

import json
import re
from typing import Any

from annotator.exchange.formats.drafts import (
    MAX_ID,
    MAX_META,
    MAX_TEXT,
    LineError,
    Piece,
)

MAX_DEPTH = 32
NONCHARACTER = re.compile(
    "[\ufdd0-\ufdef\ufffe\uffff"
    + "".join(chr((plane << 16) + low) for plane in range(1, 17) for low in (0xFFFE, 0xFFFF))
    + "\x00\ud800-\udfff]"
)
ONE_OBJECT = "write one whole JSON object a line"
CUT_OFF = "the file was cut off; write it again"


def load_object(piece: Piece) -> dict[str, Any]:
    """Read a piece as one JSON object, or raise with the place of the trouble."""
    content: str = piece.content
    try:
        value = DECODER.decode(content)
    except json.JSONDecodeError as error:
        if piece.is_cut:
            raise LineError("half_written", "line", "ends in its middle", CUT_OFF) from error
        problem = f"is not JSON ({error.msg} at character {error.pos})"
        raise LineError("unreadable_json", "line", problem, ONE_OBJECT) from error
    except RecursionError as error:
        raise _too_deep() from error
    except LineError:
        raise
    except ValueError as error:  # a number of thousands of digits
        raise LineError("unreadable_json", "line", "holds a giant number", ONE_OBJECT) from error
    if not isinstance(value, dict):
        raise LineError("wrong_type", "line", f"is {_kind(value)}, not an object", ONE_OBJECT)
    if "\\u" in content or content.count("{") + content.count("[") > MAX_DEPTH:
        _check_deeply(value)
    return value


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise LineError("duplicate_key", "line", "names a key twice", "name each key once")
    return value


def _no_constant(name: str) -> Any:
    raise LineError("unreadable_json", "line", f"holds {name}", "write finite numbers")


DECODER = json.JSONDecoder(object_pairs_hook=_no_twins, parse_constant=_no_constant)


def _check_deeply(value: Any) -> None:
    """Refuse deep nesting and, behind escapes, characters that cannot be stored."""
    waiting = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise _too_deep()
        if isinstance(item, str):
            check_characters(item, "line")
        elif isinstance(item, dict):
            waiting.extend((key, depth) for key in item)
            waiting.extend((inner, depth + 1) for inner in item.values())
        elif isinstance(item, list):
            waiting.extend((inner, depth + 1) for inner in item)


def _too_deep() -> LineError:
    return LineError("too_deep", "line", f"is nested deeper than {MAX_DEPTH}", "flatten it")


def check_characters(text: str, field: str) -> None:
    """Refuse NUL, lone surrogates and noncharacters."""
    found = NONCHARACTER.search(text)
    if found:
        problem = f"holds U+{ord(found.group()):04X} at position {found.start()}"
        raise LineError("forbidden_character", field, problem, "take the character out")


def check_text(value: Any, field: str = "text") -> str:
    """Return a sentence's text as it stands, or raise."""
    if value is None:
        raise LineError("missing_field", field, "is missing", "give every line a text")
    if not isinstance(value, str):
        raise LineError("wrong_type", field, f"is {_kind(value)}", "write a string")
    if not value or value.isspace():
        raise LineError("empty_text", field, "is empty", "leave the line out")
    if len(value) > MAX_TEXT:
        problem = f"has {len(value)} characters, more than {MAX_TEXT}"
        raise LineError("text_too_long", field, problem, "cut it into sentences")
    check_characters(value, field)
    return value


def check_id(value: Any) -> str:
    """Return an id as a string; none is an empty one."""
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise LineError("wrong_type", "id", f"is {_kind(value)}", "write a string or a number")
    if len(value) > MAX_ID:
        problem = f"has {len(value)} characters, more than {MAX_ID}"
        raise LineError("id_too_long", "id", problem, "choose a shorter id")
    check_characters(value, "id")
    return value


def check_short(value: Any, field: str, limit: int) -> str:
    """Return a short text such as a name; none is an empty one."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise LineError("wrong_type", field, f"is {_kind(value)}", "write a string")
    if len(value) > limit:
        problem = f"has {len(value)} characters, more than {limit}"
        raise LineError("name_too_long", field, problem, "shorten it")
    check_characters(value, field)
    return value


def check_meta(meta: dict[str, Any]) -> dict[str, Any]:
    """Refuse meta data that is too large or cannot be spelled again."""
    try:
        plain = json.dumps(meta, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise LineError("wrong_type", "meta", "holds an infinite number", "leave it out") from error
    if len(plain) > MAX_META:
        problem = f"has {len(plain)} characters, more than {MAX_META}"
        raise LineError("meta_too_large", "meta", problem, "keep only what is needed")
    return meta


def listed(value: Any, field: str) -> list[Any]:
    """Return a list, or raise."""
    if not isinstance(value, list):
        raise LineError("wrong_type", field, f"is {_kind(value)}", "write a list")
    return value


def object_of(value: Any, field: str) -> dict[str, Any]:
    """Return an object, or raise."""
    if not isinstance(value, dict):
        raise LineError("wrong_type", field, f"is {_kind(value)}", "write an object")
    return value


def string_of(value: Any, field: str) -> str:
    """Return a non-empty string, or raise."""
    if not isinstance(value, str) or not value:
        raise LineError("wrong_type", field, f"is {_kind(value)}", "write a non-empty string")
    return value


KINDS = {str: "a string", bool: "true or false", int: "a number", float: "a number"}


def _kind(value: Any) -> str:
    if value is None:
        return "missing"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return "empty" if value == "" else KINDS.get(type(value), "of a strange kind")
