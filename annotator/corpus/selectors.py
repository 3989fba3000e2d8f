"""Reading documents: the text, and which of its sentences stand where."""

from __future__ import annotations

from typing import Any

from annotator.corpus.models import Document, Sentence

AROUND = 100  # sentences on each side of the one that is looked at


def document_json(sentence: Sentence) -> dict[str, Any] | None:
    """Return the document of a sentence with the sentences around it, or None. Three queries.

    `start` and `end` are code points of `text`; a document that came by name only has no text.
    """
    if sentence.document_id is None:
        return None
    document = Document.objects.get(pk=sentence.document_id)
    return {
        "id": document.pk,
        "name": document.name,
        "section": document.section,
        "text": document.text,
        "start": sentence.passage_start,
        "end": sentence.passage_end,
        "sentences": [_placed(one) for one in _around(sentence)],
    }


def _around(sentence: Sentence) -> list[Sentence]:
    beside = Sentence.objects.filter(document=sentence.document_id)
    before = beside.filter(position__lt=sentence.position).order_by("-position")[:AROUND]
    after = beside.filter(position__gte=sentence.position).order_by("position")[: AROUND + 1]
    return [*reversed(before), *after]


def _placed(sentence: Sentence) -> dict[str, Any]:
    return {
        "id": sentence.pk,
        "text": sentence.text,
        "state": sentence.state,
        "start": sentence.passage_start,
        "end": sentence.passage_end,
    }
