"""Cutting plain text into sentences that hold complete interactions.

First every place is found where a sentence could end (numbers of lists, full stops, semicolons,
lines), then cuts are undone that would tear an interaction apart: a part without a statement of
its own stays with its neighbour, `后者…` with the sentence it points into, and the items of
`本品能加强下列药物的效果：1.… 2.…` with what is said of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from annotator.exchange.inserts.numbering import Mark, marks_of
from annotator.exchange.inserts.rules import Rules


class Cut(StrEnum):
    """Why a sentence ends where it ends."""

    NUMBER = "number"
    FULL_STOP = "full_stop"
    SEMICOLON = "semicolon"
    LINE = "line"
    END = "end"


class Join(StrEnum):
    """Why a place that looked like an end is none."""

    REFERENCE = "reference"  # 后者, 两者 … point back
    INCOMPLETE = "incomplete"  # one side of a semicolon says nothing by itself
    LIST = "list"  # items of a list, and what is said of them all


class Drop(StrEnum):
    """Why a piece becomes no sentence."""

    HEADING = "heading"
    EMPTY = "empty"  # 尚不明确, 请咨询医师
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the plain text: slices without the numbers of items, and how its end came about.

    `joins` are places of undone cuts within, with their reasons.
    """

    slices: tuple[tuple[int, int], ...]
    cut: Cut
    is_item: bool = False
    joins: tuple[tuple[int, Join], ...] = ()
    drop: Drop | None = None

    @property
    def start(self) -> int:
        """The first character."""
        return self.slices[0][0]

    @property
    def end(self) -> int:
        """The place after the last character."""
        return self.slices[-1][1]

    def text(self, whole: str) -> str:
        """Return what the slices hold."""
        return "".join(whole[start:end] for start, end in self.slices)


STATEMENT = re.compile(
    "[合同并联伍共]用|[合同并]服|同时(?:使用|服用|应用|给)|一起使用|服用|使用|给予|饮"
    "|增强|加强|增[加高大多]|升高|上升|提高|促进|加[快重速剧]|协同|相加|叠加|延长"
    "|减[弱少低]|降低|下降|(?:抑制|拮抗|诱导|阻断)(?![剂药])|对抗|阻[碍止]|干扰|影响|缩短|逆转|竞争|置换"
    "|禁[忌用止]|避免|不[宜得可应能]|慎用|诱发|导致|引起|致|产生|发生|改变|作用"
)
PREDICATE = re.compile(
    "[合同并联伍]用|[合同]服|增[强加高]|加强|升高|减[弱少]|降低|(?:抑制|拮抗)(?![剂药])"
    "|禁|避免|不宜|会|可[使能以致]"
)
GOES_ON = re.compile(
    "\\s*(?:而?且|而|并(?![用有服])|但|则|故|因此|因而|因为|所以|从而|此|该|其|后者|前者|两者|二者|两药|上述"
    "|这|那|应|需|须|必须|必要时|否则|若|如(?:需|果|必须)|以免|以便|同时(?![使服应给])|尤其|特别是|包括|例如|也)"
)
POINTS_BACK = re.compile(
    "\\s*(?:后者|前者|两者|二者|两药|上述(?:药|两|各|情况)|这[种一]?(?:药|相互|作用|些|时)"
    "|[该此]种?(?:作用|相互作用|反应|现象|效应)|其中|其(?:作用|机[制理]|原因))"
)
LEADS = re.compile("(?:以下|下列|如下|下述)")
COLONS = "：:"
SIDE_PUNCTUATION = " \n，,、；;。．.：:"
MOST_ITEM = 60
LONGEST_HEADING = 15
OPEN, CLOSE = "（([［【《“‘｛{", "）)]］】》”’｝}"
LONGEST_BRACKET = 300
HAN = re.compile("[\u3400-\u9fff）)\\]】]")
AFTER_STOP = re.compile("[ \n\u3400-\u9fff①-⑳⑴-⒛（(]")


def cut(text: str, rules: Rules) -> list[Part]:
    """Return the parts of plain text in order; those with a `drop` become no sentence."""
    parts = list(_first_cuts(text, rules))
    if rules.keep_lists:
        parts = list(_with_lists(text, parts, rules))
    parts = _joined(text, parts, rules)
    return [judged for part in parts if (judged := _judged(text, part, rules))]


def _first_cuts(text: str, rules: Rules) -> Iterator[Part]:
    """Cut at every number, end of sentence and end of line that is not within brackets."""
    marks = marks_of(text)
    within = _within_brackets(text)
    places: dict[int, Cut] = {}
    for place, char in enumerate(text):
        why = _border(text, place, char, rules)
        if why and not (within[place] and why is not Cut.LINE):
            places[place + 1] = why
    starts = {_edge(text, mark): mark for mark in marks if not within[mark.start]}
    ends = sorted({*places, *starts, len(text)} - {0})
    begin, is_item = 0, False
    if 0 in starts:
        begin, is_item = starts[0].end, True
    for end in ends:
        if end > begin:
            why = places.get(end) or (Cut.NUMBER if end in starts else Cut.END)
            yield Part(((begin, end),), _sharper(why, starts.get(end)), is_item)
            begin, is_item = end, False
        if end in starts:
            begin, is_item = starts[end].end, True


def _edge(text: str, mark: Mark) -> int:
    """Return where the blanks before a number begin; what ends there ends because of it."""
    place = mark.start
    while place and text[place - 1] in " \n":
        place -= 1
    return place


def _sharper(why: Cut, mark: Mark | None) -> Cut:
    """A number cuts harder than the punctuation before it."""
    return Cut.NUMBER if mark else why


def _border(text: str, place: int, char: str, rules: Rules) -> Cut | None:
    if char in "。！？!?":
        return Cut.FULL_STOP
    if char in "；;":
        return Cut.SEMICOLON if rules.cut_semicolons else None
    if char == "\n":
        return Cut.LINE
    if char in ".．":
        return Cut.FULL_STOP if _is_full_stop(text, place) else None
    return None


def _is_full_stop(text: str, place: int) -> bool:
    """A point between Chinese characters, or after one at the end, is one; decimals are not."""
    after = text[place + 1 : place + 2]
    return bool(HAN.match(text[max(place - 1, 0)])) and (not after or bool(AFTER_STOP.match(after)))


def _within_brackets(text: str) -> list[bool]:
    """Mark what lies between a bracket and its partner, if they are not far apart."""
    within = [False] * len(text)
    stack: list[tuple[str, int]] = []
    for place, char in enumerate(text):
        if char in OPEN:
            stack.append((CLOSE[OPEN.index(char)], place))
        elif char in CLOSE:
            while stack and place - stack[-1][1] > LONGEST_BRACKET:
                stack.pop()
            if stack and (stack[-1][0] == char or {stack[-1][0], char} <= set("）)")):
                _, start = stack.pop()
                within[start + 1 : place] = [True] * (place - start - 1)
    return within


def _with_lists(text: str, parts: list[Part], rules: Rules) -> Iterator[Part]:
    """Join the items of a list to what is said of them all, where they say nothing themselves."""
    place = 0
    while place < len(parts):
        items = _items_after(text, parts, place, rules)
        joined = parts[place]
        for item in items:
            joined = _join(joined, item, Join.LIST)
        yield joined
        place += 1 + len(items)


def _items_after(text: str, parts: list[Part], place: int, rules: Rules) -> list[Part]:
    """Return the items that the part at `place` leads, if they belong to it."""
    lead = parts[place].text(text).strip()
    if not lead or lead[-1] not in COLONS or not (LEADS.search(lead) or STATEMENT.search(lead)):
        return []
    items: list[Part] = []
    size = len(lead)
    for part in parts[place + 1 :]:
        item = part.text(text).strip()
        if item and not (part.is_item and len(item) <= MOST_ITEM and item[-1] not in COLONS):
            break
        size += len(item)
        items.append(part)
    while items and not items[-1].text(text).strip():
        items.pop()
    said = [item.text(text) for item in items if item.text(text).strip()]
    fragments = sum(not PREDICATE.search(one) for one in said)
    return items if 2 * fragments > len(said) and size <= rules.longest else []


def _joined(text: str, parts: list[Part], rules: Rules) -> list[Part]:
    """Undo cuts that would tear an interaction apart."""
    done: list[Part] = []
    for part in parts:
        why = _why_joined(text, done[-1], part, rules) if done else None
        if why:
            done[-1] = _join(done[-1], part, why)
        elif part.text(text).strip():
            done.append(part)
    return done


def _why_joined(text: str, before: Part, part: Part, rules: Rules) -> Join | None:
    if part.is_item or before.cut is Cut.NUMBER or part.end - before.start > rules.longest:
        return None
    left, right = before.text(text), part.text(text)
    if before.cut is Cut.SEMICOLON:
        is_whole = _is_whole(left) and _is_whole(right) and not GOES_ON.match(right)
        return None if is_whole else Join.INCOMPLETE
    points = rules.keep_references and before.cut is Cut.FULL_STOP and POINTS_BACK.match(right)
    return Join.REFERENCE if points else None


def _is_whole(said: str) -> bool:
    return STATEMENT.search(said) is not None


def _join(before: Part, part: Part, why: Join) -> Part:
    touching = before.end == part.start
    slices = (
        (*before.slices[:-1], (before.slices[-1][0], part.slices[0][1]), *part.slices[1:])
        if touching
        else (*before.slices, *part.slices)
    )
    return replace(
        before, slices=slices, cut=part.cut, joins=(*before.joins, (before.end, why), *part.joins)
    )


def _judged(text: str, part: Part, rules: Rules) -> Part | None:
    """Trim a part and say whether it becomes a sentence; None where only punctuation is left."""
    trimmed = _trimmed(text, part, rules)
    if trimmed is None:
        return None
    said = trimmed.text(text)
    ends = part.text(text).strip()[-1:]
    if ends in COLONS or (part.cut is Cut.LINE and _is_heading(said, ends)):
        return replace(trimmed, drop=Drop.HEADING)
    if rules.drop_empty and any(phrase in said for phrase in rules.empty_phrases):
        return replace(trimmed, drop=Drop.EMPTY)
    if len(said) < rules.shortest:
        return replace(trimmed, drop=Drop.SHORT)
    return trimmed


def _is_heading(said: str, ends: str) -> bool:
    is_short = len(said) <= LONGEST_HEADING and ends not in "。；;!！？?."
    return is_short and not PREDICATE.search(said)


def _trimmed(text: str, part: Part, rules: Rules) -> Part | None:
    """Take blanks, and punctuation if so ruled, from both sides, and line ends from within."""
    slices = [list(one) for one in part.slices]
    side = SIDE_PUNCTUATION if rules.strip_end else " \n"
    while slices and not text[slices[0][0] : slices[0][1]].strip(SIDE_PUNCTUATION):
        slices.pop(0)
    while slices and not text[slices[-1][0] : slices[-1][1]].strip(side):
        slices.pop()
    if not slices:
        return None
    first, last = slices[0], slices[-1]
    first[0] += len(text[first[0] : first[1]]) - len(
        text[first[0] : first[1]].lstrip(SIDE_PUNCTUATION)
    )
    last[1] -= len(text[last[0] : last[1]]) - len(text[last[0] : last[1]].rstrip(side))
    return replace(part, slices=tuple(_without_lines(text, slices)))


def _without_lines(text: str, slices: list[list[int]]) -> Iterator[tuple[int, int]]:
    for start, end in slices:
        begin = start
        for place in range(start, end):
            if text[place] == "\n":
                if place > begin:
                    yield begin, place
                begin = place + 1
        if end > begin:
            yield begin, end
