"""The document that a sentence was taken from, over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.accounts.authentication import caller
from annotator.core.doors import logged_in
from annotator.core.errors import NotFoundError
from annotator.corpus.selectors import document_json
from annotator.corpus.states import SentenceState
from annotator.labelling.access import sentence_for


class PassageOut(serializers.Serializer[Any]):
    """A sentence of the document; `start` and `end` are null where its place is not known."""

    id = serializers.IntegerField()
    text = serializers.CharField()
    state = serializers.ChoiceField(choices=SentenceState.choices)
    start = serializers.IntegerField(allow_null=True)
    end = serializers.IntegerField(allow_null=True)


class DocumentOut(serializers.Serializer[Any]):
    """A document, the place of the sentence asked about, and at most 100 sentences on each side.

    Offsets are half-open code points of `text`, which is empty where only the name is known.
    """

    id = serializers.IntegerField()
    name = serializers.CharField()
    section = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    start = serializers.IntegerField(allow_null=True)
    end = serializers.IntegerField(allow_null=True)
    sentences = PassageOut(many=True)


@extend_schema(responses=DocumentOut)
@api_view(["GET"])
@logged_in
def document(request: Request, sentence_id: int) -> Response:
    """Show the document that a sentence was taken from."""
    found = document_json(sentence_for(caller(request), sentence_id))
    if found is None:
        raise NotFoundError("The sentence came without a document", sentence_id=sentence_id)
    return Response(found)
