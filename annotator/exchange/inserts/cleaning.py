"""Raw text made plain: markup, references and page leftovers go, broken lines are joined.

Every character that stays remembers where it stood, so that a sentence can be shown in its place.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from annotator.exchange.inserts.numbering import starts_item

HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
ENDS_LINE = "。；;！？!?：:."


class Removed(StrEnum):
    """Why characters were taken out or exchanged."""

    MARKUP = "markup"
    REFERENCE = "reference"
    PAGE = "page"
    BLANK = "blank"
    LINE = "line"
    LEFTOVER = "leftover"


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of the raw text that did not stay as it was."""

    start: int
    end: int
    why: Removed


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Plain text; `places[i]` is where its i-th character stood in the raw text."""

    text: str
    places: tuple[int, ...]
    changes: tuple[Change, ...]

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of raw text that holds the characters [start, end)."""
        return self.places[start], self.places[end - 1] + 1


Exchange = Callable[["re.Match[str]"], str]


@dataclass(frozen=True, slots=True)
class Step:
    """A pattern, what stands in its place afterwards, and why."""

    pattern: re.Pattern[str]
    why: Removed
    exchange: Exchange = lambda _: ""


def _line(_: re.Match[str]) -> str:
    return "\n"


def _paragraph(_: re.Match[str]) -> str:
    return "\n\n"


def _blank(_: re.Match[str]) -> str:
    return " "


def _entity(match: re.Match[str]) -> str:
    plain = html.unescape(match.group())
    return " " if plain == "\xa0" else plain


NUMBER = r"[ \t]*\d{1,4}[ \t]*"
PAGE_OF = rf"第{NUMBER}页[ \t]*[，,/／]?[ \t]*共{NUMBER}页"
BARE_PAGE = (
    rf"第{NUMBER}页|[-—–－]{NUMBER}[-—–－]|{NUMBER}[/／]{NUMBER}|Page{NUMBER}(?:of{NUMBER})?"
)
BREAK_TAG = r"<\s*(?:br|p|/p|li|/li|div|/div|tr|/tr)\b[^<>]{0,200}>"
TAG = r"</?[A-Za-z][^<>]{0,200}>|<!--(?:[^-]|-(?!->)){0,500}-->"
CHARACTER = r"&(?:[A-Za-z]{2,8}|#\d{1,6}|#x[0-9A-Fa-f]{1,5});"
CITED = r"[\[［【]\s*\d{1,3}(?:\s*[-－–—~～,，、]\s*\d{1,3})*\s*[\]］】]"
SEE = r"[（(]\s*(?:参见|详见|请参阅|参阅|请见|见)[^（）()\n]{1,40}[)）]"
BLANKS = "[ \t\xa0\u2000-\u200a\u3000]{2,}|[\t\xa0\u2000-\u200a\u3000]"
STEPS = (
    Step(re.compile(BREAK_TAG, re.IGNORECASE), Removed.MARKUP, _line),
    Step(re.compile(TAG), Removed.MARKUP),
    Step(re.compile(CHARACTER), Removed.MARKUP, _entity),
    Step(re.compile("\r\n?|[\u2028\u2029\x0b\x0c]"), Removed.LINE, _line),
    Step(re.compile("[\u200b\u200c\u2060\ufeff\xad]"), Removed.BLANK),
    Step(
        re.compile(rf"^[ \t\u3000]*(?:{PAGE_OF}|{BARE_PAGE})[ \t\u3000]*$\n?", re.MULTILINE),
        Removed.PAGE,
    ),
    Step(re.compile(PAGE_OF), Removed.PAGE),
    Step(re.compile(CITED), Removed.REFERENCE),
    Step(re.compile(SEE), Removed.REFERENCE),
    Step(re.compile(BLANKS), Removed.BLANK, _blank),
    Step(re.compile(r"[ ]+(?=\n)|(?<=\n)[ ]+"), Removed.BLANK),
    Step(re.compile(r"\n{3,}"), Removed.BLANK, _paragraph),
    Step(re.compile(r"([、，,；;])\1+"), Removed.LEFTOVER, lambda match: match.group(1)),
    Step(re.compile(r"\A[\s）)\]】。，、；：,;:.]+"), Removed.LEFTOVER),
)
BETWEEN_HAN = Step(re.compile(rf"(?<=[{HAN}])[ ](?=[{HAN}])"), Removed.BLANK)
BROKEN_LINE = re.compile(rf"(?<=[^{re.escape(ENDS_LINE)}\n])\n(?!\n)")
LATIN = re.compile(r"[A-Za-z0-9]")


def clean(raw: str, *, join_blanks: bool = True) -> Cleaned:
    """Return the plain text with the places of its characters."""
    text, places, changes = raw, list(range(len(raw))), list[Change]()
    steps = (*STEPS, BETWEEN_HAN) if join_blanks else STEPS
    for step in steps:
        text, places = _exchange(text, places, changes, step)
    text, places = _exchange(text, places, changes, Step(BROKEN_LINE, Removed.LINE, _joint))
    changes.sort(key=lambda one: (one.start, one.end))
    return Cleaned(text, tuple(places), tuple(changes))


def _joint(match: re.Match[str]) -> str:
    """Join a line to the next one unless that begins an item of a list."""
    text, place = match.string, match.start()
    if starts_item(text, match.end()):
        return "\n"
    is_latin = LATIN.match(text[place - 1]) and LATIN.match(text[place + 1 : place + 2])
    return " " if is_latin else ""


def _exchange(
    text: str, places: list[int], changes: list[Change], step: Step
) -> tuple[str, list[int]]:
    """Do one step over the whole text."""
    parts: list[str] = []
    kept: list[int] = []
    last = 0
    for match in step.pattern.finditer(text):
        start, end = match.span()
        new = step.exchange(match)
        if start == end or new == match.group():
            continue
        parts += (text[last:start], new)
        kept += places[last:start]
        kept += [places[start]] * len(new)
        if new != "\n" or "\n" not in match.group():
            changes.append(Change(places[start], places[end - 1] + 1, step.why))
        last = end
    if not last:
        return text, places
    return "".join([*parts, text[last:]]), kept + places[last:]
