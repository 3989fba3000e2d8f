"""Texts as tokens, for formats that count these: one a character in Chinese, one a word in Latin.

Tokens never lie across the border of an entity. Blanks belong to no token, unless an entity begins
or ends with them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from annotator.exchange.formats.drafts import LineError
from extraction.types import Entity

WORD = re.compile(r"[A-Za-z0-9\u00c0-\u024f]+|\s+|.", re.DOTALL)
CJK = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


class Token(NamedTuple):
    """The code points [start, end) of the text."""

    start: int
    end: int


def tokens_of(text: str, entities: Sequence[Entity]) -> list[Token]:
    """Cut a text into tokens such that every entity is a run of whole tokens."""
    borders = {border for one in entities for border in (one.start, one.end)}
    tokens: list[Token] = []
    for found in WORD.finditer(text):
        if not found.group().isspace():
            tokens += _pieces(found.start(), found.end(), borders)
        elif _is_needed(found.start(), found.end(), entities):
            tokens += [Token(place, place + 1) for place in range(*found.span())]
    return tokens


def _pieces(start: int, end: int, borders: set[int]) -> list[Token]:
    inner = [border for border in range(start + 1, end) if border in borders]
    places = [start, *inner, end]
    return [Token(a, b) for a, b in pairwise(places)]


def _is_needed(start: int, end: int, entities: Sequence[Entity]) -> bool:
    """Tell whether an entity begins or ends among these blanks."""
    return any(start <= one.start < end or start < one.end <= end for one in entities)


def token_spans(tokens: Sequence[Token], entities: Sequence[Entity]) -> list[tuple[int, int]]:
    """Return each entity as [first token, token after the last)."""
    starts = {token.start: place for place, token in enumerate(tokens)}
    ends = {token.end: place + 1 for place, token in enumerate(tokens)}
    return [(starts[one.start], ends[one.end]) for one in entities]


def joined(words: Sequence[str]) -> tuple[str, list[Token]]:
    """Join words to a text: with a blank, but not beside a Chinese character."""
    parts: list[str] = []
    tokens: list[Token] = []
    place = 0
    for word in words:
        if parts and not (CJK.match(parts[-1][-1:]) or CJK.match(word[:1])):
            parts.append(" ")
            place += 1
        tokens.append(Token(place, place + len(word)))
        parts.append(word)
        place += len(word)
    return "".join(parts), tokens


def aligned(text: str, words: Sequence[str], field: str) -> list[Token]:
    """Find each word of a text in its order, nothing but blanks between them, or raise."""
    tokens: list[Token] = []
    place = 0
    for index, word in enumerate(words):
        found = text.find(word, place)
        if not word or found < 0 or text[place:found].strip():
            problem = "does not follow in the text"
            raise LineError(
                "tokens_differ", f"{field}[{index}]", problem, "spell the text's tokens"
            )
        tokens.append(Token(found, found + len(word)))
        place = found + len(word)
    if text[place:].strip():
        problem = f"end before character {place} of the text"
        raise LineError("tokens_differ", field, problem, "spell the whole text")
    return tokens
