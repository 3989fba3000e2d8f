"""What a change of the schema would do to labels: worked out, shown, and named by a token."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet

from annotator.core.errors import ConflictError, InvalidError
from annotator.corpus.models import Sentence
from annotator.labelling.graphs import IllegalRelationError, check_graph, content_hash
from annotator.labelling.models import Annotation, GoldRevision, Revision
from annotator.labelling.rewriting import Change, Rewritten, rewrite, rewrite_schema
from annotator.learning.models import Suggestion
from annotator.projects.models import Project
from annotator.projects.schema import check_schema
from annotator.projects.selectors import schema_json, symmetric_types
from extraction.types import RelationRule, Schema

CHUNK = 500
EXAMPLES = 10
NAMED = 5

Json = dict[str, Any]


class ChangeMakesIllegalError(ConflictError):
    """Labels would say what the schema does not allow."""

    code = "change_makes_illegal"


@dataclass(slots=True)
class Count:
    """How much a change touches, and what it looks like."""

    annotations: int = 0
    golds: int = 0
    suggestions: int = 0
    entities: int = 0
    relations: int = 0
    collapsed: int = 0
    sentences: set[int] = field(default_factory=set)
    examples: list[Json] = field(default_factory=list)
    illegal: set[tuple[str, str, str]] = field(default_factory=set)


@dataclass(frozen=True)
class Plan:
    """A change of one project, with the schema before and after it."""

    project: Project
    change: Change
    before: Json
    after: Json
    symmetric: frozenset[str]

    @cached_property
    def engine_schema(self) -> Schema:
        """The schema after the change, as the engine knows it."""
        return _engine_schema(self.after)

    def rewritten(self, graph: Json, text: str) -> Rewritten:
        """Return what the change makes of a graph."""
        return rewrite(graph, self.change, text=text, symmetric=self.symmetric)


@transaction.atomic
def preview_change(*, project: Project, change: Change, extends: bool = False) -> Json:
    """Say what the change would do; nothing is written."""
    plan = plan_change(project, change, extends=extends)
    count = Count()
    for annotation in concerned(Annotation.objects.filter(sentence__project=project), change):
        _look(plan, annotation.sentence, annotation.graph, count)
        count.annotations += 1
    for gold in current_golds(plan):
        _look(plan, gold.sentence, gold.graph, count)
        count.golds += 1
    count.suggestions = suggestions_of(plan).count()
    _refuse_illegal(count)
    return _as_json(plan, count)


def plan_change(project: Project, change: Change, *, extends: bool) -> Plan:
    """Return the schema before and after; raise when the change names what is not there."""
    before = schema_json(project)
    del before["version"]
    _check(change, before)
    after = rewrite_schema(before, change)
    if extends and change.kind == "merge" and change.of == "relation":
        after = _extended(before, after, change)
    check_schema(after)
    return Plan(project, change, before, after, symmetric_types(project))


def _check(change: Change, schema: Json) -> None:
    """Refuse a change that names what is not there, or gives a name that is taken."""
    types = {one["name"]: one for one in schema[f"{change.of}_types"]}
    missing = [name for name in change.names if name not in types]
    if missing:
        raise InvalidError("The schema has no such type", unknown=missing, known=sorted(types))
    if change.kind == "reverse":
        if types[change.names[0]].get("symmetric"):
            raise InvalidError("A symmetric relation has no direction", type=change.names[0])
        return
    if change.into in change.names:
        raise InvalidError("A type cannot become itself", type=change.into)
    if change.kind == "rename" and change.into in types:
        raise InvalidError("This name is taken; merge the types instead", type=change.into)
    if change.kind == "merge" and change.into not in types:
        raise InvalidError("The schema has no such type", unknown=[change.into])
    if change.kind == "split" and not change.where:
        raise InvalidError(
            "Say which labels go over; to move all of them, rename or merge", field="where"
        )


def _extended(before: Json, after: Json, change: Change) -> Json:
    """Let the joined relation stand wherever one of its parts could."""
    parts = [
        one["pairs"]
        for one in before["relation_types"]
        if one["name"] in (*change.names, change.into)
    ]
    free = any(not pairs for pairs in parts)
    whole = [] if free else [list(p) for p in dict.fromkeys(tuple(p) for ps in parts for p in ps)]
    return {
        **after,
        "relation_types": [
            {**one, "pairs": whole} if one["name"] == change.into else one
            for one in after["relation_types"]
        ],
    }


def _mentions(change: Change, prefix: str = "") -> Q:
    """Return: the graph has a label of a type that changes."""
    part = "entities" if change.of == "entity" else "relations"
    found = Q()
    for name in change.names:
        found |= Q(**{f"{prefix}graph__contains": {part: [{"type": name}]}})
    return found


def concerned(rows: QuerySet[Any], change: Change) -> Iterator[Any]:
    """Yield the rows whose graph has a label of a type that changes, with their sentences."""
    chosen = rows.select_related("sentence").filter(_mentions(change)).order_by("pk")
    yield from chosen.iterator(chunk_size=CHUNK)


def current_golds(plan: Plan) -> Iterator[GoldRevision]:
    """Yield the gold in force that is concerned."""
    rows = GoldRevision.objects.filter(
        sentence__project=plan.project, version=F("sentence__gold_version")
    )
    return concerned(rows.select_related("revision"), plan.change)


def suggestions_of(plan: Plan) -> QuerySet[Suggestion]:
    """Return every suggestion: what was weighed may name a type that is not said."""
    return Suggestion.objects.filter(sentence__project=plan.project)


def _look(plan: Plan, sentence: Sentence, graph: Json, count: Count) -> None:
    done = plan.rewritten(graph, sentence.text)
    if done.graph == graph:
        return
    try:
        check_graph(done.graph, text=sentence.text, schema=plan.engine_schema)
    except IllegalRelationError as error:
        said = error.context
        count.illegal.add((str(said["head_type"]), str(said["type"]), str(said["tail_type"])))
    if sentence.pk in count.sentences:
        return
    count.sentences.add(sentence.pk)
    count.entities += done.entities
    count.relations += done.relations
    count.collapsed += done.collapsed
    if len(count.examples) < EXAMPLES:
        count.examples.append(_example(sentence, graph, done.graph))


def _example(sentence: Sentence, before: Json, after: Json) -> Json:
    old, new = _words(before, sentence.text), _words(after, sentence.text)
    return {
        "sentence_id": sentence.pk,
        "text": sentence.text,
        "before": [one for one in old if one not in new],
        "after": [one for one in new if one not in old],
    }


def _words(graph: Json, text: str) -> list[str]:
    surface = {one["id"]: text[one["start"] : one["end"]] for one in graph["entities"]}
    entities = [f"{surface[one['id']]} · {one['type']}" for one in graph["entities"]]
    relations = [
        f"{surface[one['head']]} → {one['type']} → {surface[one['tail']]}"
        for one in graph["relations"]
    ]
    return [*entities, *relations]


def _engine_schema(schema: Json) -> Schema:
    return Schema(
        entity_types=tuple(one["name"] for one in schema["entity_types"]),
        relations=tuple(
            RelationRule(
                name=one["name"],
                symmetric=one["symmetric"],
                pairs=tuple((head, tail) for head, tail in one["pairs"]),
            )
            for one in schema["relation_types"]
        ),
    )


def _refuse_illegal(count: Count) -> None:
    if count.illegal:
        raise ChangeMakesIllegalError(
            "Labels would stand where the schema does not allow them; extend the legal pairs",
            pairs=[list(one) for one in sorted(count.illegal)][:NAMED],
        )


def _token(plan: Plan) -> str:
    revisions = Revision.objects.filter(annotation__sentence__project=plan.project)
    golds = GoldRevision.objects.filter(sentence__project=plan.project)
    newest = [rows.aggregate(newest=Max("pk"))["newest"] for rows in (revisions, golds)]
    state = [plan.change.as_json(), plan.project.schema_version, plan.after, *newest]
    return content_hash(state)


def _as_json(plan: Plan, count: Count) -> Json:
    return {
        "sentences": len(count.sentences),
        "annotations": count.annotations,
        "golds": count.golds,
        "suggestions": count.suggestions,
        "entities": count.entities,
        "relations": count.relations,
        "collapsed": count.collapsed,
        "examples": count.examples,
        "schema_version": plan.project.schema_version,
        "token": _token(plan),
    }
