"""Sentences over HTTP: handed out by the queue, listed, shown, held and handed back."""

from __future__ import annotations

import random
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.accounts.authentication import caller
from annotator.core.doors import logged_in
from annotator.core.http import Body, read
from annotator.corpus.states import SentenceState
from annotator.labelling.access import sentence_for
from annotator.labelling.api.labels import AnnotationOut
from annotator.labelling.states import Reason
from annotator.learning.queue import Asker, next_leases, release_lease, renew_lease
from annotator.learning.selectors.sentences import (
    sentence_json,
    sentences_json,
)
from annotator.learning.services.plants import plant_checks
from annotator.projects.access import project_for

CHANCE = random.SystemRandom()


class NextIn(Body):
    """How many sentences; with `resume` one's own unfinished ones come first."""

    count = serializers.IntegerField(min_value=1, max_value=5, default=1)
    resume = serializers.BooleanField(default=False)


class SuggestedEntityOut(serializers.Serializer[Any]):
    """An entity the model sees, with its chance to be right."""

    id = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    type = serializers.CharField()
    confidence = serializers.FloatField()


class SuggestedRelationOut(serializers.Serializer[Any]):
    """A relation the model sees, with the chance that the whole triple is right."""

    head = serializers.CharField()
    tail = serializers.CharField()
    type = serializers.CharField()
    confidence = serializers.FloatField()


class RefusedOut(serializers.Serializer[Any]):
    """Something the model weighed and did not say; a relation has a tail span."""

    kind = serializers.ChoiceField(choices=["entity", "relation"])
    type = serializers.CharField()
    confidence = serializers.FloatField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    tail_start = serializers.IntegerField(required=False)
    tail_end = serializers.IntegerField(required=False)


class SuggestionOut(serializers.Serializer[Any]):
    """What a model version says of the sentence; `score` is the number of expected errors.

    `refused` is what it most nearly said, `alternatives` every relation type that it weighed
    between the entities it said, surest first.
    """

    model_version = serializers.IntegerField(allow_null=True)
    score = serializers.FloatField()
    confidence = serializers.FloatField()
    stale = serializers.BooleanField()
    entities = SuggestedEntityOut(many=True)
    relations = SuggestedRelationOut(many=True)
    refused = RefusedOut(many=True)
    alternatives = RefusedOut(many=True)


class WordsOut(serializers.Serializer[Any]):
    """One sentence in both languages."""

    zh = serializers.CharField()
    en = serializers.CharField()


class WhyOut(serializers.Serializer[Any]):
    """Why the sentence is shown."""

    reason = serializers.ChoiceField(choices=Reason.values)
    text = WordsOut()


class DocumentNameOut(serializers.Serializer[Any]):
    """The name of the document that a sentence was taken from."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    section = serializers.CharField(allow_blank=True)


class SentenceOut(serializers.Serializer[Any]):
    """A sentence as its reader sees it.

    `blind` where chance hides the suggestion until the reader has submitted the sentence.
    """

    id = serializers.IntegerField()
    text = serializers.CharField()
    state = serializers.ChoiceField(choices=SentenceState.choices)
    priority = serializers.FloatField(allow_null=True)
    position = serializers.IntegerField()
    external_id = serializers.CharField(allow_blank=True)
    document = DocumentNameOut(allow_null=True)
    previous_gold = serializers.BooleanField()
    annotation = AnnotationOut(allow_null=True)
    suggestion = SuggestionOut(allow_null=True)
    blind = serializers.BooleanField()
    why = WhyOut()
    lease_until = serializers.DateTimeField(allow_null=True)


class NextOut(serializers.Serializer[Any]):
    """The sentences to work at, in this order; none when nothing is left for the caller."""

    sentences = SentenceOut(many=True)


class LeaseOut(serializers.Serializer[Any]):
    """Until when the sentence is the caller's; null when it has no place left to hold."""

    lease_until = serializers.DateTimeField(allow_null=True)


@extend_schema(request=NextIn, responses=NextOut)
@api_view(["POST"])
@logged_in
def next_sentences(request: Request, project_id: int) -> Response:
    """Lease the next sentences to the caller and return them with suggestions."""
    user = caller(request)
    project = project_for(user, project_id)
    wanted = read(NextIn, request)
    leases = next_leases(
        Asker(user.pk, project), count=wanted["count"], rng=CHANCE, may_resume=wanted["resume"]
    )
    plant_checks(project=project, person=user, leases=leases)
    ids = [lease.sentence_id for lease in leases]
    return Response({"sentences": sentences_json(ids, user, project_id)})


@extend_schema(responses=SentenceOut)
@api_view(["GET"])
@logged_in
def sentence(request: Request, sentence_id: int) -> Response:
    """Show one sentence."""
    user = caller(request)
    return Response(sentence_json(sentence_for(user, sentence_id), user))


@extend_schema(methods=["POST"], request=None, responses=LeaseOut)
@extend_schema(methods=["DELETE"], responses={204: None})
@api_view(["POST", "DELETE"])
@logged_in
def lease(request: Request, sentence_id: int) -> Response:
    """Hold a sentence for another while; hand a sentence back."""
    user = caller(request)
    held = sentence_for(user, sentence_id)
    if request.method == "DELETE":
        release_lease(sentence_id=held.pk, user_id=user.pk)
        return Response(status=204)
    return Response({"lease_until": renew_lease(sentence_id=held.pk, user_id=user.pk)})
