"""How far a project is, counted in the database."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Now

from annotator.corpus.models import Sentence
from annotator.corpus.states import SentenceState, Split
from annotator.labelling.models import Annotation, Slot
from annotator.labelling.states import AnnotationState, SlotState
from annotator.learning.models import Suggestion
from annotator.learning.selectors.sentences import active_version_id
from annotator.projects.models import Membership, Project, Role

Json = dict[str, Any]

BY_RELATION_TYPE = """
SELECT relation->>'type', count(*)
  FROM corpus_sentence AS s
  JOIN labelling_goldrevision AS g ON g.sentence_id = s.id AND g.version = s.gold_version
 CROSS JOIN jsonb_array_elements(g.graph->'relations') AS relation
 WHERE s.project_id = %s AND s.gold_version > 0
 GROUP BY 1 ORDER BY 2 DESC, 1
"""


def progress_json(membership: Membership) -> Json:
    """Return the counts of a project; annotators see their own line of `by_person` only."""
    project = membership.project
    counts = _counts(project)
    return {
        **counts,
        **_suggested(project),
        "leased": Slot.objects.filter(
            project=project, state=SlotState.OPEN, holder__isnull=False, lease_until__gt=Now()
        ).count(),
        "by_relation_type": [
            {"type": name, "count": count} for name, count in count_relation_types(project)
        ],
        "by_person": _by_person(membership),
    }


def _counts(project: Project) -> Json:
    states = {state.value: Count("pk", filter=Q(state=state.value)) for state in SentenceState}
    counts: Json = Sentence.objects.filter(project=project).aggregate(
        total=Count("pk"), holdout=Count("pk", filter=Q(split=Split.HOLDOUT)), **states
    )
    return counts


def _suggested(project: Project) -> Json:
    """Count open sentences with the active version's suggestion, and those with older ones only."""
    rows = Suggestion.objects.filter(sentence=OuterRef("sentence"))
    current = rows.filter(model_version=active_version_id(project.pk) or 0)
    open_slots = Slot.objects.filter(project=project, state=SlotState.OPEN).annotate(
        is_current=Exists(current), is_any=Exists(rows.filter(model_version__isnull=False))
    )
    distinct = {"distinct": True}
    counted: Json = open_slots.aggregate(
        suggested=Count("sentence", filter=Q(is_current=True), **distinct),
        stale=Count("sentence", filter=Q(is_current=False, is_any=True), **distinct),
    )
    return counted


def count_relation_types(project: Project) -> list[tuple[str, int]]:
    """Return how often each relation type stands in the gold, the most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(BY_RELATION_TYPE, [project.pk])
        return list(cursor.fetchall())


def _by_person(membership: Membership) -> list[Json]:
    rows = Annotation.objects.filter(sentence__project=membership.project)
    if membership.role < Role.REVIEWER:
        rows = rows.filter(author=membership.user_id)
    people = (
        rows.values(username=F("author__username"), display_name=F("author__display_name"))
        .annotate(
            submitted=Count("pk", filter=Q(state=AnnotationState.SUBMITTED)),
            seconds=Sum("seconds"),
        )
        .order_by("username")
    )
    return [
        {**person, "display_name": person["display_name"] or person["username"]}
        for person in people
    ]
