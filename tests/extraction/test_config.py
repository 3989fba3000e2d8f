"""The strict config loader: everything that is wrong is told at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from extraction import config
from extraction.errors import ExtractionError


@dataclass(frozen=True, slots=True)
class Inner:
    size: int = field(default=3, metadata={"minimum": 1, "maximum": 9})
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outer:
    rate: float
    inner: Inner = field(default_factory=Inner)
    speed: Literal["quick", "full"] = "full"
    limit: int | None = None
    is_on: bool = False


def problems(plain: Any) -> list[str]:
    with pytest.raises(ExtractionError) as caught:
        config.load(Outer, plain)
    assert caught.value.code == "bad_settings"
    found: list[str] = caught.value.context["problems"]
    return found


def test_a_good_config_is_built_and_written_back() -> None:
    plain = {
        "rate": 1,
        "inner": {"size": 4, "names": ["a", "b"]},
        "speed": "quick",
        "limit": None,
        "is_on": True,
    }
    loaded = config.load(Outer, plain)
    assert loaded == Outer(1.0, Inner(4, ("a", "b")), "quick", None, is_on=True)
    assert isinstance(loaded.rate, float)
    assert config.load(Outer, config.dump(loaded)) == loaded


def test_all_problems_are_told_at_once() -> None:
    found = problems(
        {"inner": {"size": 10, "names": "ab", "colour": 1}, "speed": "slow", "limit": 1.5}
    )
    assert len(found) == 6
    told = "\n".join(found)
    for words in (
        "rate: missing",
        "inner.size: should be at most 9",
        "inner.names: should be a list",
        "inner.colour: unknown (known: names, size)",
        "speed: should be one of 'quick', 'full'",
        "limit: should be integer",
    ):
        assert words in told


@pytest.mark.parametrize("value", [True, "1", None, [1], float("nan")])
def test_no_other_kind_passes_for_a_whole_number(value: Any) -> None:
    assert problems({"rate": 1.0, "inner": {"size": value}})


def test_not_a_number_is_out_of_every_range() -> None:
    schema = {"properties": {"x": {"type": "number", "minimum": 0.0}}}
    with pytest.raises(ExtractionError, match="at least 0"):
        config.check_settings(schema, {"x": float("nan")})


def test_assignments_from_the_command_line_are_json_or_text() -> None:
    read = config.read_assignments(["a=1", "b=0.5", "c=true", "d=drop", "e=null", 'f="7"', "g=a=b"])
    assert read == {"a": 1, "b": 0.5, "c": True, "d": "drop", "e": None, "f": "7", "g": "a=b"}


@pytest.mark.parametrize("word", ["epochs", "=3", " =3"])
def test_an_assignment_without_key_or_sign_is_refused(word: str) -> None:
    with pytest.raises(ExtractionError, match="key=value"):
        config.read_assignments([word])
