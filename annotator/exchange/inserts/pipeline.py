"""One insert through all steps: its section, its plain text, its sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from annotator.exchange.inserts.cleaning import Cleaned, clean
from annotator.exchange.inserts.cutting import Cut, Drop, Join, cut
from annotator.exchange.inserts.rules import Rules

WORTH_TAKING = "相互作用"
MARK = "@"
DECORATION = re.compile(r"[\s【】\[\]［］<>《》:：]+")


class Insert(NamedTuple):
    """One section of a drug's insert."""

    drug: str
    section: str
    text: str


class CutSentence(NamedTuple):
    """A sentence, or a piece that becomes none (`drop`), at [start, end) of the raw text.

    `joins` are places in the raw text where a cut was undone, and why.
    """

    text: str
    start: int
    end: int
    cut: Cut
    joins: tuple[tuple[int, Join], ...]
    drop: Drop | None


@dataclass(frozen=True, slots=True)
class Processed:
    """An insert that was cleaned and cut."""

    insert: Insert
    cleaned: Cleaned
    pieces: tuple[CutSentence, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """What was removed, cut, joined and dropped, under dotted names."""
        counts: Counter[str] = Counter({"documents": 1, f"section.{self.insert.section}": 1})
        counts.update(f"removed.{one.why}" for one in self.cleaned.changes)
        for piece in self.pieces:
            counts[f"dropped.{piece.drop}" if piece.drop else "sentences"] += 1
            counts[f"cut.{piece.cut}"] += 1
            counts.update(f"joined.{why}" for _, why in piece.joins)
        return counts


def is_wanted(section: str, rules: Rules) -> bool:
    """Tell whether a section is taken."""
    if not rules.sections:
        return WORTH_TAKING in section
    plain = plain_section(section)
    return any(plain == plain_section(one) for one in rules.sections)


def plain_section(section: str) -> str:
    """Return a section's name without brackets, colons and blanks."""
    return DECORATION.sub("", section)


def process(insert: Insert, rules: Rules) -> Processed:
    """Clean and cut one insert."""
    cleaned = clean(insert.text, join_blanks=rules.join_blanks)
    prefix = f"{insert.drug}{MARK}" if rules.prefix_drug and insert.drug else ""
    pieces = []
    for part in cut(cleaned.text, rules):
        start, end = cleaned.raw_span(part.start, part.end)
        joins = tuple((cleaned.places[at], why) for at, why in part.joins if at < part.end)
        said = part.text(cleaned.text)
        text = said if part.drop else prefix + said
        pieces.append(CutSentence(text, start, end, part.cut, joins, part.drop))
    return Processed(insert, cleaned, tuple(pieces))
