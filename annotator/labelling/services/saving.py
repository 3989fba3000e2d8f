"""One save: key, version check, annotation, revision, slot, gold, audit and event in one commit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from annotator.accounts.models import User
from annotator.core import audit, events
from annotator.core.errors import UnprocessableError, VersionConflictError
from annotator.core.failpoints import failpoint
from annotator.corpus.models import Sentence
from annotator.corpus.states import SentenceState
from annotator.labelling.graphs import Json, content_hash
from annotator.labelling.models import Annotation, IdempotencyKey, Revision
from annotator.labelling.selectors import annotation_json
from annotator.labelling.services.gold import decide_gold
from annotator.labelling.services.plants import settle_plant
from annotator.labelling.services.slots import keep_slot, leave_slot, skip_slot
from annotator.labelling.states import AnnotationState


class KeyReusedError(UnprocessableError):
    """The same idempotency key came with another body."""

    code = "key_reused"


class Action(StrEnum):
    """What the person does with the sentence."""

    SAVE = "save"
    SUBMIT = "submit"
    SKIP = "skip"


STATE_AFTER = {
    Action.SAVE: AnnotationState.DRAFT,
    Action.SUBMIT: AnnotationState.SUBMITTED,
    Action.SKIP: AnnotationState.SKIPPED,
}


@dataclass(frozen=True, slots=True)
class Save:
    """What a person sends: the checked whole graph and what to do with the sentence."""

    graph: Json
    flags: list[str]
    comment: str
    action: Action
    seconds: float

    def fields(self) -> dict[str, Any]:
        """Return the columns that an annotation and its revision share."""
        return {
            "state": STATE_AFTER[self.action],
            "graph": self.graph,
            "flags": self.flags,
            "comment": self.comment,
            "seconds": self.seconds,
        }


@transaction.atomic
def save_annotation(
    *, sentence: Sentence, author: User, base_version: int, key: UUID, save: Save
) -> Json:
    """Accept a whole graph if `base_version` is still the author's newest; return the answer.

    The same key with the same body gives the first answer again and saves nothing; everything
    else that this writes is committed together or not at all.
    """
    body_hash = content_hash([base_version, save.fields()])
    earlier = _take_key(sentence, author, key, body_hash)
    if earlier is not None:
        return earlier
    failpoint("save.key_taken")
    locked = Sentence.objects.select_for_update(of=("self",), no_key=True).get(pk=sentence.pk)
    locked.project = sentence.project
    annotation = _write_annotation(locked, author, base_version, save)
    failpoint("save.annotation_written")
    revision = Revision.objects.create(
        annotation=annotation,
        version=annotation.version,
        content_hash=content_hash(save.graph),
        **save.fields(),
    )
    failpoint("save.revision_written")
    _move_sentence(locked, author, revision, save)
    failpoint("save.sentence_moved")
    answer = {
        "version": annotation.version,
        "state": locked.state,
        "annotation": annotation_json(annotation),
    }
    IdempotencyKey.objects.filter(user=author, route=_route(sentence), key=key).update(
        answer=answer
    )
    _tell(locked, annotation, revision, save)
    failpoint("save.before_commit")
    return answer


def _route(sentence: Sentence) -> str:
    return f"annotation/{sentence.pk}"


def _take_key(sentence: Sentence, author: User, key: UUID, body_hash: str) -> Json | None:
    """Own the key, or return the answer that was given under it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO labelling_idempotencykey (user_id, route, key, body_hash)
               VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING""",
            [author.pk, _route(sentence), str(key), body_hash],
        )
        if cursor.rowcount == 1:
            return None
    taken = IdempotencyKey.objects.get(user=author, route=_route(sentence), key=key)
    if taken.body_hash != body_hash or taken.answer is None:
        raise KeyReusedError("This Idempotency-Key came with another body before", key=str(key))
    answer: Json = taken.answer
    return answer


def _write_annotation(
    sentence: Sentence, author: User, base_version: int, save: Save
) -> Annotation:
    """Write the next version, or raise with the newest one when the base is older."""
    annotation = (
        Annotation.objects.select_for_update().filter(sentence=sentence, author=author).first()
    )
    current_version = annotation.version if annotation else 0
    if current_version != base_version:
        current = annotation_json(annotation) if annotation else None
        raise VersionConflictError(
            "This sentence was saved elsewhere meanwhile", current=current, base=base_version
        )
    if annotation is None:
        annotation = Annotation(sentence=sentence, author=author, version=0)
    spent = annotation.seconds
    for name, value in save.fields().items():
        setattr(annotation, name, value)
    annotation.seconds = max(spent, save.seconds)  # who knows of less time spent takes none away
    annotation.version += 1
    annotation.updated_at = Now()
    try:
        with transaction.atomic():
            annotation.save()
    except IntegrityError as error:
        refuse_by_constraint(error)
        raise
    return annotation


class RefusedByDatabaseError(UnprocessableError):
    """The schema changed between the check and the write; the trigger kept the labels legal."""

    code = "illegal_graph"


def refuse_by_constraint(error: IntegrityError) -> None:
    """Translate the graph trigger's refusal; other constraints are none of ours."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", "") or ""
    if name.startswith("graph_"):
        raise RefusedByDatabaseError(
            "The graph is not legal under the present schema", rule=name
        ) from error


def _move_sentence(sentence: Sentence, author: User, revision: Revision, save: Save) -> None:
    """Let the sentence, its slots and its gold follow what the person did."""
    if save.action is Action.SUBMIT:
        leave_slot(sentence=sentence, author=author)
        settle_plant(sentence=sentence, author=author, revision=revision)
        decide_gold(sentence=sentence, revision=revision)
    elif save.action is Action.SKIP:
        skip_slot(sentence=sentence, author=author)
        if sentence.state in {SentenceState.PENDING, SentenceState.IN_PROGRESS}:
            sentence.state = SentenceState.SKIPPED
    else:
        keep_slot(sentence=sentence, author=author)
        if sentence.state in {SentenceState.PENDING, SentenceState.SKIPPED}:
            sentence.state = SentenceState.IN_PROGRESS
    sentence.save(update_fields=["state", "gold_version"])


def _tell(sentence: Sentence, annotation: Annotation, revision: Revision, save: Save) -> None:
    change = audit.Change(
        action=f"annotation.{save.action}",
        object_kind="annotation",
        object_id=annotation.pk,
        before_version=annotation.version - 1,
        after_version=annotation.version,
        content_hash=revision.content_hash,
    )
    audit.record(change, actor_id=annotation.author_id, project_id=sentence.project_id)
    events.publish(
        sentence.project_id,
        "sentence.saved",
        sentence_id=sentence.pk,
        version=annotation.version,
        state=sentence.state,
    )
