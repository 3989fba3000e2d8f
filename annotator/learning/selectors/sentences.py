"""Sentences as the annotation page shows them, in a fixed number of queries."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from annotator.accounts.models import User
from annotator.core.cursors import cursor_of, not_ours, numbers_of
from annotator.corpus.models import Sentence
from annotator.labelling.models import Plant, Slot
from annotator.labelling.selectors import own_annotations
from annotator.labelling.states import PlantOutcome, Reason, SlotState
from annotator.learning.models import ModelVersion, Suggestion
from annotator.learning.planting import with_plant
from annotator.learning.selectors.reasons import why
from annotator.learning.selectors.search import BESIDE, Reader, beside
from annotator.learning.states import VersionState
from annotator.projects.models import Role
from annotator.projects.selectors import short_labels

Json = dict[str, Any]
PAGE_SIZE = 100


def active_version_id(project_id: int) -> int | None:
    """Return the id of the version that suggests in this project, if there is one."""
    active = ModelVersion.objects.filter(project=project_id, state=VersionState.ACTIVE)
    return active.values_list("pk", flat=True).first()


def sentence_json(sentence: Sentence, reader: User) -> Json:
    """Return one sentence as its reader sees it."""
    return sentences_json([sentence.pk], reader, sentence.project_id)[0]


def sentences_json(sentence_ids: Sequence[int], reader: User, project_id: int) -> list[Json]:
    """Return sentences in the given order with annotation, suggestion and reason. Eight queries."""
    if not sentence_ids:
        return []
    active_id = active_version_id(project_id)
    sentences = _with_documents().in_bulk(sentence_ids)
    own = own_annotations(sentence_ids, reader)
    suggestions = best_suggestions(sentence_ids, active_id)
    slots = _slots_to_show(sentence_ids, reader)
    labels = short_labels(project_id)
    held = {pk: slot for pk, slot in slots.items() if slot.holder_id == reader.pk}
    hidden = {pk for pk, slot in held.items() if slot.is_blind and slot.state != SlotState.DONE}
    plants = _plants(sentence_ids, reader)
    shown = {
        pk: suggestion_json(suggestion, active_id, plants.get(pk))
        for pk, suggestion in suggestions.items()
        if pk not in hidden
    }
    return [
        {
            **_sentence_json(sentences[pk], slots.get(pk), shown.get(pk), labels),
            "annotation": own.get(pk),
            "blind": pk in held and held[pk].is_blind is True,
        }
        for pk in sentence_ids
    ]


def _with_documents() -> QuerySet[Sentence]:
    """Return the sentences with the names of their documents, whose texts may be long."""
    return Sentence.objects.select_related("document").defer("document__text")


def best_suggestions(sentence_ids: Iterable[int], active_id: int | None) -> dict[int, Suggestion]:
    """Return the active version's suggestion of each sentence, else the newest there is."""
    rows = Suggestion.objects.filter(sentence__in=list(sentence_ids))
    best: dict[int, Suggestion] = {}
    for row in rows.order_by("created_at", "pk"):
        known = best.get(row.sentence_id)
        if known is None or active_id is None or known.model_version_id != active_id:
            best[row.sentence_id] = row
    return best


def _plants(sentence_ids: Sequence[int], reader: User) -> dict[int, Json]:
    """Return the checks that the reader has not submitted yet; after that the truth is shown."""
    rows = Plant.objects.filter(sentence__in=sentence_ids, person=reader, outcome=PlantOutcome.OPEN)
    return dict(rows.values_list("sentence_id", "triple"))


def suggestion_json(
    suggestion: Suggestion, active_id: int | None, plant: Json | None = None
) -> Json:
    """Return a suggestion; it is stale when it comes from a version that is not the active one."""
    version_id = suggestion.model_version_id
    graph = suggestion.graph if plant is None else with_plant(suggestion.graph, plant)
    return {
        "model_version": version_id,
        "score": suggestion.score,
        "confidence": suggestion.confidence,
        "stale": version_id is not None and version_id != active_id,
        "entities": graph["entities"],
        "relations": graph["relations"],
        "refused": graph.get("refused", []),
        "alternatives": graph.get("alternatives", []),
    }


def _sentence_json(
    sentence: Sentence, slot: Slot | None, suggestion: Json | None, labels: Mapping[str, str]
) -> Json:
    reason = Reason(slot.reason) if slot is not None and slot.reason else Reason.CHOSEN
    return {
        "id": sentence.pk,
        "text": sentence.text,
        "state": sentence.state,
        "priority": slot.priority if slot else None,
        "position": sentence.position,
        "external_id": sentence.external_id,
        "document": _document_json(sentence),
        "previous_gold": sentence.gold_version > 0,
        "suggestion": suggestion,
        "why": why(reason, sentence.text, suggestion, labels),
        "lease_until": slot.lease_until if slot else None,
    }


def _document_json(sentence: Sentence) -> Json | None:
    document = sentence.document
    if document is None:
        return None
    return {"id": document.pk, "name": document.name, "section": document.section}


def _slots_to_show(sentence_ids: Sequence[int], reader: User) -> dict[int, Slot]:
    """Return the reader's own place at each sentence, else one without a word about its holder."""
    shown: dict[int, Slot] = {}
    rows = Slot.objects.filter(sentence__in=sentence_ids).annotate(is_live=Q(lease_until__gt=Now()))
    for slot in rows.order_by("-number"):
        if slot.holder_id == reader.pk:
            slot.lease_until = slot.lease_until if slot.is_live else None
            shown[slot.sentence_id] = slot
        elif slot.sentence_id not in shown:
            slot.lease_until, slot.reason = None, ""
            shown[slot.sentence_id] = slot
    return shown


def list_sentences(reader: Reader) -> QuerySet[Sentence]:
    """Return the sentences of a project with what a list shows beside each."""
    priority = Slot.objects.filter(sentence=OuterRef("pk")).order_by("number").values("priority")
    return Sentence.objects.filter(project=reader.project).annotate(
        priority=Subquery(priority[:1]), **beside(reader)
    )


def queue_page(
    reader: Reader, *, filters: Q, cursor: str | None
) -> tuple[list[Sentence], str | None]:
    """Return one page of the open sentences in the order of the queue, and the next cursor.

    Pool and hold-out are two walks along one index, merged, so a page costs the same in a long
    queue as in a short one.
    """
    slots = _lowest_open_slots(reader).filter(filters)
    if cursor:
        slots = slots.filter(_after(cursor))
    walks = [slots.filter(is_holdout=share)[: PAGE_SIZE + 1] for share in (False, True)]
    found = list(heapq.merge(*walks, key=_queue_order))
    page = [_listed(slot) for slot in found[:PAGE_SIZE]]
    return page, _cursor(found[PAGE_SIZE - 1]) if len(found) > PAGE_SIZE else None


def _lowest_open_slots(reader: Reader) -> QuerySet[Slot]:
    lower = Slot.objects.filter(
        sentence=OuterRef("sentence"), state=SlotState.OPEN, number__lt=OuterRef("number")
    )
    return (
        Slot.objects.filter(~Exists(lower), project=reader.project, state=SlotState.OPEN)
        .select_related("sentence")
        .annotate(**beside(reader, "sentence"))
        .order_by(F("priority").desc(nulls_last=True), "position")
    )


def _queue_order(slot: Slot) -> tuple[bool, float, int]:
    return (slot.priority is None, -(slot.priority or 0.0), slot.position)


def _listed(slot: Slot) -> Sentence:
    sentence = slot.sentence
    seen = vars(slot)
    vars(sentence).update({name: seen[name] for name in ("priority", *BESIDE)})
    return sentence


def _cursor(last: Slot) -> str:
    return cursor_of([last.priority, last.position])


def _after(cursor: str) -> Q:
    priority, position = numbers_of(cursor, 2)
    if position is None:
        raise not_ours()
    later = Q(priority__isnull=True, position__gt=position)
    if priority is None:
        return later
    return (
        Q(priority__lt=priority)
        | Q(priority=priority, position__gt=position)
        | Q(priority__isnull=True)
    )


def listed_json(sentence: Sentence, role: Role) -> Json:
    """Return a sentence of a list. Annotators do not learn which ones are held out."""
    seen: Mapping[str, Any] = vars(sentence)
    return {
        "id": sentence.pk,
        "text": sentence.text,
        "state": sentence.state,
        "split": sentence.split if role >= Role.REVIEWER else None,
        "priority": seen["priority"],
        "position": sentence.position,
        "external_id": sentence.external_id,
        "gold": sentence.gold_version > 0,
        "suggested": seen["is_suggested"],
        "score": seen["score"],
        "flags": seen["flags"],
        "annotators": seen["annotators"],
        "comments": seen["comment_count"],
    }
