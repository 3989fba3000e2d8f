"""Planted checks over HTTP: what is to be settled, and what was accepted."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.accounts.authentication import caller
from annotator.core.doors import logged_in
from annotator.core.http import Body, read_query
from annotator.core.pagination import page
from annotator.core.parameters import takes
from annotator.corpus.states import SentenceState
from annotator.labelling.access import sentence_for
from annotator.labelling.services.plants import confirm_plant
from annotator.labelling.states import PlantOutcome
from annotator.learning.selectors.checks import all_checks, check_json, own_checks
from annotator.projects.access import project_for
from annotator.projects.models import Role


class ChecksQuery(Body):
    """With `everyone` all that were accepted (reviewers and managers); else one's own to settle."""

    everyone = serializers.BooleanField(default=False)


class CheckOut(serializers.Serializer[Any]):
    """A wrong triple that was put among suggestions and accepted."""

    id = serializers.IntegerField()
    sentence = serializers.IntegerField()
    person = serializers.CharField()
    head = serializers.CharField()
    tail = serializers.CharField()
    type = serializers.CharField()
    outcome = serializers.ChoiceField(choices=PlantOutcome.values)
    settled_at = serializers.DateTimeField(allow_null=True)


class CheckPage(serializers.Serializer[Any]):
    """One page of checks, newest first."""

    results = CheckOut(many=True)
    next = serializers.CharField(allow_null=True)


class ConfirmedOut(serializers.Serializer[Any]):
    """The sentence after its check was confirmed."""

    state = serializers.ChoiceField(choices=SentenceState.choices)


@takes(ChecksQuery, pages=True)
@extend_schema(responses=CheckPage)
@api_view(["GET"])
@logged_in
def checks(request: Request, project_id: int) -> Response:
    """List accepted checks: one's own that wait, or those of everyone."""
    user = caller(request)
    project = project_for(user, project_id)
    if not read_query(ChecksQuery, request)["everyone"]:
        return page(own_checks(project, user), request, ("-id",), check_json)
    project = project_for(user, project_id, at_least=Role.REVIEWER)
    return page(all_checks(project), request, ("-id",), check_json)


@extend_schema(request=None, responses=ConfirmedOut)
@api_view(["POST"])
@logged_in
def confirm_check(request: Request, sentence_id: int) -> Response:
    """Keep an accepted triple, knowing that it was a check."""
    user = caller(request)
    kept = confirm_plant(sentence=sentence_for(user, sentence_id), author=user)
    return Response({"state": kept.state})
