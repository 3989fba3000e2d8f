"""What an import of inserts would make of a file, before anything is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from annotator.exchange.formats import inserts
from annotator.exchange.formats.drafts import LineError, Options
from annotator.exchange.formats.sources import open_source
from annotator.exchange.inserts.pipeline import Insert, Processed, is_wanted, process
from annotator.exchange.inserts.rules import Rules

MOST_SHOWN = 50
MOST_SECTIONS = 200
MOST_PROBLEMS = 50
HALF_WRITTEN = "half_written"


@dataclass(slots=True)
class Preview:
    """The sections of a file, its first inserts with every cut, and what all came to.

    Inserts of which no sentence comes are shown after the others.
    """

    sections: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    shown: list[tuple[int, Processed]] = field(default_factory=list)
    barren: list[tuple[int, Processed]] = field(default_factory=list)  # no sentence comes of them
    problems: list[dict[str, Any]] = field(default_factory=list)

    def take(self, line: int, processed: Processed) -> None:
        """Count an insert, and keep it to be shown while there is room."""
        self.counts.update(processed.counts)
        kept = self.barren if all(one.drop for one in processed.pieces) else self.shown
        if len(kept) < MOST_SHOWN:
            kept.append((line, processed))

    def as_json(self, rules: Rules) -> dict[str, Any]:
        """Return the preview as the API shows it."""
        return {
            "rules": rules.as_json(),
            "sections": [
                {"name": name, "count": count, "wanted": is_wanted(name, rules)}
                for name, count in self.sections.most_common(MOST_SECTIONS)
            ],
            "summary": dict(self.counts),
            "inserts": [
                _insert_json(line, one) for line, one in [*self.shown, *self.barren][:MOST_SHOWN]
            ],
            "problems": self.problems,
        }


def preview_inserts(file: BinaryIO, rules: Rules) -> dict[str, Any]:
    """Read the file and cut it by the rules. Raises FileError where it cannot be read at all.

    The file may be the first part of a larger one: what is torn at its end is left out.
    """
    preview = Preview()
    for line, read in _read(file, rules):
        if isinstance(read, LineError):
            if read.code != HALF_WRITTEN and len(preview.problems) < MOST_PROBLEMS:
                problem = {"line": line, "code": read.code, "message": str(read)}
                preview.problems.append(problem)
            continue
        preview.sections[read.section] += 1
        if is_wanted(read.section, rules):
            preview.take(line, process(read, rules))
    return preview.as_json(rules)


def _read(file: BinaryIO, rules: Rules) -> Iterator[tuple[int, Insert | LineError]]:
    for piece in inserts.pieces_of(open_source(file), Options(rules=rules)):
        try:
            yield piece.number, inserts.read_insert(piece)
        except LineError as error:
            yield piece.number, error


def _insert_json(line: int, processed: Processed) -> dict[str, Any]:
    insert = processed.insert
    return {
        "line": line,
        "drug": insert.drug,
        "section": insert.section,
        "text": insert.text,
        "changes": [
            {"start": one.start, "end": one.end, "why": str(one.why)}
            for one in processed.cleaned.changes
        ],
        "pieces": [
            {
                "text": one.text,
                "start": one.start,
                "end": one.end,
                "cut": str(one.cut),
                "drop": str(one.drop) if one.drop else None,
                "joins": [{"at": at, "why": str(why)} for at, why in one.joins],
            }
            for one in processed.pieces
        ],
    }
