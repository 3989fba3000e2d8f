"""Planted checks: what becomes of a wrong triple that was put among a person's suggestions.

An accepted one holds the sentence back: its annotation counts for no gold until the person has
taken the triple out, or has been told and kept it in so many words.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from annotator.accounts.models import User
from annotator.core import audit, events
from annotator.core.errors import NotFoundError
from annotator.corpus.models import Sentence
from annotator.labelling.models import Annotation, Plant, Revision
from annotator.labelling.planting import holds_plant
from annotator.labelling.services.gold import decide_gold
from annotator.labelling.states import AnnotationState, PlantOutcome


def settle_plant(*, sentence: Sentence, author: User, revision: Revision) -> None:
    """Note at a submission whether the planted triple was accepted, refused or taken out."""
    plant = (
        Plant.objects.select_for_update(of=("self",))
        .filter(sentence=sentence, person=author)
        .exclude(outcome=PlantOutcome.CONFIRMED)
        .first()
    )
    if plant is None:
        return
    is_older = plant.schema_version != sentence.project.schema_version
    if holds_plant(revision.graph, plant.triple, any_type=is_older):
        outcome = PlantOutcome.ACCEPTED
    elif plant.outcome == PlantOutcome.OPEN:
        outcome = PlantOutcome.REFUSED
    elif plant.outcome == PlantOutcome.ACCEPTED:
        outcome = PlantOutcome.REMOVED
    else:
        return
    if plant.outcome == PlantOutcome.OPEN:  # the first submission counts
        plant.was_accepted = outcome == PlantOutcome.ACCEPTED
    plant.outcome = outcome
    plant.settled_at = Now()
    plant.save(update_fields=["outcome", "was_accepted", "settled_at"])


@transaction.atomic
def confirm_plant(*, sentence: Sentence, author: User) -> Sentence:
    """Keep an accepted triple after having been told that it was a check; then gold is decided."""
    locked = Sentence.objects.select_for_update(of=("self",), no_key=True).get(pk=sentence.pk)
    locked.project = sentence.project
    plant = Plant.objects.filter(
        sentence=locked, person=author, outcome=PlantOutcome.ACCEPTED
    ).first()
    annotation = Annotation.objects.filter(
        sentence=locked, author=author, state=AnnotationState.SUBMITTED
    ).first()
    if plant is None or annotation is None:
        raise NotFoundError("There is nothing to confirm at this sentence", sentence_id=sentence.pk)
    plant.outcome = PlantOutcome.CONFIRMED
    plant.settled_at = Now()
    plant.save(update_fields=["outcome", "settled_at"])
    revision = annotation.revisions.get(version=annotation.version)
    decide_gold(sentence=locked, revision=revision)
    locked.save(update_fields=["state", "gold_version"])
    change = audit.Change(
        action="annotation.check_confirmed",
        object_kind="annotation",
        object_id=annotation.pk,
        before_version=annotation.version,
        after_version=annotation.version,
        content_hash=revision.content_hash,
    )
    audit.record(change, actor_id=author.pk, project_id=locked.project_id)
    events.publish(
        locked.project_id,
        "sentence.saved",
        sentence_id=locked.pk,
        version=annotation.version,
        state=locked.state,
    )
    return locked
