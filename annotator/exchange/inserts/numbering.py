"""Items of numbered lists: `1.`, `2、`, `（3）`, `④`, `五、`, and bullets.

A number counts only where a list can stand and where it goes on counting, so that `1.5 mg`,
`维生素B1、B2` and `3 例` are left in peace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

CHINESE = "一二三四五六七八九十"
BEFORE = frozenset("。；;：:！？!?.）)]】\n")
MARK = re.compile(
    r"(?P<point>(?P<point_n>\d{1,2})[ ]?[.．、](?!\d))"
    r"|(?P<round>[（(][ ]?(?P<round_n>\d{1,2})[ ]?[)）])"
    r"|(?P<half>(?P<half_n>\d{1,2})[)）])"
    r"|(?P<circled>[①-⑳])|(?P<brackets>[⑴-⒇])|(?P<dotted>[⒈-⒛])"
    r"|(?P<chinese>(?P<chinese_n>[一二三四五六七八九十]{1,3})、)"
    r"|(?P<bullet>[-－—–•·●■◆▪*][ ]?(?=\S))"
    r"|(?P<bare>(?P<bare_n>\d{1,2})[ ]+(?=[^\s\d]))"
)
FIRST_SIGN = {"circled": "①", "brackets": "⑴", "dotted": "⒈"}
SECOND = re.compile(r"[。；;.\n][ ]?2[ ]+\S")
LOOKED_BACK, LOOKED_AHEAD = 8, 2000
ALONE = frozenset(FIRST_SIGN)  # signs that mean nothing else, wherever they stand


@dataclass(frozen=True, slots=True)
class Mark:
    """The number of an item at [start, end); bullets have the number 0."""

    start: int
    end: int
    style: str
    number: int


def starts_item(text: str, place: int) -> bool:
    """Tell whether an item of a list may begin at a place where a line begins."""
    found = MARK.match(text, place)
    return found is not None


def marks_of(text: str) -> list[Mark]:
    """Return the numbers of items that stand in order."""
    counting = _Counting()
    return [mark for mark in _candidates(text) if counting.takes(mark, text)]


def _candidates(text: str) -> Iterator[Mark]:
    for found in MARK.finditer(text):
        style = found.lastgroup or ""
        yield Mark(found.start(), found.end(), style, _number(style, found))


def _number(style: str, found: re.Match[str]) -> int:
    if style in FIRST_SIGN:
        return ord(found.group()) - ord(FIRST_SIGN[style]) + 1
    if style == "bullet":
        return 0
    said = found.group(f"{style}_n")
    return _chinese(said) if style == "chinese" else int(said)


def _chinese(said: str) -> int:
    """Read 一 to 九十九; what is no number is 0."""
    tens, ten, ones = said.rpartition("十") if "十" in said else ("", "", said)
    if len(tens) > 1 or len(ones) > 1 or (not ten and len(said) > 1):
        return 0
    unit = CHINESE.index(ones) + 1 if ones else 0
    return ((CHINESE.index(tens) + 1 if tens else 1) * 10 if ten else 0) + unit


@dataclass(slots=True)
class _Counting:
    """How far each style of number has come."""

    last: dict[str, int] = field(default_factory=dict)

    def takes(self, mark: Mark, text: str) -> bool:
        """Take the mark if it can stand there and goes on counting."""
        before = text[max(0, mark.start - LOOKED_BACK) : mark.start].rstrip(" ")[-1:]
        at_border = not before or before in BEFORE
        if mark.style == "bullet":
            return at_border and before != "."
        is_next = mark.number == self.last.get(mark.style, 0) + 1
        may_stand = at_border or mark.style in ALONE or (is_next and text[mark.start - 1] == " ")
        begins = mark.number == 1 or (not self.last and not before and mark.style != "bare")
        if not (may_stand and (is_next or begins)) or self._is_lonely(mark, text):
            return False
        self.last[mark.style] = mark.number
        return True

    def _is_lonely(self, mark: Mark, text: str) -> bool:
        """A bare number begins a list only where a second one follows."""
        if mark.style != "bare" or mark.number != 1:
            return False
        return SECOND.search(text, mark.end, mark.end + LOOKED_AHEAD) is None
