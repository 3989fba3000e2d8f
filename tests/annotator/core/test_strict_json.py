"""Bodies that the database could not keep are refused with their place; honest ones pass."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.core.errors import InvalidError
from annotator.core.strict_json import loads

KEEPABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -1e999}', "too large"),
        (b'{"a": [Infinity]}', "Infinity"),
        (b'{"a": "\\u0000"}', "NUL"),
        (b'{"a": ["x", "\\ud800"]}', "surrogate"),
        (b'{"a": "x"', "not JSON"),
        (b"\xff\xfe{}", "UTF-8"),
        (b"[" * 100_000, "deeply"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "deeply"),
    ],
)
def test_what_cannot_be_kept_is_refused(raw: bytes, said: str) -> None:
    with pytest.raises(InvalidError, match=said):
        loads(raw)


def test_the_place_of_the_trouble_is_named() -> None:
    with pytest.raises(InvalidError) as caught:
        loads(b'{"graph": {"names": ["fine", "\\ud800"]}}')
    assert caught.value.context["field"] == "graph.names[1]"


@given(value=st.recursive(KEEPABLE | st.integers() | st.none(), st.lists, max_leaves=20))
def test_everything_else_is_read_as_it_was_written(value: object) -> None:
    wrapped = {"value": value}
    assert loads(json.dumps(wrapped).encode()) == wrapped


def test_brackets_inside_strings_do_not_count_as_nesting() -> None:
    assert loads(json.dumps("[" * 100 + '\\"').encode()) == "[" * 100 + '\\"'
