"""One JSON array cut into its items without holding it: a file of any size, one item at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from annotator.exchange.formats.drafts import MAX_LINE_BYTES, FileError, LineError, Options, Piece
from annotator.exchange.formats.sources import Source

MARK = re.compile(r'["\\{}\[\],]')
CUT_OFF = LineError(
    "half_written", "item", "the array is not closed", "the file was cut off; write it again"
)
TRAILING = LineError(
    "text_after_end", "item", "stands after the end of the array", "put it inside the array"
)
TOO_LONG = LineError(
    "line_too_long", "item", f"is longer than {MAX_LINE_BYTES} characters", "split the sentence"
)
NOT_AN_ARRAY = FileError(
    "not_an_array",
    "The file is not one JSON array; choose the format `ch-ddi` for one object a line",
)
EMPTY = LineError("unreadable_json", "item", "is empty", "take the doubled comma out")


class Cutter:
    """Follows quotes and brackets through the blocks of a file and cuts at the array's commas."""

    def __init__(self) -> None:
        self.depth = 0
        self.number = 0
        self.is_over = False
        self._is_in_string = False
        self._escaped = -1  # place of a character in the block that a backslash takes with it
        self._parts: list[str] = []
        self._size = 0

    def feed(self, block: str) -> Iterator[Piece]:
        """Take the next block; give the items that end in it."""
        start = 0
        for mark in MARK.finditer(block):
            place, char = mark.start(), mark.group()
            if self.is_over:
                break
            if self._is_in_string or char == '"':
                self._follow_string(char, place)
            elif self._is_border(char):
                part, start = block[start:place], place + 1
                if char in "{[":
                    self._open(char, part)
                else:
                    yield from self._cut(part, is_last=self.depth == 0)
        self._escaped -= len(block)
        self._keep(block[start:])

    def finish(self) -> Iterator[Piece]:
        """Say what the end of the file leaves open."""
        rest = "".join(self._parts)
        if self.is_over:
            if self._size > MAX_LINE_BYTES or rest.strip():
                yield Piece(self.number + 1, TRAILING)
            return
        if self.depth == 0:
            raise NOT_AN_ARRAY
        if self._size > MAX_LINE_BYTES:
            yield Piece(self.number + 1, TOO_LONG)
        elif rest.strip() and self.depth > 1:
            yield Piece(self.number + 1, rest, is_cut=True)
        else:
            if rest.strip():
                yield from self._cut("")
            yield Piece(self.number + 1, CUT_OFF)

    def _is_border(self, char: str) -> bool:
        """Follow the depth; say whether an item of the array begins or ends here."""
        if char in "{[":
            self.depth += 1
            return self.depth == 1
        if char in "}]":
            self.depth -= 1
            return self.depth == 0
        return char == "," and self.depth == 1

    def _follow_string(self, char: str, place: int) -> None:
        if place == self._escaped:
            return
        if char == "\\":
            self._escaped = place + 1
        elif char == '"':
            self._is_in_string = not self._is_in_string

    def _open(self, char: str, before: str) -> None:
        if char != "[" or before.strip() or self._parts:
            raise NOT_AN_ARRAY

    def _cut(self, tail: str, *, is_last: bool = False) -> Iterator[Piece]:
        self._keep(tail)
        content = "".join(self._parts).strip()
        is_too_long = self._size > MAX_LINE_BYTES
        self._parts, self._size = [], 0
        self.is_over = self.is_over or is_last
        if content or is_too_long:
            self.number += 1
            yield Piece(self.number, TOO_LONG if is_too_long else content)
        elif not is_last:
            self.number += 1
            yield Piece(self.number, EMPTY)

    def _keep(self, part: str) -> None:
        """Hold a part of an unfinished item, but never more than an item may have."""
        self._size += len(part)
        if self._size > MAX_LINE_BYTES:
            self._parts = []
        elif part and (self._parts or not part.isspace()):
            self._parts.append(part)


def objects(source: Source, options: Options) -> Iterator[Piece]:
    """Read JSON objects, one a line or in one array: whichever the file begins with."""
    first = next((one.content for one in source.pieces() if isinstance(one.content, str)), "")
    return split(source, options) if first.lstrip().startswith("[") else source.pieces()


def split(source: Source, options: Options) -> Iterator[Piece]:  # noqa: ARG001 - one of the readers
    """Read the items of the array, numbered from 1."""
    cutter = Cutter()
    for block in source.blocks():
        if isinstance(block, LineError):
            yield Piece(cutter.number + 1, block)
            return
        yield from cutter.feed(block)
    yield from cutter.finish()
