"""Plants checks: a small share of the sentences handed out carries one wrong suggested triple."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef

from annotator.accounts.models import User
from annotator.labelling.models import Annotation, Plant, Slot
from annotator.learning.planting import draw, wrong_triple
from annotator.learning.queue import Lease
from annotator.learning.selectors.sentences import active_version_id, best_suggestions
from annotator.projects.models import Project
from annotator.projects.selectors import schema_of


def plant_checks(*, project: Project, person: User, leases: Sequence[Lease]) -> None:
    """Draw for each sentence just handed out, once a person, and keep what was drawn.

    Never on the hold-out, where the suggestion is hidden, or where the person was before.
    """
    if not project.planted_share:
        return
    drawn = [
        pk
        for pk in _plantable(person, leases)
        if draw(project.seed, pk, person.pk, "plant") < project.planted_share
    ]
    if not drawn:
        return
    schema = schema_of(project)
    suggestions = best_suggestions(drawn, active_version_id(project.pk))
    triples = {
        pk: wrong_triple(one.graph, schema, draw(project.seed, pk, person.pk, "triple"))
        for pk, one in suggestions.items()
        if one.model_version_id is not None
    }
    Plant.objects.bulk_create(
        [
            Plant(
                sentence_id=pk,
                person=person,
                triple=triple,
                schema_version=project.schema_version,
            )
            for pk, triple in triples.items()
            if triple is not None
        ],
        ignore_conflicts=True,
    )


def _plantable(person: User, leases: Sequence[Lease]) -> list[int]:
    own = Annotation.objects.filter(sentence=OuterRef("sentence"), author=person)
    known = Plant.objects.filter(sentence=OuterRef("sentence"), person=person)
    slots = Slot.objects.filter(
        ~Exists(own),
        ~Exists(known),
        pk__in=[lease.slot_id for lease in leases],
        is_blind=False,
        is_holdout=False,
    )
    return list(slots.values_list("sentence_id", flat=True))
