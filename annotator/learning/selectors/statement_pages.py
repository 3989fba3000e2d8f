"""Pages of sentences that are cut by how much is said: so many sentences, so many statements.

A sentence stands on a page as a whole. Only one of which more is said than a page holds is cut:
it begins a page, and goes on on the next one under the same id.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from annotator.core.errors import InvalidError

CURSOR = re.compile(r"([1-9][0-9]{0,17}):([0-9]{1,9})")  # a gold revision, a statement's place
SENTENCES = 20
STATEMENTS = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence that can be shown: its gold revision, and how many statements it would show."""

    gold_id: int
    statements: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Which row stands on a page, and which of its statements."""

    index: int
    begin: int
    end: int


def cut_page(rows: Sequence[Row], cursor: str | None) -> tuple[list[Piece], str | None]:
    """Return what stands on the page that begins at the cursor, and where the next one begins."""
    index, begin = _begin(rows, cursor)
    pieces: list[Piece] = []
    left = STATEMENTS
    while index < len(rows) and len(pieces) < SENTENCES:
        more = rows[index].statements - begin
        if pieces and more > left:
            break
        end = begin + min(more, left)
        pieces.append(Piece(index, begin, end))
        left -= end - begin
        if end < rows[index].statements:
            return pieces, f"{rows[index].gold_id}:{end}"
        index, begin = index + 1, 0
    return pieces, f"{rows[index].gold_id}:0" if index < len(rows) else None


def _begin(rows: Sequence[Row], cursor: str | None) -> tuple[int, int]:
    if not cursor:
        return 0, 0
    known = CURSOR.fullmatch(cursor)
    gold_id, begin = (int(part) for part in known.groups()) if known else (0, 0)
    for index, row in enumerate(rows):
        if row.gold_id == gold_id and begin < row.statements:
            return index, begin
    raise InvalidError("The cursor is not one of ours", field="cursor")
