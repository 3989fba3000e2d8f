"""Deciding gold: one rule for every way a sentence can be finished."""

from __future__ import annotations

from annotator.corpus.models import Sentence
from annotator.corpus.states import SentenceState
from annotator.labelling.graphs import meaning
from annotator.labelling.models import Annotation, GoldRevision, Plant, Revision
from annotator.labelling.states import AnnotationState, GoldOrigin, PlantOutcome


def decide_gold(*, sentence: Sentence, revision: Revision) -> None:
    """Set the sentence's state and gold after `revision` was submitted; the caller saves the row.

    Gold is what all submissions say alike once there are as many as the project asks for. When
    they differ the sentence waits for a decision, and what counted as gold before is no longer.
    While a submission holds an accepted check that nobody has settled, nothing becomes gold.
    """
    submitted = list(Annotation.objects.filter(sentence=sentence, state=AnnotationState.SUBMITTED))
    if _is_held_back(sentence, submitted):
        sentence.state = SentenceState.SUBMITTED
    elif len({meaning(annotation.graph) for annotation in submitted}) > 1:
        sentence.state = SentenceState.SUBMITTED
        sentence.gold_version = 0
    elif len(submitted) < sentence.project.overlap:
        sentence.state = SentenceState.SUBMITTED
    else:
        origin = GoldOrigin.SINGLE if len(submitted) == 1 else GoldOrigin.IDENTICAL
        _add_gold(sentence, revision, origin)


def _is_held_back(sentence: Sentence, submitted: list[Annotation]) -> bool:
    held = Plant.objects.filter(sentence=sentence, outcome=PlantOutcome.ACCEPTED)
    return held.filter(person__in=[annotation.author_id for annotation in submitted]).exists()


def _add_gold(sentence: Sentence, revision: Revision, origin: GoldOrigin) -> None:
    newest = GoldRevision.objects.filter(sentence=sentence).order_by("-version").first()
    version = newest.version + 1 if newest else 1
    GoldRevision.objects.create(
        sentence=sentence, version=version, graph=revision.graph, origin=origin, revision=revision
    )
    sentence.gold_version = version
    sentence.state = SentenceState.GOLD
