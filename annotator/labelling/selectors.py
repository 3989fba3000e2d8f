"""Reading labels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from annotator.accounts.models import User
from annotator.corpus.models import Sentence
from annotator.labelling.graphs import Json
from annotator.labelling.models import Annotation, Comment, GoldRevision, Plant, Revision
from annotator.labelling.states import PlantOutcome
from annotator.projects.models import Role


def annotation_json(annotation: Annotation | Revision) -> dict[str, Any]:
    """Return an annotation as the API shows it."""
    return {
        "version": annotation.version,
        "entities": annotation.graph["entities"],
        "relations": annotation.graph["relations"],
        "negatives": annotation.graph["negatives"],
        "flags": annotation.flags,
        "comment": annotation.comment,
    }


def gold_graphs(sentence_ids: Iterable[int]) -> dict[int, Json]:
    """Return the current gold graph of each sentence that has one."""
    rows = GoldRevision.objects.filter(
        sentence__in=list(sentence_ids), version=F("sentence__gold_version")
    )
    return dict(rows.values_list("sentence_id", "graph"))


def held_back() -> Q:
    """Return the condition on annotations that hold an accepted check nobody has settled."""
    plants = Plant.objects.filter(
        sentence=OuterRef("sentence"), person=OuterRef("author"), outcome=PlantOutcome.ACCEPTED
    )
    return Q(Exists(plants))


def own_annotation(sentence: Sentence, author: User) -> dict[str, Any] | None:
    """Return the author's annotation; else version 0 of the gold that came with a file, if any."""
    annotation = Annotation.objects.filter(sentence=sentence, author=author).first()
    if annotation is not None:
        return annotation_json(annotation)
    gold = imported_gold([sentence.pk]).get(sentence.pk)
    return None if gold is None else {"version": 0, **gold, "flags": [], "comment": ""}


def own_annotations(sentence_ids: Iterable[int], author: User) -> dict[int, dict[str, Any]]:
    """Return `own_annotation` of many sentences in two queries."""
    ids = list(sentence_ids)
    shown = {
        sentence_id: {"version": 0, **gold, "flags": [], "comment": ""}
        for sentence_id, gold in imported_gold(ids).items()
    }
    for annotation in Annotation.objects.filter(sentence__in=ids, author=author):
        shown[annotation.sentence_id] = annotation_json(annotation)
    return shown


def imported_gold(sentence_ids: Iterable[int]) -> dict[int, Json]:
    """Return gold that no colleague made: a colleague's labels are not shown before one's own."""
    rows = GoldRevision.objects.filter(
        sentence__in=list(sentence_ids), version=F("sentence__gold_version"), revision=None
    )
    return dict(rows.values_list("sentence_id", "graph"))


def history(sentence: Sentence, reader: User, role: Role) -> QuerySet[Revision]:
    """Return the revisions the reader may see: reviewers all, annotators their own."""
    revisions = Revision.objects.select_related("annotation__author").filter(
        annotation__sentence=sentence
    )
    return revisions if role >= Role.REVIEWER else revisions.filter(annotation__author=reader)


def revision_json(revision: Revision) -> dict[str, Any]:
    """Return a revision as the history shows it."""
    return {
        "version": revision.version,
        "action": {"draft": "save", "submitted": "submit", "skipped": "skip"}[revision.state],
        "at": revision.at,
        "author": revision.annotation.author.username,
        "annotation": annotation_json(revision),
    }


def comments_of(sentence: Sentence) -> QuerySet[Comment]:
    """Return the thread at a sentence with its authors."""
    return Comment.objects.select_related("author", "resolved_by").filter(sentence=sentence)


def comment_json(comment: Comment) -> dict[str, Any]:
    """Return a comment as the API shows it."""
    return {
        "id": comment.pk,
        "author_id": comment.author_id,
        "author": comment.author.shown_name,
        "text": comment.text,
        "created_at": comment.created_at,
        "resolved_at": comment.resolved_at,
        "resolved_by": comment.resolved_by.shown_name if comment.resolved_by else None,
    }
