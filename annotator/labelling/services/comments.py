"""Comments: what members say to one another about a sentence."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from annotator.accounts.models import User
from annotator.core import audit, events
from annotator.core.errors import ForbiddenError, NotFoundError
from annotator.corpus.models import Sentence
from annotator.labelling.models import Comment
from annotator.projects.models import Role


@transaction.atomic
def add_comment(*, sentence: Sentence, author: User, text: str) -> Comment:
    """Say something about a sentence."""
    comment = Comment.objects.create(sentence=sentence, author=author, text=text)
    _tell("comment.added", sentence, comment, author)
    return comment


@transaction.atomic
def resolve_comment(
    *, sentence: Sentence, comment_id: int, actor: User, is_resolved: bool
) -> Comment:
    """Settle a comment, or open it again; any member may, and saying it twice changes nothing."""
    comment = _locked(sentence, comment_id)
    if (comment.resolved_at is not None) == is_resolved:
        return comment
    comment.resolved_at = Now() if is_resolved else None
    comment.resolved_by = actor if is_resolved else None
    comment.save(update_fields=["resolved_at", "resolved_by"])
    comment.refresh_from_db(fields=["resolved_at"])
    _tell("comment.changed", sentence, comment, actor)
    return comment


@transaction.atomic
def rewrite_comment(*, sentence: Sentence, comment_id: int, actor: User, text: str) -> Comment:
    """Put one's own comment in other words."""
    comment = _locked(sentence, comment_id)
    if comment.author_id != actor.pk:
        raise ForbiddenError("Only its author may change a comment", comment_id=comment_id)
    comment.text = text
    comment.save(update_fields=["text"])
    _tell("comment.changed", sentence, comment, actor)
    return comment


@transaction.atomic
def remove_comment(*, sentence: Sentence, comment_id: int, actor: User, role: Role) -> None:
    """Take a comment away: one's own, or as a reviewer anybody's."""
    comment = _locked(sentence, comment_id)
    if comment.author_id != actor.pk and role < Role.REVIEWER:
        raise ForbiddenError(
            "Only its author or a reviewer may remove a comment", comment_id=comment_id
        )
    _tell("comment.removed", sentence, comment, actor)
    comment.delete()


def _locked(sentence: Sentence, comment_id: int) -> Comment:
    rows = Comment.objects.select_for_update(of=("self",)).select_related("author", "resolved_by")
    comment = rows.filter(sentence=sentence, pk=comment_id).first()
    if comment is None:
        raise NotFoundError("There is no such comment", comment_id=comment_id)
    return comment


def _tell(kind: str, sentence: Sentence, comment: Comment, actor: User) -> None:
    change = audit.Change(action=kind, object_kind="comment", object_id=comment.pk)
    audit.record(change, actor_id=actor.pk, project_id=sentence.project_id)
    events.publish(sentence.project_id, kind, sentence_id=sentence.pk, comment_id=comment.pk)
