"""What a version gets wrong, by type and class of error, and the sentences behind each number."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from annotator.core.errors import ConflictError, InvalidError
from annotator.learning.models import ModelVersion
from annotator.learning.selectors.judgements import Judged, judged
from annotator.learning.selectors.version_diff import confidences, statement_words
from annotator.projects.selectors import symmetric_types, type_names
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

PAGE_SIZE = 20
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
    """Which statements are asked for: a kind, and as far as given a type, a class, a slice.

    `met` is a cell of the confusion: gold's type and the predicted one, "" where there is nothing.
    """

    kind: str = "relation"
    type: str = ""
    name: str = ""
    slice: str = ""
    met: tuple[str, str] | None = None

    def has(self, one: Verdict) -> bool:
        """Say whether a statement stands in the cell, whatever its sentence."""
        here = (one.gold[0] if one.gold else "", one.said[0] if one.said else "")
        return (
            self.type in ("", one.type) and self.name in ("", one.kind) and self.met in (None, here)
        )

    def types(self) -> dict[str, str]:
        """Return the types that are named, by the names of the parameters."""
        gold, said = self.met or ("", "")
        named = {"type": self.type, "gold": gold, "predicted": said}
        return {name: one for name, one in named.items() if one}

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
    _check_types(version, cell, rows)
    found = [(row, count) for row in rows if (count := cell.of(row))]
    begin = _begin(cursor, [row for row, _ in found])
    shown = [row for row, _ in found[begin : begin + PAGE_SIZE]]
    is_more = len(found) > begin + PAGE_SIZE
    summary: Json = {
        "sentences": len(found),
        "statements": sum(count for _, count in found),
        "results": [_sentence(row, cell, symmetric) for row in shown],
    }
    return summary, str(shown[-1].judged.gold_id) if is_more else None


def _sorted(version: ModelVersion, symmetric: frozenset[str] | None = None) -> list[Sorted]:
    kinds = symmetric_types(version.project) if symmetric is None else symmetric
    rows = [_sort(one, kinds) for one in judged(version)]
    if not rows:
        raise NotJudgedError(
            "It is not kept what this version said of single sentences; measure it again",
            model_version=version.pk,
        )
    return rows


def _check_types(version: ModelVersion, cell: Cell, rows: Sequence[Sorted]) -> None:
    """Refuse types that neither the sentences have nor the project: an empty list would mislead."""
    named = cell.types()
    if not named:
        return
    seen = {name for row in rows for one in row.verdicts[cell.kind] for name in _types_of(one)}
    known = sorted(seen | type_names(version.project))
    for field, name in named.items():
        if name not in known:
            raise InvalidError(f"There is no type {name!r}", field=field, known=known)


def _types_of(one: Verdict) -> list[str]:
    return [said[0] for said in (one.gold, one.said) if said is not None]


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


def _begin(cursor: str | None, rows: Sequence[Sorted]) -> int:
    if not cursor:
        return 0
    for place, row in enumerate(rows, 1):
        if str(row.judged.gold_id) == cursor:
            return place
    raise InvalidError("The cursor is not one of ours", field="cursor")


def _sentence(row: Sorted, cell: Cell, symmetric: frozenset[str]) -> Json:
    one = row.judged
    of = "triple" if cell.kind == "relation" else "entity"
    sure = dict(confidences(one, of, symmetric))

    def words(said: Statement | None) -> Json | None:
        if said is None:
            return None
        return {**statement_words(said, of, one.text), "confidence": sure.get(said)}

    return {
        "sentence_id": one.sentence_id,
        "text": one.text,
        "gold": _graph(one.gold),
        "predicted": _graph(one.predicted),
        "statements": [
            {
                "class": each.kind,
                "is_asked": cell.has(each),
                "gold": words(each.gold),
                "predicted": words(each.said),
            }
            for each in row.verdicts[cell.kind]
        ],
    }


def _graph(stored: Json) -> Json:
    entity, relation = ("start", "end", "type"), ("head", "tail", "type")
    return {
        "entities": [{name: one[name] for name in entity} for one in stored["entities"]],
        "relations": [{name: one[name] for name in relation} for one in stored["relations"]],
    }
