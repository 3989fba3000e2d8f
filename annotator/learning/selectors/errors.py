"""What a version gets wrong, by type and class of error, and the sentences behind each number."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from annotator.core.errors import ConflictError, InvalidError
from annotator.learning.models import ModelVersion
from annotator.learning.selectors.judgements import Judged, judged
from annotator.learning.selectors.statement_pages import Piece, Row, cut_page
from annotator.learning.selectors.version_diff import confidences, statement_words
from annotator.projects.selectors import symmetric_types
from extraction.evaluation.errors import (
    ENTITY_KINDS,
    RELATION_KINDS,
    SLICES,
    Tally,
    Verdict,
    judge_entities,
    judge_relations,
    slices,
    tally,
)
from extraction.evaluation.match import Reading, Statement, entities_strict, relations_strict
from extraction.types import Graph

DIGITS = 4
CLASSES: Mapping[str, Sequence[str]] = {"relation": RELATION_KINDS, "entity": ENTITY_KINDS}
PARTS = {"relation": "relations", "entity": "entities"}

Json = dict[str, Any]


class NotJudgedError(ConflictError):
    """Of this version it is not kept what it said of the sentences that it was measured on."""

    code = "not_judged"


@dataclass(frozen=True, slots=True)
class Sorted:
    """A measured sentence, its slices, and each of its statements with its class."""

    judged: Judged
    slices: frozenset[str]
    verdicts: Mapping[str, tuple[Verdict, ...]]


@dataclass(frozen=True, slots=True)
class Cell:
    """Which statements are asked for: a kind; the rest as far as given, and all of it at once.

    `type` is the type in whose row a statement counts; `gold` and `predicted` are what either side
    calls it, "" for what that side has not; `side` ("gold" or "predicted") is who says it at all.
    """

    kind: str = "relation"
    type: str = ""
    name: str = ""
    slice: str = ""
    gold: str | None = None
    predicted: str | None = None
    side: str = ""

    def has(self, one: Verdict) -> bool:
        """Say whether a statement stands in the cell, whatever its sentence."""
        gold, said = (each[0] if each else "" for each in (one.gold, one.said))
        return (
            self.type in ("", one.type)
            and self.name in ("", one.kind)
            and self.gold in (None, gold)
            and self.predicted in (None, said)
            and (not self.side or {"gold": gold, "predicted": said}[self.side] != "")
        )

    def types(self) -> dict[str, str]:
        """Return the types that are named, by the name of the parameter."""
        named = {"type": self.type, "gold": self.gold, "predicted": self.predicted}
        return {name: value for name, value in named.items() if value}

    def of(self, row: Sorted) -> int:
        """Count the statements of a sentence that stand in the cell."""
        if self.slice and self.slice not in row.slices:
            return 0
        return sum(self.has(one) for one in row.verdicts[self.kind])


def errors(version: ModelVersion) -> Json:
    """Return counts of all statements, for each type, and for each slice. Three queries."""
    rows = _sorted(version)
    return {
        "version": version.pk,
        "number": version.number,
        "model": version.run.model,
        "encoder": version.run.encoder,
        "measured_on": version.metrics.get("measured_on", "holdout"),
        "sentences": len(rows),
        **{part: _part(rows, kind) for kind, part in PARTS.items()},
        "slices": [_slice(rows, name) for name in SLICES],
    }


def error_sentences(
    version: ModelVersion, cell: Cell, cursor: str | None
) -> tuple[Json, str | None]:
    """Return the sentences behind a cell, a page of them, and where the next page begins."""
    symmetric = symmetric_types(version.project)
    rows = _sorted(version, symmetric)
    _check_types(version, rows, cell)
    found = [(row, count) for row in rows if (count := cell.of(row))]
    places = [Row(row.judged.gold_id, count) for row, count in found]
    pieces, after = cut_page(places, cursor)
    summary: Json = {
        "sentences": len(found),
        "statements": sum(count for _, count in found),
        "results": [_sentence(found[at.index][0], at, cell, symmetric) for at in pieces],
    }
    return summary, after


def _check_types(version: ModelVersion, rows: Collection[Sorted], cell: Cell) -> None:
    """Refuse a type that neither stands in the tables nor in the schema. One query, or none."""
    named = cell.types()
    if not named:
        return
    project = version.project
    schema = project.relation_types if cell.kind == "relation" else project.entity_types
    known = {*schema.values_list("name", flat=True), *_tally(rows, cell.kind).types()}
    for field, value in named.items():
        if value not in known:
            raise InvalidError("There is no such type", field=field, known=sorted(known))


def _sorted(version: ModelVersion, symmetric: frozenset[str] | None = None) -> list[Sorted]:
    kinds = symmetric_types(version.project) if symmetric is None else symmetric
    rows = [_sort(one, kinds) for one in judged(version)]
    if not rows:
        raise NotJudgedError(
            "It is not kept what this version said of single sentences; measure it again",
            model_version=version.pk,
        )
    return rows


def _sort(one: Judged, symmetric: frozenset[str]) -> Sorted:
    gold = Reading(one.gold_graph(), one.text, symmetric)
    said = Reading(one.predicted_graph(), one.text, symmetric)
    triples = relations_strict(gold)
    return Sorted(
        judged=one,
        slices=slices(one.text, triples),
        verdicts={
            "relation": judge_relations(triples, relations_strict(said), symmetric),
            "entity": judge_entities(entities_strict(gold), entities_strict(said)),
        },
    )


def _tally(rows: Collection[Sorted], kind: str) -> Tally:
    return tally(chain.from_iterable(row.verdicts[kind] for row in rows))


def _part(rows: Collection[Sorted], kind: str) -> Json:
    table = _tally(rows, kind)
    classes = CLASSES[kind]
    return {
        "classes": list(classes),
        "total": {**_rates(table), "cells": {name: table.of_kind(name) for name in classes}},
        "types": [
            {
                "type": one,
                **_rates(table, one),
                "cells": {name: table.cells[one, name] for name in classes},
            }
            for one in table.types()
        ],
        "confusion": [
            {"gold": gold, "predicted": said, "count": count}
            for (gold, said), count in sorted(
                table.confusion.items(),
                key=lambda item: [(one is None, one or "") for one in item[0]],
            )
        ],
    }


def _rates(table: Tally, name: str | None = None) -> Json:
    counts = table.counts(name)
    return {
        "gold": counts.right + counts.missed,
        "predicted": counts.right + counts.wrong,
        "precision": round(counts.precision, DIGITS),
        "recall": round(counts.recall, DIGITS),
        "f1": round(counts.f1, DIGITS),
    }


def _slice(rows: Collection[Sorted], name: str) -> Json:
    chosen = [row for row in rows if name in row.slices]
    return {
        "slice": name,
        "sentences": len(chosen),
        **{
            part: {**_rates(table), "correct": table.of_kind("correct")}
            for kind, part in PARTS.items()
            for table in (_tally(chosen, kind),)
        },
    }


def _sentence(row: Sorted, at: Piece, cell: Cell, symmetric: frozenset[str]) -> Json:
    """Return a sentence with a piece of what is asked for; the first piece also has the rest."""
    one = row.judged
    verdicts = row.verdicts[cell.kind]
    asked = [each for each in verdicts if cell.has(each)][at.begin : at.end]
    others = [] if at.begin else [each for each in verdicts if not cell.has(each)]
    of = "triple" if cell.kind == "relation" else "entity"
    sure = dict(confidences(one, of, symmetric))

    def words(said: Statement | None) -> Json | None:
        if said is None:
            return None
        return {**statement_words(said, of, one.text), "confidence": sure.get(said)}

    return {
        "sentence_id": one.sentence_id,
        "text": one.text,
        "gold": _graph(one.gold_graph()),
        "predicted": _graph(one.predicted_graph()),
        "statements": [
            {
                "class": each.kind,
                "is_asked": cell.has(each),
                "gold": words(each.gold),
                "predicted": words(each.said),
            }
            for each in (*asked, *others)
        ],
    }


def _graph(graph: Graph) -> Json:
    """Spell a graph without ids: the ends of a relation are places in the list of entities."""
    return {
        "entities": [{"start": e.start, "end": e.end, "type": e.type} for e in graph.entities],
        "relations": [{"head": r.head, "tail": r.tail, "type": r.type} for r in graph.relations],
    }
