"""Several models on the same labels over HTTP: asked for, and held side by side."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.accounts.authentication import caller
from annotator.core.doors import logged_in
from annotator.core.http import Body, read
from annotator.core.pagination import page
from annotator.core.parameters import takes
from annotator.learning.api.leaderboard import CostsOut, F1GapsOut, FigureOut
from annotator.learning.api.runs import RunIn, RunOut
from annotator.learning.selectors.comparisons import (
    compared_json,
    comparison_json,
    comparisons_of,
    find_comparison,
)
from annotator.learning.services import request_comparison
from annotator.learning.states import VersionState
from annotator.projects.access import project_for
from annotator.projects.models import Role

FEWEST, MOST = 2, 8


class SeveralIn(Body):
    """What to train on the same labels with the same seed; the project's choice is the default."""

    choices = serializers.ListField(child=RunIn(), min_length=FEWEST, max_length=MOST)


class ComparisonOut(serializers.Serializer[Any]):
    """Runs that share labels and seed, in the order in which they are trained."""

    id = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    seed = serializers.IntegerField()
    gold_count = serializers.IntegerField()
    measured_on = serializers.ChoiceField(choices=["holdout", "pool_share", "training"])
    sentences = serializers.IntegerField()
    is_over = serializers.BooleanField()
    runs = RunOut(many=True)


class ComparisonPage(serializers.Serializer[Any]):
    """One page of comparisons, newest first."""

    results = ComparisonOut(many=True)
    next = serializers.CharField(allow_null=True)


class ComparedVersionOut(serializers.Serializer[Any]):
    """A version of a comparison with its figures on the shared sentences."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    run = serializers.IntegerField()
    state = serializers.ChoiceField(choices=VersionState.choices)
    entity = FigureOut()
    triple = FigureOut()
    costs = CostsOut()


class PairOut(F1GapsOut):
    """How much better the first version is than the second one."""

    first = serializers.IntegerField()
    second = serializers.IntegerField()


class ComparedOut(ComparisonOut):
    """A comparison with what has come of it so far."""

    versions = ComparedVersionOut(many=True)
    pairs = PairOut(many=True)


@extend_schema(request=SeveralIn, responses={202: ComparedOut})
@api_view(["POST"])
@logged_in
def several(request: Request, project_id: int) -> Response:
    """Train several models on the same labels, one after the other."""
    user = caller(request)
    owned = project_for(user, project_id, at_least=Role.MANAGER)
    given = read(SeveralIn, request)["choices"]
    made = request_comparison(project=owned, actor=user, given=given)
    return Response(compared_json(find_comparison(owned, made.pk)), status=202)


@takes(pages=True)
@extend_schema(operation_id="projects_comparisons_list", responses=ComparisonPage)
@api_view(["GET"])
@logged_in
def comparisons(request: Request, project_id: int) -> Response:
    """List the comparisons."""
    rows = comparisons_of(project_for(caller(request), project_id))
    return page(rows, request, ("-id",), comparison_json)


@extend_schema(responses=ComparedOut)
@api_view(["GET"])
@logged_in
def comparison(request: Request, project_id: int, comparison_id: int) -> Response:
    """Show what the models of a comparison come to, and which differences are more than luck."""
    project = project_for(caller(request), project_id)
    return Response(compared_json(find_comparison(project, comparison_id)))
