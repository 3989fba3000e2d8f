"""Cutting a text into units, the atoms of every span: words of English, characters of Chinese.

A unit is a run of letters of an alphabet, a run of digits, or one other visible character
(an ideograph, a kana, a symbol). Combining marks, variation selectors and joiners stay with
the character they belong to. White space belongs to no unit. Offsets are code points.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

RUN_LIMIT = 64  # longer runs are cut, so that a unit always fits a window of the encoder
ZERO_WIDTH_JOINER = "\u200d"

Kind = Literal["letter", "digit", "single", "mark", "joiner", "space"]
Offsets = tuple[int, int]


@lru_cache(maxsize=65536)
def kind_of(character: str) -> Kind:
    """Say how a character behaves when text is cut into units."""
    if character == ZERO_WIDTH_JOINER:
        return "joiner"
    category = unicodedata.category(character)
    if category in {"Mn", "Mc", "Me", "Cf", "Sk"}:
        return "mark"
    if category == "Nd":
        return "digit"
    if category.startswith("L"):
        is_wide = unicodedata.east_asian_width(character) in {"W", "F"} or category == "Lo"
        return "single" if is_wide else "letter"
    return "space" if character.isspace() or category == "Cc" else "single"


def cut_units(text: str) -> list[Offsets]:
    """Return the half-open offsets of the units of a text, in order.

    >>> cut_units("与CYP3A4合用")
    [(0, 1), (1, 4), (4, 5), (5, 6), (6, 7), (7, 8), (8, 9)]
    """
    units: list[Offsets] = []
    start = 0
    current: Kind = "space"  # the kind of the unit that is open
    for position, character in enumerate(text):
        kind = kind_of(character)
        if _goes_on(current, kind, position - start):
            if kind == "joiner":
                current = "joiner"
            elif current == "joiner":
                current = kind if kind != "mark" else "single"
            continue
        if current != "space":
            units.append((start, position))
        start, current = position, "single" if kind in {"mark", "joiner"} else kind
    if current != "space":
        units.append((start, len(text)))
    return units


def _goes_on(current: Kind, kind: Kind, length: int) -> bool:
    """Tell whether a character of this kind belongs to the open unit."""
    if current == "space" or kind == "space" or length >= RUN_LIMIT:
        return current == kind == "space"
    if kind in {"mark", "joiner"} or current == "joiner":
        return True
    return kind == current and kind in {"letter", "digit"}


def covering_units(units: Sequence[Offsets], start: int, end: int) -> Offsets | None:
    """Return the half-open range of units that touch [start, end), or None if none does."""
    touched = [index for index, (left, right) in enumerate(units) if left < end and right > start]
    return (touched[0], touched[-1] + 1) if touched else None
