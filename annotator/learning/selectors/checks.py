"""Planted checks as people are told of them: one's own to settle, all of them for reviewers."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet

from annotator.accounts.models import User
from annotator.labelling.models import Plant
from annotator.labelling.states import PlantOutcome
from annotator.learning.selectors.agreement import wilson
from annotator.projects.models import Project

Json = dict[str, Any]


def own_checks(project: Project, reader: User) -> QuerySet[Plant]:
    """Return the checks that the reader accepted and has not settled."""
    return _told(project).filter(person=reader, outcome=PlantOutcome.ACCEPTED)


def all_checks(project: Project) -> QuerySet[Plant]:
    """Return every check that somebody accepted, whatever became of it."""
    accepted = Q(was_accepted=True) | Q(outcome=PlantOutcome.ACCEPTED)
    return _told(project).filter(accepted)


def _told(project: Project) -> QuerySet[Plant]:
    rows = Plant.objects.filter(sentence__project=project)
    return rows.select_related("sentence", "person")


def check_json(plant: Plant) -> Json:
    """Return a check with the words of its triple."""
    triple, text = plant.triple, plant.sentence.text
    head, tail = (text[triple[end]["start"] : triple[end]["end"]] for end in ("head", "tail"))
    return {
        "id": plant.pk,
        "sentence": plant.sentence_id,
        "person": plant.person.username,
        "head": head,
        "tail": tail,
        "type": triple["type"],
        "outcome": plant.outcome,
        "settled_at": plant.settled_at,
    }


def checks_in_short(project: Project) -> Json:
    """Count checks that were submitted and those of them that were accepted. One query."""
    seen = ~Q(outcome=PlantOutcome.OPEN)
    counts = Plant.objects.filter(sentence__project=project).aggregate(
        shown=Count("pk", filter=seen),
        accepted=Count("pk", filter=seen & Q(was_accepted=True)),
        held=Count("pk", filter=Q(outcome=PlantOutcome.ACCEPTED)),
    )
    shown, accepted = counts["shown"], counts["accepted"]
    low, high = wilson(accepted, shown)
    rate = {"value": accepted / shown, "low": low, "high": high} if shown else None
    return {"share": project.planted_share, **counts, "rate": rate}
