"""Reading imports for the API, and sentences with their labels for the export."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils.module_loading import import_string

from annotator.core.errors import NotFoundError
from annotator.corpus.models import Sentence
from annotator.corpus.states import SentenceState
from annotator.exchange.formats.writing import Origin, Record
from annotator.exchange.models import ImportJob
from annotator.labelling.graphs import EMPTY, Json, to_graph
from annotator.labelling.models import Annotation, GoldRevision
from annotator.labelling.selectors import gold_graphs, held_back
from annotator.labelling.states import AnnotationState
from annotator.projects.models import Project
from extraction.types import Example, Graph

Suggested = Callable[[list[int]], Mapping[int, Json]]
PAGE = 1000
PROBLEMS_IN_LIST = 20
COLUMNS = (
    "pk", "position", "external_id", "text", "text_hash", "meta", "gold_version", "state",
    "document__name", "document__section", "split", "group", "passage_start", "passage_end",
)  # fmt: skip


class Wanted(Enum):
    """Which sentences an export holds."""

    GOLD = "gold"
    SUBMITTED = "submitted"  # gold ones among them
    ALL = "all"  # those without labels with an empty graph


CHOSEN = {
    Wanted.GOLD: Q(gold_version__gt=0),
    Wanted.SUBMITTED: Q(gold_version__gt=0) | Q(state=SentenceState.SUBMITTED),
    Wanted.ALL: Q(),
}


def export_pages(
    *, project: Project, wanted: Wanted, with_origin: bool = False
) -> Iterator[list[Record]]:
    """Read the sentences in the order of their positions, page by page. Three queries a page, and
    two more for where the labels come from."""
    rows = Sentence.objects.filter(CHOSEN[wanted], project=project).order_by("position")
    suggested: Suggested = import_string(settings.EXPORT_SUGGESTED)
    last = -1
    while page := list(rows.filter(position__gt=last).values_list(*COLUMNS)[:PAGE]):
        last = page[-1][1]
        graphs = gold_graphs([row[0] for row in page if row[6] > 0])
        graphs |= submitted_graphs([row[0] for row in page if row[6] == 0])
        origins = origins_of(page, graphs, suggested) if with_origin else {}
        yield [
            Record(_example(row, graphs.get(row[0], EMPTY)), origins.get(row[0])) for row in page
        ]


def submitted_graphs(sentence_ids: list[int]) -> dict[int, Json]:
    """Return the graph that was submitted first of each sentence that has one."""
    if not sentence_ids:
        return {}
    rows = Annotation.objects.filter(
        ~held_back(), sentence__in=sentence_ids, state=AnnotationState.SUBMITTED
    )
    return dict(rows.order_by("-pk").values_list("sentence_id", "graph"))


def _example(row: tuple[Any, ...], graph: Json) -> Example:
    external_id, text, text_hash, meta = row[2:6]
    document, section = row[8:10]
    if document is not None:
        meta = {**meta, "document": document, **({"section": section} if section else {})}
    return Example(
        id=external_id or made_id(text_hash), text=text, graph=to_graph(graph), meta=meta
    )


def origins_of(
    page: list[tuple[Any, ...]], graphs: Mapping[int, Json], suggested: Suggested
) -> dict[int, Origin]:
    """Return where the labels of each sentence of a page come from."""
    ids = [row[0] for row in page]
    decided = _decisions([row[0] for row in page if row[6] > 0])
    submitted, suggestions = _submissions(ids), suggested(ids)
    return {
        row[0]: replace(
            _origin(row, graphs.get(row[0], EMPTY), decided.get(row[0])),
            submissions=submitted.get(row[0], ()),
            suggestion=suggestions.get(row[0]),
        )
        for row in page
    }


def _submissions(sentence_ids: list[int]) -> dict[int, tuple[Graph, ...]]:
    """Return what each person submitted of each sentence, in the order of their first saves."""
    rows = Annotation.objects.filter(
        ~held_back(), sentence__in=sentence_ids, state=AnnotationState.SUBMITTED
    )
    found: dict[int, tuple[Graph, ...]] = {}
    for sentence_id, graph in rows.order_by("pk").values_list("sentence_id", "graph"):
        found[sentence_id] = (*found.get(sentence_id, ()), to_graph(graph))
    return found


def _decisions(sentence_ids: list[int]) -> dict[int, tuple[str, datetime, str | None]]:
    """Return of each sentence with gold how it became gold, when, and by whose labels."""
    rows = GoldRevision.objects.filter(
        sentence__in=sentence_ids, version=F("sentence__gold_version")
    ).values_list("sentence_id", "origin", "at", "revision__annotation__author__username")
    return {pk: (origin, at, author) for pk, origin, at, author in rows}


def _origin(
    row: tuple[Any, ...], graph: Json, decided: tuple[str, datetime, str | None] | None
) -> Origin:
    origin, at, author = decided or ("", None, None)
    return Origin(
        state=row[7],
        gold_version=row[6],
        gold_origin=origin,
        decided_at=at.isoformat() if at else "",
        decided_by=author or "",
        document=row[8] or "",
        section=row[9] or "",
        split=row[10],
        group=row[11],
        start=row[12],
        end=row[13],
        entity_sources=tuple(one.get("source", "") for one in graph["entities"]),
        relation_sources=tuple(one.get("source", "") for one in graph["relations"]),
    )


def made_id(text_hash: UUID) -> str:
    """Return the id of a sentence that came without one: the same wherever the text is."""
    return f"s{text_hash.hex[:16]}"


def import_for(*, project: Project, import_id: int) -> ImportJob:
    """Return an import of the project, or say that there is none."""
    found = ImportJob.objects.filter(project=project, pk=import_id).first()
    if found is None:
        raise NotFoundError("There is no such import", import_id=import_id)
    return found


def imports_of(project: Project) -> QuerySet[ImportJob]:
    """Return the imports of a project."""
    return ImportJob.objects.filter(project=project)


def import_json(wanted: ImportJob, *, most_problems: int | None = None) -> dict[str, Any]:
    """Return an import as the API shows it; refusals and notes together, by line."""
    problems = sorted([*wanted.problems, *wanted.notes], key=lambda one: int(one["line"]))
    error = {"code": wanted.error_code, "message": wanted.error_message}
    return {
        "id": wanted.pk,
        "state": wanted.state,
        "filename": wanted.filename,
        "format": wanted.format,
        "labels": wanted.labels,
        "split": wanted.split,
        "accepted": wanted.accepted,
        "refused": wanted.refused,
        "duplicates": wanted.duplicates,
        "progress": wanted.progress,
        "rules": wanted.rules,
        "summary": wanted.summary,
        "problems": problems[:most_problems],
        "error": error if wanted.error_code else None,
        "created_at": wanted.created_at,
        "finished_at": wanted.finished_at,
    }


def import_in_list(wanted: ImportJob) -> dict[str, Any]:
    """Return an import with its first problems only: lists stay small."""
    return import_json(wanted, most_problems=PROBLEMS_IN_LIST)
