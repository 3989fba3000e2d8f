"""Reading and saving an annotation over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, throttle_classes
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.accounts.authentication import caller
from annotator.core.doors import logged_in
from annotator.core.errors import InvalidError, PreconditionRequiredError
from annotator.core.http import Body, base_version, read
from annotator.core.limits import SaveLimit
from annotator.core.pagination import page
from annotator.core.parameters import takes
from annotator.corpus.states import SentenceState
from annotator.labelling.access import role_in, sentence_for
from annotator.labelling.graphs import SOURCES, check_graph
from annotator.labelling.selectors import history, own_annotation, revision_json
from annotator.labelling.services import Save, save_annotation
from annotator.labelling.services.saving import Action
from annotator.projects.selectors import schema_of


class WholeNumber(serializers.IntegerField):
    """An integer, not a number spelled as text, true or 1.5."""

    def to_internal_value(self, data: Any) -> int:
        """Refuse everything but an int."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class EntityBody(Body):
    """An entity: half-open code points of the sentence's text."""

    id = serializers.CharField(max_length=40)
    start = WholeNumber(min_value=0)
    end = WholeNumber(min_value=0)
    type = serializers.CharField(max_length=60)
    source = serializers.ChoiceField(choices=sorted(SOURCES), default="human")  # type: ignore[assignment]


class PairBody(Body):
    """Two entities by id."""

    head = serializers.CharField(max_length=40)
    tail = serializers.CharField(max_length=40)


class RelationBody(PairBody):
    """A relation between two entities."""

    type = serializers.CharField(max_length=60)
    source = serializers.ChoiceField(choices=sorted(SOURCES), default="human")  # type: ignore[assignment]


class AnnotationOut(serializers.Serializer[Any]):
    """One person's graph of a sentence; version 0 is what came with an imported file."""

    version = serializers.IntegerField()
    entities = EntityBody(many=True)
    relations = RelationBody(many=True)
    negatives = PairBody(many=True)
    flags = serializers.ListField(child=serializers.CharField())
    comment = serializers.CharField(allow_blank=True)


class AnnotationIn(Body):
    """The whole graph and what to do with the sentence. `version` may be sent and is ignored."""

    version = serializers.IntegerField(required=False)
    entities = EntityBody(many=True)
    relations = RelationBody(many=True)
    negatives = PairBody(many=True, default=list)
    flags = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=20, default=list
    )
    comment = serializers.CharField(
        allow_blank=True, max_length=4000, default="", trim_whitespace=False
    )
    action = serializers.ChoiceField(choices=[action.value for action in Action], default="save")
    seconds = serializers.FloatField(min_value=0.0, max_value=86400.0, default=0.0)


class SaveOut(serializers.Serializer[Any]):
    """What a save came to."""

    version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=SentenceState.choices)
    annotation = AnnotationOut()


class RevisionOut(serializers.Serializer[Any]):
    """One accepted save."""

    version = serializers.IntegerField()
    action = serializers.ChoiceField(choices=[action.value for action in Action])
    at = serializers.DateTimeField()
    author = serializers.CharField()
    annotation = AnnotationOut()


class RevisionPage(serializers.Serializer[Any]):
    """One page of a history."""

    results = RevisionOut(many=True)
    next = serializers.CharField(allow_null=True)


HEADERS = [
    OpenApiParameter(
        "If-Match",
        str,
        "header",
        required=True,
        description='The version that was changed, like `"3"`; `"0"` for the first save',
    ),
    OpenApiParameter(
        "Idempotency-Key",
        UUID,
        "header",
        required=True,
        description="One for each edit; a retry with the same key and body saves nothing twice",
    ),
]


@extend_schema(methods=["GET"], responses=AnnotationOut)
@extend_schema(methods=["PUT"], request=AnnotationIn, responses=SaveOut, parameters=HEADERS)
@api_view(["GET", "PUT"])
@logged_in
@throttle_classes([SaveLimit])
def annotation(request: Request, sentence_id: int) -> Response:
    """Show the caller's annotation; save the whole annotation."""
    sentence = sentence_for(caller(request), sentence_id)
    if request.method == "GET":
        own = own_annotation(sentence, caller(request))
        return Response(own) if own is not None else Response(EMPTY_ANNOTATION)
    base, key = base_version(request), _key(request)
    wanted = read(AnnotationIn, request)
    graph = check_graph(wanted, text=sentence.text, schema=schema_of(sentence.project))
    save = Save(
        graph=graph,
        flags=wanted["flags"],
        comment=wanted["comment"],
        action=Action(wanted["action"]),
        seconds=wanted["seconds"],
    )
    answer = save_annotation(
        sentence=sentence, author=caller(request), base_version=base, key=key, save=save
    )
    return Response(answer, headers={"ETag": f'"{answer["version"]}"'})


EMPTY_ANNOTATION: dict[str, Any] = {
    "version": 0,
    "entities": [],
    "relations": [],
    "negatives": [],
    "flags": [],
    "comment": "",
}


def _key(request: Request) -> UUID:
    given = request.headers.get("Idempotency-Key")
    if given is None:
        raise PreconditionRequiredError(
            "Send Idempotency-Key: <uuid>, one per edit, the same on a retry",
            header="Idempotency-Key",
        )
    try:
        return UUID(given)
    except ValueError as error:
        raise InvalidError("Idempotency-Key must be a UUID", header="Idempotency-Key") from error


@takes(pages=True)
@extend_schema(responses=RevisionPage)
@api_view(["GET"])
@logged_in
def revisions(request: Request, sentence_id: int) -> Response:
    """Show what was saved of a sentence: reviewers see everybody's, annotators their own."""
    sentence = sentence_for(caller(request), sentence_id)
    rows = history(sentence, caller(request), role_in(sentence))
    return page(rows, request, ("-id",), revision_json)
