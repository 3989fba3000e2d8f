"""Suggestions: planned in chunks along the queue, stored once, and the queue re-ordered by them."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Length

from annotator.core import events, jobs
from annotator.core.errors import DomainError
from annotator.core.failpoints import failpoint
from annotator.core.jobs import Claim
from annotator.core.models import Job
from annotator.core.states import JobState
from annotator.corpus.models import Sentence
from annotator.labelling.graphs import check_graph
from annotator.labelling.models import Slot
from annotator.labelling.rewriting import rewrite_suggestion
from annotator.labelling.states import SlotState
from annotator.learning.graphs import suggestion_graph
from annotator.learning.models import ModelVersion, Suggestion
from annotator.learning.selectors.pool import waiting_of
from annotator.learning.services.batches import (
    ChooseBatch,
    put_first,
    put_last,
    request_arrangement,
)
from annotator.learning.services.schema_changes import changes_since
from annotator.learning.states import VersionState
from annotator.projects.selectors import schema_of, symmetric_types
from extraction.types import Prediction, Schema

logger = logging.getLogger(__name__)

KIND = "predict"
QUEUE = "predict"
FIRST_CHUNK_CHARACTERS = 4_000  # the top of the queue is re-ordered early
CHUNK_CHARACTERS = 16_000
CHUNK_SENTENCES = 500
SMALL = 2_000  # sentences that a batch is chosen from in a moment

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Suggested:
    """What the model says of one sentence, and what that makes of its place in the queue."""

    sentence_id: int
    text_length: int
    prediction: Prediction
    score: float
    priority: float
    confidence: float


@transaction.atomic
def suggest_for_new(project_id: int) -> int:
    """Have the active version look at every open sentence that it has not seen; return how many."""
    version = (
        ModelVersion.objects.select_for_update()
        .filter(project=project_id, state=VersionState.ACTIVE)
        .first()
    )
    if version is None:
        return 0
    planned = plan_suggestions(version)
    if planned:
        tell_suggestions(version)
    return planned


def suggest_missing() -> None:
    """Plan what nobody planned, because a worker died at the wrong moment, in every project."""
    active = ModelVersion.objects.filter(state=VersionState.ACTIVE)
    for project_id in list(active.values_list("project_id", flat=True)):
        if not jobs.is_busy(kind=KIND, project_id=project_id):
            suggest_for_new(project_id)


def plan_suggestions(version: ModelVersion, *, again: bool = False) -> int:
    """Replace the waiting chunks of the project by chunks of all that is missing, in queue order.

    Chunks that a worker has in hand go on; their sentences are not planned twice. With `again`
    nothing counts as seen.
    """
    jobs.cancel_waiting(kind=KIND, project_id=version.project_id)
    in_hand: set[int] = set()
    for payload in jobs.running_payloads(kind=KIND, subject_id=version.pk):
        in_hand.update(payload["sentences"])
    suggestions = Suggestion.objects.none() if again else Suggestion.objects.all()
    seen = Exists(suggestions.filter(sentence=OuterRef("sentence"), model_version=version))
    slots = _open_slots(version.project_id)
    missing = (row for row in _in_queue_order(slots.filter(~seen)) if row[0] not in in_hand)
    chunks = list(cut_chunks(missing))
    jobs.enqueue_many(
        [
            Job(
                kind=KIND,
                queue=QUEUE,
                project_id=version.project_id,
                subject_id=version.pk,
                payload={"sentences": chunk},
            )
            for chunk in chunks
        ]
    )
    planned = sum(map(len, chunks))
    version.suggested_done = slots.filter(seen).count()
    version.suggested_total = version.suggested_done + planned + len(in_hand)
    version.save(update_fields=["suggested_done", "suggested_total"])
    return planned


def _open_slots(project_id: int) -> QuerySet[Slot]:
    """Return one open slot of each sentence that has any."""
    lower = Slot.objects.filter(
        sentence=OuterRef("sentence"), state=SlotState.OPEN, number__lt=OuterRef("number")
    )
    return Slot.objects.filter(~Exists(lower), project=project_id, state=SlotState.OPEN)


def _in_queue_order(slots: QuerySet[Slot]) -> Iterator[tuple[int, int]]:
    """Yield id and length of each sentence, first the one that is shown first."""
    with connection.cursor() as cursor:  # we read to the end: plan for that, not for a first row
        cursor.execute("SET LOCAL cursor_tuple_fraction = 1")
    ordered = slots.order_by(F("priority").desc(nulls_last=True), "position")
    yield from ordered.values_list("sentence_id", Length("sentence__text")).iterator()


def cut_chunks(sentences: Iterable[tuple[int, int]]) -> Iterator[list[int]]:
    """Cut (id, length) pairs into chunks of about equal work; the first one is small."""
    chunk: list[int] = []
    characters, budget = 0, FIRST_CHUNK_CHARACTERS
    for sentence_id, length in sentences:
        if chunk and (characters + length > budget or len(chunk) == CHUNK_SENTENCES):
            yield chunk
            chunk, characters, budget = [], 0, CHUNK_CHARACTERS
        chunk.append(sentence_id)
        characters += length
    if chunk:
        yield chunk


@transaction.atomic
def store_suggestions(
    held: Claim, suggested: Sequence[Suggested], choose_batch: ChooseBatch | None = None
) -> bool:
    """Write a chunk once, re-order the queue by it, and say how far the version is.

    With the last chunk of a small project the next batch is chosen in the same transaction, so
    that nobody sees all suggestions in an order that is about to change; a large one is left to a
    job of its own. A chunk of a version that is no longer active changes nothing: False.
    """
    version = ModelVersion.objects.select_for_update(no_key=True).get(pk=held.subject_id)
    if version.state != VersionState.ACTIVE:
        jobs.finish(held, state=JobState.CANCELLED, code="version_retired")
        return False
    jobs.finish(held)
    rows = list(_rows(version, suggested))
    _upsert(version.pk, rows)
    version.suggested_done += len(held.payload["sentences"])
    version.save(update_fields=["suggested_done"])
    _set_priorities(rows)
    failpoint("suggestions.stored")
    if not jobs.is_busy(kind=KIND, project_id=version.project_id):
        _begin_with_the_best(version, choose_batch)
    tell_suggestions(version)
    return True


def _begin_with_the_best(version: ModelVersion, choose_batch: ChooseBatch | None) -> None:
    """Have the next batch chosen, at once where that takes a moment only."""
    if choose_batch is None or version.suggested_total > SMALL:
        request_arrangement(version.project_id)
        return
    batch = choose_batch(waiting_of(version.project_id))
    put_last(batch.repeats)
    put_first(version.project_id, batch.chosen)


@transaction.atomic
def drop_chunk(held: Claim) -> None:
    """Let go of a chunk whose version was not active when a worker looked.

    Should it be active again by now, what the chunk held is planned once more: whoever made it
    active took the chunk for one in good hands.
    """
    version = ModelVersion.objects.select_for_update(no_key=True).get(pk=held.subject_id)
    jobs.finish(held, state=JobState.CANCELLED, code="version_retired")
    if version.state == VersionState.ACTIVE:
        plan_suggestions(version)
        tell_suggestions(version)


def store_imported_suggestions(imported: Sequence[tuple[int, Json, float | None]]) -> None:
    """Keep checked graphs with confidences that came with a file: (sentence, graph, score)."""
    rows = []
    for sentence_id, graph, score in imported:
        said = (*graph["entities"], *graph["relations"])
        errors = sum(1.0 - one["confidence"] for one in said) if score is None else score
        confidence = math.exp(-max(0.0, errors))
        rows.append(_row(sentence_id, graph, score=errors, priority=0.0, confidence=confidence))
    _upsert(None, rows)


UPSERT = """
INSERT INTO learning_suggestion
       (sentence_id, model_version_id, graph, score, priority, confidence)
SELECT r.sentence_id, %s, r.graph, r.score, r.priority, r.confidence
  FROM jsonb_to_recordset(%s::jsonb)
    AS r (sentence_id bigint, graph jsonb, score float8, priority float8, confidence float8)
ON CONFLICT (sentence_id, model_version_id) DO UPDATE
   SET graph = EXCLUDED.graph, score = EXCLUDED.score, priority = EXCLUDED.priority,
       confidence = EXCLUDED.confidence
"""


def _upsert(version_id: int | None, rows: Sequence[Json]) -> None:
    """Write rows in one statement; what the version said of a sentence before is replaced."""
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [version_id, json.dumps(rows, allow_nan=False)])


def _row(sentence_id: int, graph: Json, **numbers: float) -> Json:
    return {"sentence_id": sentence_id, "graph": graph, **numbers}


def _rows(version: ModelVersion, suggested: Sequence[Suggested]) -> Iterator[Json]:
    schema = schema_of(version.project)
    forward = _forward(version, [one.sentence_id for one in suggested])
    for one in suggested:
        graph = _legal_graph(one, schema, forward)
        if graph is not None:
            numbers = {"score": one.score, "priority": one.priority, "confidence": one.confidence}
            yield _row(one.sentence_id, graph, **numbers)


def _forward(version: ModelVersion, sentence_ids: Sequence[int]) -> Callable[[int, Json], Json]:
    """Return what brings a graph in the words of an older schema into those of the present one."""
    changes = changes_since(version.project_id, version.schema_version)
    if not changes:
        return lambda _, graph: graph
    texts = dict(Sentence.objects.filter(pk__in=sentence_ids).values_list("pk", "text"))
    symmetric = symmetric_types(version.project)

    def bring(sentence_id: int, graph: Json) -> Json:
        text = texts[sentence_id]
        for change in changes:
            graph = rewrite_suggestion(graph, change, text=text, symmetric=symmetric)
        return graph

    return bring


def _legal_graph(
    one: Suggested, schema: Schema, forward: Callable[[int, Json], Json]
) -> Json | None:
    """Return the graph to store; None when the schema has changed under a model that is older."""
    graph = forward(one.sentence_id, suggestion_graph(one.prediction))
    try:
        check_graph(graph, text=" " * one.text_length, schema=schema)
    except DomainError as error:
        logger.warning("suggestion for sentence %s left out: %s", one.sentence_id, error.code)
        return None
    return graph


SET_PRIORITIES = """
UPDATE labelling_slot AS s SET priority = v.priority, choice = ''
  FROM unnest(%s::bigint[], %s::float8[]) AS v (sentence_id, priority)
 WHERE s.sentence_id = v.sentence_id AND s.state = 'open'
"""
ADOPT_PRIORITIES = """
UPDATE labelling_slot AS s SET priority = g.priority, choice = ''
  FROM learning_suggestion AS g
 WHERE g.model_version_id = %s AND s.sentence_id = g.sentence_id AND s.state = 'open'
   AND s.priority IS DISTINCT FROM g.priority
"""


def _set_priorities(rows: Sequence[Json]) -> None:
    ids, priorities = [row["sentence_id"] for row in rows], [row["priority"] for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(SET_PRIORITIES, [ids, priorities])


def adopt_priorities(version: ModelVersion) -> None:
    """Order the queue by what this version said before, where it said something."""
    with connection.cursor() as cursor:
        cursor.execute(ADOPT_PRIORITIES, [version.pk])


FORGET_PRIORITIES = """
UPDATE labelling_slot AS s SET priority = NULL, choice = ''
 WHERE s.project_id = %s AND s.state = 'open' AND s.priority IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM learning_suggestion AS g
                    WHERE g.sentence_id = s.sentence_id AND g.model_version_id IS NOT NULL)
"""


def forget_priorities(project_id: int) -> None:
    """Let no sentence be ordered by what only a forgotten version said."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET_PRIORITIES, [project_id])


def prune_suggestions(project_id: int, *, keep: Sequence[int]) -> None:
    """Forget what versions said that nobody will go back to.

    What came with files stays, and what people's work may be measured against.
    """
    measured = Slot.objects.filter(
        sentence=OuterRef("sentence"), state=SlotState.DONE, is_blind__isnull=False
    )
    Suggestion.objects.filter(~Exists(measured), model_version__project=project_id).exclude(
        model_version__in=keep
    ).delete()


def tell_suggestions(version: ModelVersion) -> None:
    """Say how many open sentences the version has looked at."""
    events.publish(
        version.project_id,
        "suggestions.ready",
        model_version=version.pk,
        done=version.suggested_done,
        total=version.suggested_total,
    )
