"""How a file is written: records come page by page, bytes leave, and never more than a page waits.

A format of lines has a `spell` and says what stands around the lines; a format that is one archive
or one workbook is a function of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from extraction.types import Example, Graph, Schema


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the labels of a sentence come from; the sources stand in the order of the graph.

    `start` and `end` are the code points of the document that the sentence was cut from.
    """

    state: str
    gold_version: int = 0
    gold_origin: str = ""
    decided_at: str = ""  # ISO 8601
    decided_by: str = ""  # user name
    split: str = ""
    group: int = 0
    document: str = ""
    section: str = ""
    start: int | None = None
    end: int | None = None
    entity_sources: tuple[str, ...] = ()
    relation_sources: tuple[str, ...] = ()
    submissions: tuple[Graph, ...] = ()  # what each person said
    suggestion: Mapping[str, Any] | None = None  # what the model says, with its confidences


class Code(NamedTuple):
    """What a lexicon calls a string: its code there, and the name that stands for its aliases."""

    code: str
    name: str


class Record(NamedTuple):
    """A sentence on its way out; `origin` and `codes` are filled for writers that need them.

    `codes` is by string and entity type.
    """

    example: Example
    origin: Origin | None = None
    codes: Mapping[tuple[str, str], Code] = {}


@dataclass(frozen=True, slots=True)
class About:
    """What a writer is told beside the sentences."""

    schema: Schema
    project: str = ""
    language: str = "zh"
    symmetric: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Keep what every line asks for."""
        object.__setattr__(self, "symmetric", self.schema.symmetric)


Pages = Iterable[Sequence[Record]]
Refuse = Callable[[Pages, About], None]
Write = Callable[[Pages, About], Iterator[bytes]]
Spell = Callable[[Record, About], str]


@dataclass(frozen=True, slots=True)
class Lines:
    """A writer of one line a sentence, and of what stands before, between and after them."""

    spell: Spell
    before: str = ""
    between: str = "\n"
    after: str = "\n"
    after_nothing: str = ""

    def __call__(self, pages: Pages, about: About) -> Iterator[bytes]:
        """Spell page after page."""
        opening = self.before
        for page in pages:
            lines = self.between.join(self.spell(record, about) for record in page)
            yield f"{opening}{lines}".encode()
            opening = self.between
        is_empty = opening == self.before
        yield f"{opening}{self.after_nothing}".encode() if is_empty else self.after.encode()


@dataclass(frozen=True, slots=True)
class Writing:
    """How a format is written, and what the file is called and declared as.

    `refuse` is asked first where a format cannot hold everything: it raises CannotHoldError before
    a byte is sent.
    """

    write: Write
    ending: str
    content_type: str
    refuse: Refuse | None = None
    needs_origin: bool = False
    needs_codes: bool = False
