"""The rules by which inserts are cut: what a manager may change, and what it is without them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

MOST_PHRASES = 200
LONGEST_PHRASE = 100
SHORTEST = range(1, 101)
LONGEST = range(50, 5001)
SAYS_NOTHING = (
    "尚不明确",
    "尚无资料",
    "尚无相关资料",
    "未进行该项实验",
    "咨询医师",
    "向医师或药师咨询",
    "遵医嘱",
)


class RulesError(ValueError):
    """A rule cannot be followed: which one, and why."""

    def __init__(self, rule: str, problem: str) -> None:
        super().__init__(f"{rule}: {problem}")
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Rules:
    """What to take from an insert, and where to cut it.

    No `sections` means every section whose name speaks of interactions. `shortest` and `longest`
    are characters; `longest` only bounds what is joined, nothing is ever cut for its length.
    """

    sections: tuple[str, ...] = ()
    prefix_drug: bool = True
    cut_semicolons: bool = True
    keep_references: bool = True
    keep_lists: bool = True
    drop_empty: bool = True
    strip_end: bool = True
    join_blanks: bool = True
    empty_phrases: tuple[str, ...] = SAYS_NOTHING
    shortest: int = 4
    longest: int = 400

    def as_json(self) -> dict[str, Any]:
        """Return the rules as they are stored and shown."""
        plain = asdict(self)
        return {**plain, "sections": [*self.sections], "empty_phrases": [*self.empty_phrases]}


def rules_of(plain: Mapping[str, Any]) -> Rules:
    """Read rules from JSON, or raise RulesError with the name of the first bad one."""
    known = {field.name: getattr(Rules(), field.name) for field in fields(Rules)}
    for name in plain:
        if name not in known:
            raise RulesError(name, f"there is no such rule; there are {', '.join(known)}")
    read = {name: _value(name, value, known[name]) for name, value in plain.items()}
    return Rules(**read)


def _value(name: str, value: Any, default: Any) -> Any:
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise RulesError(name, "write true or false")
        return value
    if isinstance(default, int):
        bounds = SHORTEST if name == "shortest" else LONGEST
        if type(value) is not int or value not in bounds:
            raise RulesError(name, f"write a whole number from {bounds[0]} to {bounds[-1]}")
        return value
    return _phrases(name, value)


def _phrases(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_PHRASES:
        raise RulesError(name, f"write a list of at most {MOST_PHRASES} phrases")
    for one in value:
        if not isinstance(one, str) or not one.strip() or len(one) > LONGEST_PHRASE:
            problem = f"every phrase is a text of 1 to {LONGEST_PHRASE} characters"
            raise RulesError(name, problem)
    return tuple(dict.fromkeys(one.strip() for one in value))
