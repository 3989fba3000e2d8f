"""Changing types over existing labels: rename, merge, split, reverse.

Nothing of the past changes: every annotation that is concerned gets a next version, every current
gold a new revision. Old revisions keep the old words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.db.models.functions import Now

from annotator.accounts.models import User
from annotator.core import audit, events
from annotator.core.errors import ConflictError
from annotator.core.failpoints import failpoint
from annotator.corpus.models import Sentence
from annotator.labelling.graphs import content_hash
from annotator.labelling.models import Annotation, GoldRevision, Revision
from annotator.labelling.rewriting import Change, both, rewrite_suggestion
from annotator.learning.models import Suggestion
from annotator.learning.services.schema_plan import (
    CHUNK,
    Plan,
    concerned,
    current_golds,
    plan_change,
    preview_change,
    suggestions_of,
)
from annotator.projects.models import Guideline, Project, SchemaChange
from annotator.projects.schema import write_schema

Json = dict[str, Any]


class PreviewOutdatedError(ConflictError):
    """Labels or schema changed since the preview: look again."""

    code = "preview_outdated"


@transaction.atomic
def apply_change(
    *, project: Project, change: Change, token: str, actor: User | None, extends: bool = False
) -> Json:
    """Do what the preview with this token showed, in one transaction."""
    locked = Project.objects.select_for_update().get(pk=project.pk)
    seen = preview_change(project=locked, change=change, extends=extends)
    if seen["token"] != token:
        raise PreviewOutdatedError("Labels changed since the preview; look again")
    plan = plan_change(locked, change, extends=extends)
    write_schema(locked, both(plan.before, plan.after))
    newest = _rewrite_annotations(plan)
    failpoint("schema.annotations_rewritten")
    _rewrite_golds(plan, newest)
    _rewrite_suggestions(plan)
    write_schema(locked, plan.after)
    _move_guidelines(plan, actor)
    locked.schema_version += 1
    locked.save(update_fields=["schema_version"])
    SchemaChange.objects.create(
        project=locked,
        schema_version=locked.schema_version,
        change=change.as_json(),
        author=actor,
    )
    entry = audit.Change(
        action=f"schema.{change.kind}",
        object_kind="project",
        object_id=locked.pk,
        before_version=locked.schema_version - 1,
        after_version=locked.schema_version,
        content_hash=content_hash(change.as_json()),
    )
    who = actor.pk if actor else None
    audit.record(entry, actor_id=who, project_id=locked.pk)
    rewritten = [_record_of(revision) for revision in newest.values()]
    audit.record_all(rewritten, actor_id=who, project_id=locked.pk)
    failpoint("schema.before_commit")
    events.publish(locked.pk, "schema.changed", version=locked.schema_version)
    return {**seen, "schema_version": locked.schema_version}


def changes_since(
    project_id: int, schema_version: int, *, until: int | None = None
) -> list[Change]:
    """Return what was changed after a version of the schema, oldest first."""
    rows = SchemaChange.objects.filter(project=project_id, schema_version__gt=schema_version)
    if until is not None:
        rows = rows.filter(schema_version__lte=until)
    return [Change.from_json(row.change) for row in rows.order_by("schema_version")]


def _rewrite_annotations(plan: Plan) -> dict[int, Revision]:
    """Give every annotation that is concerned its next version; return the revisions by it."""
    newest: dict[int, Revision] = {}
    for chunk in _chunks(concerned(_annotations(plan), plan.change)):
        changed = []
        for one in chunk:
            graph = plan.rewritten(one.graph, one.sentence.text).graph
            if graph != one.graph:
                one.graph, one.version = graph, one.version + 1
                changed.append(one)
        Annotation.objects.bulk_update(changed, ["graph", "version"])
        Annotation.objects.filter(pk__in=[one.pk for one in changed]).update(updated_at=Now())
        revisions = Revision.objects.bulk_create(_revision(one) for one in changed)
        newest.update({revision.annotation_id: revision for revision in revisions})
    return newest


def _annotations(plan: Plan) -> QuerySet[Annotation]:
    return Annotation.objects.select_for_update(of=("self",)).filter(sentence__project=plan.project)


def _record_of(revision: Revision) -> audit.Change:
    return audit.Change(
        action="annotation.rewritten",
        object_kind="annotation",
        object_id=revision.annotation_id,
        before_version=revision.version - 1,
        after_version=revision.version,
        content_hash=revision.content_hash,
    )


def _revision(one: Annotation) -> Revision:
    return Revision(
        annotation=one,
        version=one.version,
        state=one.state,
        graph=one.graph,
        flags=one.flags,
        comment=one.comment,
        seconds=one.seconds,
        content_hash=content_hash(one.graph),
    )


def _rewrite_golds(plan: Plan, newest: dict[int, Revision]) -> None:
    for chunk in _chunks(current_golds(plan)):
        ids = [one.sentence_id for one in chunk]
        last = dict(
            GoldRevision.objects.filter(sentence__in=ids)
            .values_list("sentence")
            .annotate(last=Max("version"))
        )
        made = []
        for one in chunk:
            graph = plan.rewritten(one.graph, one.sentence.text).graph
            if graph != one.graph:
                made.append(_gold(one, graph, last[one.sentence_id] + 1, newest))
        GoldRevision.objects.bulk_create(made)
        for gold in made:
            gold.sentence.gold_version = gold.version
        Sentence.objects.bulk_update([gold.sentence for gold in made], ["gold_version"])


def _gold(
    old: GoldRevision, graph: Json, version: int, newest: dict[int, Revision]
) -> GoldRevision:
    revision = old.revision
    if revision is not None:
        revision = newest.get(revision.annotation_id, revision)
    return GoldRevision(
        sentence=old.sentence, version=version, graph=graph, origin=old.origin, revision=revision
    )


def _rewrite_suggestions(plan: Plan) -> None:
    rows = suggestions_of(plan).select_related("sentence").order_by("pk")
    for chunk in _chunks(rows.iterator(chunk_size=CHUNK)):
        changed = []
        for one in chunk:
            graph = rewrite_suggestion(
                one.graph, plan.change, text=one.sentence.text, symmetric=plan.symmetric
            )
            if graph != one.graph:
                one.graph = graph
                changed.append(one)
        Suggestion.objects.bulk_update(changed, ["graph"])


def _move_guidelines(plan: Plan, actor: User | None) -> None:
    """Let the guideline of a type follow its name; those of joined types stand together."""
    change = plan.change
    newest = plan.project.guidelines.order_by("-version").first()
    if newest is None or change.kind in {"split", "reverse"}:
        return
    concerned = [name for name in (change.into, *change.names) if newest.types.get(name)]
    if not set(concerned) & set(change.names):
        return
    types = {name: text for name, text in newest.types.items() if name not in concerned}
    types[change.into] = "\n\n".join(newest.types[name] for name in concerned)
    Guideline.objects.create(
        project=plan.project,
        version=newest.version + 1,
        author=actor or newest.author,
        text=newest.text,
        types=types,
    )
    events.publish(plan.project.pk, "guidelines.changed", version=newest.version + 1)


def _chunks(rows: Iterator[Any]) -> Iterator[Sequence[Any]]:
    chunk: list[Any] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
