"""Versions on the same sentences over HTTP: the leaderboard, measured again, two side by side."""

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
from annotator.core.http import Body, KnownChoiceField, read_query
from annotator.core.parameters import takes
from annotator.learning.api.runs import GateOut, ModelOut
from annotator.learning.selectors.leaderboard import leaderboard as leaderboard_json
from annotator.learning.selectors.runs import find_version, version_json
from annotator.learning.selectors.version_diff import KINDS, MATCHES, Wanted, version_diff
from annotator.learning.services import request_measurement
from annotator.learning.states import VersionState
from annotator.projects.access import project_for
from annotator.projects.models import Role, Speed

PLACES = ["holdout", "pool_share", "training"]


class LeaderboardQuery(Body):
    """One row for each architecture with its encoder, or one for each version."""

    versions = serializers.ChoiceField(choices=["best", "newest", "all"], default="best")


class FigureOut(serializers.Serializer[Any]):
    """A micro F1 with its 95 % interval over sentences."""

    f1 = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class F1GapOut(serializers.Serializer[Any]):
    """A difference of F1 with its 95 % interval, by a paired bootstrap over sentences."""

    difference = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    is_significant = serializers.BooleanField()


class F1GapsOut(serializers.Serializer[Any]):
    """How much better a version is than another one on the sentences that both were judged on."""

    sentences = serializers.IntegerField()
    entity = F1GapOut()
    triple = F1GapOut()


class MeasuredOut(serializers.Serializer[Any]):
    """Which sentences a row's figures are from; `common` ones belong to the leaderboard's."""

    is_comparable = serializers.BooleanField()
    measured_on = serializers.ChoiceField(choices=PLACES)
    sentences = serializers.IntegerField()
    common = serializers.IntegerField()


class CostsOut(serializers.Serializer[Any]):
    """What a version costs; null where nobody measured it."""

    train_seconds = serializers.FloatField(allow_null=True)
    sentences_per_second = serializers.FloatField(allow_null=True)
    peak_memory_bytes = serializers.IntegerField(allow_null=True)
    model_bytes = serializers.IntegerField(allow_null=True)


class MeasuringOut(serializers.Serializer[Any]):
    """How a measurement that was asked for stands."""

    state = serializers.ChoiceField(choices=["queued", "running", "failed"])
    error = serializers.CharField(allow_blank=True)


class LeaderOut(serializers.Serializer[Any]):
    """A version on the leaderboard; `siblings` counts others of its architecture and encoder."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    model = serializers.CharField()
    encoder = serializers.CharField()
    speed = serializers.ChoiceField(choices=Speed.choices)
    settings = serializers.DictField()
    state = serializers.ChoiceField(choices=VersionState.choices)
    gate = GateOut()
    run = serializers.IntegerField()
    trained_on = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    siblings = serializers.IntegerField()
    measured = MeasuredOut()
    entity = FigureOut()
    triple = FigureOut()
    against_active = F1GapsOut(allow_null=True)
    costs = CostsOut()
    measuring = MeasuringOut(allow_null=True)


class LeaderboardOut(serializers.Serializer[Any]):
    """The best first; comparable rows are measured on the same `sentences` sentences."""

    measured_on = serializers.ChoiceField(choices=PLACES)
    sentences = serializers.IntegerField()
    active = serializers.IntegerField(allow_null=True)
    versions = serializers.IntegerField()
    results = LeaderOut(many=True)


class DiffQuery(Body):
    """Which differences: of triples or entities, of one kind, of one type."""

    of = KnownChoiceField(choices=list(MATCHES), default="triple")
    kind = KnownChoiceField(choices=list(KINDS), required=False)
    type = serializers.CharField(max_length=60, required=False, allow_blank=True)


class SideOut(serializers.Serializer[Any]):
    """What a version comes to on the common sentences."""

    right = serializers.IntegerField()
    wrong = serializers.IntegerField()
    missed = serializers.IntegerField()
    f1 = serializers.FloatField()


class ChangeCountsOut(serializers.Serializer[Any]):
    """right(B) - right(A) = fixed - broken, wrong(B) - wrong(A) = new - lost."""

    fixed = serializers.IntegerField()
    broken = serializers.IntegerField()
    new = serializers.IntegerField()
    lost = serializers.IntegerField()


class TypeChangesOut(ChangeCountsOut):
    """The same for one type."""

    type = serializers.CharField()


class EndOut(serializers.Serializer[Any]):
    """A stretch of the text."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    surface = serializers.CharField()
    type = serializers.CharField()


class DiffStatementOut(serializers.Serializer[Any]):
    """A statement of gold or of either version, and how sure each is that says it."""

    type = serializers.CharField()
    head = EndOut()
    tail = EndOut(allow_null=True)
    change = serializers.ChoiceField(choices=list(KINDS), allow_null=True)
    is_gold = serializers.BooleanField()
    first = serializers.FloatField(allow_null=True)
    second = serializers.FloatField(allow_null=True)


class DiffSentenceOut(serializers.Serializer[Any]):
    """A sentence on which the versions differ; of one with very many statements, a part."""

    sentence_id = serializers.IntegerField()
    text = serializers.CharField()
    statements = DiffStatementOut(many=True)


class DiffOut(serializers.Serializer[Any]):
    """Two versions on the sentences that both were judged on; one page of those that differ."""

    sentences = serializers.IntegerField()
    differing = serializers.IntegerField()
    first = SideOut()
    second = SideOut()
    counts = ChangeCountsOut()
    by_type = TypeChangesOut(many=True)
    results = DiffSentenceOut(many=True)
    next = serializers.CharField(allow_null=True)


@takes(LeaderboardQuery)
@extend_schema(responses=LeaderboardOut)
@api_view(["GET"])
@logged_in
def leaderboard(request: Request, project_id: int) -> Response:
    """Show versions on the same sentences, the best first."""
    project = project_for(caller(request), project_id)
    wanted = read_query(LeaderboardQuery, request)
    return Response(leaderboard_json(project, wanted["versions"]))


@extend_schema(request=None, responses={202: ModelOut})
@api_view(["POST"])
@logged_in
def measure(request: Request, project_id: int, version_id: int) -> Response:
    """Measure a version again, on the hold-out as it is now."""
    user = caller(request)
    owned = project_for(user, project_id, at_least=Role.MANAGER)
    version = request_measurement(version=find_version(owned, version_id), actor=user)
    return Response(version_json(version), status=202)


@takes(DiffQuery, pages=True)
@extend_schema(responses=DiffOut)
@api_view(["GET"])
@logged_in
def diff(request: Request, project_id: int, first_id: int, second_id: int) -> Response:
    """Show where two versions differ, sentence by sentence."""
    project = project_for(caller(request), project_id, at_least=Role.REVIEWER)
    wanted = Wanted(**read_query(DiffQuery, request))
    first, second = find_version(project, first_id), find_version(project, second_id)
    found, cursor = version_diff(first, second, wanted, request.query_params.get("cursor"))
    here = request.build_absolute_uri()
    link = replace_query_param(here, "cursor", cursor) if cursor else None
    return Response({**found, "next": link})
