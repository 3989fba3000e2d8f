"""Suggestions across sentences over HTTP: browsed, refused, and refusals taken back."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from annotator.accounts.authentication import caller
from annotator.core.doors import logged_in
from annotator.core.http import Body, read, read_query
from annotator.core.parameters import takes
from annotator.corpus.states import SentenceState
from annotator.learning.selectors.browsing import suggested_statements
from annotator.learning.services import forget_refusals, refuse_suggestions
from annotator.projects.access import project_for

MOST_REFUSED = 500


class BrowseQuery(Body):
    """Which statements, in which order; substrings regardless of case."""

    kind = serializers.ChoiceField(choices=["relation", "entity"], default="relation")
    type = serializers.CharField(max_length=60, required=False, allow_blank=True)
    subject = serializers.CharField(max_length=200, required=False, allow_blank=True)
    object = serializers.CharField(max_length=200, required=False, allow_blank=True)
    text = serializers.CharField(max_length=200, required=False, allow_blank=True)
    min = serializers.FloatField(min_value=0.0, max_value=1.0, required=False)
    max = serializers.FloatField(min_value=0.0, max_value=1.0, required=False)
    order = serializers.ChoiceField(
        choices=["confidence", "-confidence", "position"], default="-confidence"
    )


class StatementOut(serializers.Serializer[Any]):
    """A suggested entity, or a relation with its tail; `key` names it within the sentence.

    `annotation_version` is that of the caller's own draft, 0 where there is none.
    """

    sentence_id = serializers.IntegerField()
    text = serializers.CharField()
    state = serializers.ChoiceField(choices=SentenceState.choices)
    kind = serializers.ChoiceField(choices=["relation", "entity"])
    type = serializers.CharField()
    confidence = serializers.FloatField()
    key = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    head_type = serializers.CharField()
    subject = serializers.CharField()
    tail_start = serializers.IntegerField(required=False)
    tail_end = serializers.IntegerField(required=False)
    tail_type = serializers.CharField(required=False)
    object = serializers.CharField(required=False)
    annotation_version = serializers.IntegerField()


class StatementPage(serializers.Serializer[Any]):
    """One page of statements."""

    results = StatementOut(many=True)
    next = serializers.CharField(allow_null=True)


class RefusedStatement(Body):
    """A statement of a sentence by its key."""

    sentence_id = serializers.IntegerField(min_value=1)
    key = serializers.CharField(max_length=300)


class RefusalsIn(Body):
    """Statements that the caller refuses, or no longer does."""

    statements = serializers.ListField(
        child=RefusedStatement(), allow_empty=False, max_length=MOST_REFUSED
    )


@takes(BrowseQuery, pages=True)
@extend_schema(responses=StatementPage)
@api_view(["GET"])
@logged_in
def suggestions(request: Request, project_id: int) -> Response:
    """List what the model suggests and the caller has neither said nor refused."""
    user = caller(request)
    project = project_for(user, project_id)
    wanted = read_query(BrowseQuery, request)
    rows, cursor = suggested_statements(project, user, wanted, request.query_params.get("cursor"))
    here = request.build_absolute_uri()
    link = replace_query_param(here, "cursor", cursor) if cursor else None
    return Response({"results": rows, "next": link})


@extend_schema(methods=["POST"], request=RefusalsIn, responses={204: None})
@extend_schema(methods=["DELETE"], request=RefusalsIn, responses={204: None})
@api_view(["POST", "DELETE"])
@logged_in
def refusals(request: Request, project_id: int) -> Response:
    """Remember that the caller refuses statements; forget refused statements."""
    user = caller(request)
    project = project_for(user, project_id)
    statements = [
        (one["sentence_id"], one["key"]) for one in read(RefusalsIn, request)["statements"]
    ]
    change = forget_refusals if request.method == "DELETE" else refuse_suggestions
    change(project=project, person=user, statements=statements)
    return Response(status=204)
