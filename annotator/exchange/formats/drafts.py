"""What a reader makes of one line: a draft of a sentence, or a refusal that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from annotator.exchange.inserts.rules import Rules
from extraction.types import Graph

MAX_LINE_BYTES = 1_000_000
MAX_TEXT = 20_000  # code points
MAX_ID = 200
MAX_META = 20_000  # characters of JSON
MAX_DOCUMENT = 300
MAX_SECTION = 200


NO_META: Mapping[str, Any] = MappingProxyType({})


class LineError(ValueError):
    """One line cannot be taken: a code, the field, what is wrong, and what to do about it."""

    def __init__(self, code: str, field_name: str, problem: str, remedy: str) -> None:
        super().__init__(f"{field_name}: {problem}; {remedy}")
        self.code = code


class FileError(ValueError):
    """The file as a whole cannot be taken."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class CannotHoldError(ValueError):
    """A format cannot hold these labels: which sentences have them, and how many there are."""

    def __init__(self, code: str, message: str, ids: list[str], count: int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.ids = ids
        self.count = count


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should know of a line that was taken all the same."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Options:
    """What a reader needs to know beside the line."""

    labels: str = "gold"  # or suggestions, ignore
    symmetric: frozenset[str] = frozenset()  # relation types without direction
    rules: Rules = field(default_factory=Rules)  # how inserts are cut


@dataclass(frozen=True, slots=True)
class Confidences:
    """How sure a model was of each entity and relation, and its score of the sentence."""

    entities: tuple[float, ...]
    relations: tuple[float, ...]
    score: float | None = None


class Passage(NamedTuple):
    """Where a sentence stands: code points [start, end) of its document's text."""

    text: str
    start: int
    end: int


class Counted(NamedTuple):
    """A piece that becomes no sentence, but counts in the import's summary, under dotted names."""

    counts: Mapping[str, int]


class Draft(NamedTuple):
    """A sentence as a file tells it. `graph` is None when the line says nothing of labels."""

    text: str
    id: str = ""
    graph: Graph | None = None
    confidences: Confidences | None = None
    meta: Mapping[str, Any] = NO_META
    document: str = ""
    section: str = ""
    notes: tuple[Note, ...] = ()
    passage: Passage | None = None


class Piece(NamedTuple):
    """A line, row, item or part, not yet understood. Numbers rise through the file.

    `line` is what a person finds the piece by where that is not its number. `is_cut` says that the
    file ended before the piece did.
    """

    number: int
    content: Any
    is_cut: bool = False
    line: int | None = None
