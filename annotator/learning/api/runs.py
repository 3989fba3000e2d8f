"""Runs, model versions, the catalogue and progress over HTTP."""

from __future__ import annotations

from typing import Any

from django.conf import settings
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
from annotator.learning import services
from annotator.learning.access import project_of_run, project_of_version
from annotator.learning.selectors.catalogue import catalogue_json
from annotator.learning.selectors.progress import progress_json
from annotator.learning.selectors.runs import (
    find_run,
    find_version,
    run_json,
    runs_of,
    version_json,
    versions_of,
)
from annotator.learning.services.gate import VERDICTS
from annotator.learning.states import RunState, VersionState
from annotator.projects.access import membership_for, project_for
from annotator.projects.models import Role, Speed


class RunIn(Body):
    """What to train; all optional, the project's choice is the default."""

    model = serializers.CharField(max_length=60, required=False)
    encoder = serializers.CharField(max_length=200, required=False)
    speed = serializers.ChoiceField(choices=Speed.choices, required=False)
    settings = serializers.DictField(required=False)


class PointOut(serializers.Serializer[Any]):
    """One epoch of a training."""

    epoch = serializers.IntegerField()
    loss = serializers.FloatField(allow_null=True)
    dev_f1 = serializers.FloatField(allow_null=True)


class ErrorOut(serializers.Serializer[Any]):
    """What went wrong: a code for programs, a sentence for people."""

    code = serializers.CharField()
    message = serializers.CharField()


class RunOut(serializers.Serializer[Any]):
    """A training. `origin` is the model version it goes on from, if it does not begin anew.

    `comparison` is set where it was asked for together with others.
    """

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=RunState.choices)
    phase = serializers.CharField(allow_blank=True)
    progress = serializers.FloatField()
    epoch = serializers.IntegerField(allow_null=True)
    epochs = serializers.IntegerField(allow_null=True)
    loss = serializers.FloatField(allow_null=True)
    dev_f1 = serializers.FloatField(allow_null=True)
    eta_seconds = serializers.FloatField(allow_null=True)
    model = serializers.CharField()
    encoder = serializers.CharField()
    speed = serializers.ChoiceField(choices=Speed.choices)
    settings = serializers.DictField()
    measured_on = serializers.ChoiceField(choices=["holdout", "pool_share", "training"])
    origin = serializers.IntegerField(allow_null=True)
    seed = serializers.IntegerField()
    gold_count = serializers.IntegerField()
    holdout_count = serializers.IntegerField()
    metrics = serializers.DictField(allow_null=True)
    history = PointOut(many=True)
    model_version = serializers.IntegerField(allow_null=True)
    comparison = serializers.IntegerField(allow_null=True)
    error = ErrorOut(allow_null=True)
    requested_by = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class RunPage(serializers.Serializer[Any]):
    """One page of runs, newest first."""

    results = RunOut(many=True)
    next = serializers.CharField(allow_null=True)


class GateOut(serializers.Serializer[Any]):
    """Whether the version was good enough to become active, and why."""

    passed = serializers.BooleanField()
    code = serializers.ChoiceField(choices=sorted(VERDICTS))
    reason = serializers.CharField()


class SuggestedOut(serializers.Serializer[Any]):
    """How many open sentences a version has looked at."""

    done = serializers.IntegerField()
    total = serializers.IntegerField()


class ModelOut(serializers.Serializer[Any]):
    """A model version."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    model = serializers.CharField()
    encoder = serializers.CharField()
    state = serializers.ChoiceField(choices=VersionState.choices)
    metrics = serializers.DictField()
    gate = GateOut()
    run = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    promoted_at = serializers.DateTimeField(allow_null=True)
    suggested = SuggestedOut()


class ModelPage(serializers.Serializer[Any]):
    """One page of model versions, newest first."""

    results = ModelOut(many=True)
    next = serializers.CharField(allow_null=True)


class ModelChoiceOut(serializers.Serializer[Any]):
    """A model of the catalogue with the JSON schema of its settings.

    `about` says in one sentence a language ("en", "zh") what it is good for; `nested` whether
    it finds entities inside or across others, `directed` whether it tells head from tail. A
    setting of the group "training" is the loop's, the others are the paper's.
    """

    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.DictField(child=serializers.CharField())
    paper = serializers.CharField()
    nested = serializers.BooleanField()
    directed = serializers.BooleanField()
    settings_schema = serializers.DictField()


class EncoderChoiceOut(serializers.Serializer[Any]):
    """An encoder of this machine: built in and untrained, or an installed, pre-trained one."""

    name = serializers.CharField()
    title = serializers.CharField()
    built_in = serializers.BooleanField()


FormatChoiceOut = type(
    "FormatChoiceOut",
    (serializers.Serializer,),
    {
        "__doc__": "A file format and which way it goes.",
        "name": serializers.CharField(),
        "import": serializers.BooleanField(),  # a word of Python's own, hence `type`
        "export": serializers.BooleanField(),
    },
)


class CatalogueOut(serializers.Serializer[Any]):
    """Everything that can be chosen."""

    models = ModelChoiceOut(many=True)
    encoders = EncoderChoiceOut(many=True)
    speeds = serializers.ListField(child=serializers.CharField())
    formats = FormatChoiceOut(many=True)


class TypeCountOut(serializers.Serializer[Any]):
    """How often a relation type occurs in the gold."""

    type = serializers.CharField()
    count = serializers.IntegerField()


class PersonOut(serializers.Serializer[Any]):
    """What somebody has done."""

    username = serializers.CharField()
    display_name = serializers.CharField()
    submitted = serializers.IntegerField()
    seconds = serializers.FloatField()


class ProgressOut(serializers.Serializer[Any]):
    """How far the project is; annotators see their own line of `by_person` only."""

    total = serializers.IntegerField()
    pending = serializers.IntegerField()
    in_progress = serializers.IntegerField()
    leased = serializers.IntegerField()
    submitted = serializers.IntegerField()
    gold = serializers.IntegerField()
    skipped = serializers.IntegerField()
    suggested = serializers.IntegerField()
    stale = serializers.IntegerField()
    holdout = serializers.IntegerField()
    by_relation_type = TypeCountOut(many=True)
    by_person = PersonOut(many=True)


@takes(pages=True)
@extend_schema(methods=["GET"], operation_id="projects_runs_list", responses=RunPage)
@extend_schema(methods=["POST"], request=RunIn, responses={202: RunOut})
@api_view(["GET", "POST"])
@logged_in
def runs(request: Request, project_id: int) -> Response:
    """List the trainings; ask for a training."""
    user = caller(request)
    if request.method == "POST":
        owned = project_for(user, project_id, at_least=Role.MANAGER)
        asked = services.request_run(project=owned, actor=user, given=read(RunIn, request))
        return Response(run_json(find_run(owned, asked.pk)), status=202)
    rows = runs_of(project_for(user, project_id))
    return page(rows, request, ("-id",), run_json)


@extend_schema(responses=RunOut)
@api_view(["GET"])
@logged_in
def run(request: Request, run_id: int, project_id: int | None = None) -> Response:
    """Show a training."""
    user = caller(request)
    project = project_of_run(user, run_id) if project_id is None else project_for(user, project_id)
    return Response(run_json(find_run(project, run_id)))


@extend_schema(request=None, responses=RunOut)
@api_view(["POST"])
@logged_in
def cancel_run(request: Request, run_id: int, project_id: int | None = None) -> Response:
    """Cancel a training; one that is under way stops within seconds."""
    user = caller(request)
    owned = (
        project_of_run(user, run_id, at_least=Role.MANAGER)
        if project_id is None
        else project_for(user, project_id, at_least=Role.MANAGER)
    )
    services.cancel_run(run=find_run(owned, run_id), actor=user)
    return Response(run_json(find_run(owned, run_id)))


@takes(pages=True)
@extend_schema(operation_id="projects_models_list", responses=ModelPage)
@api_view(["GET"])
@logged_in
def models(request: Request, project_id: int) -> Response:
    """List the model versions."""
    rows = versions_of(project_for(caller(request), project_id))
    return page(rows, request, ("-id",), version_json)


@extend_schema(request=None, responses=ModelOut)
@api_view(["POST"])
@logged_in
def promote(request: Request, version_id: int, project_id: int | None = None) -> Response:
    """Make a version the active one."""
    user = caller(request)
    owned = (
        project_of_version(user, version_id, at_least=Role.MANAGER)
        if project_id is None
        else project_for(user, project_id, at_least=Role.MANAGER)
    )
    version = services.promote_version(version=find_version(owned, version_id), actor=user)
    return Response(version_json(version))


@extend_schema(request=None, responses=ModelOut)
@api_view(["POST"])
@logged_in
def roll_back(request: Request, project_id: int) -> Response:
    """Make the version active again that was before the present one."""
    user = caller(request)
    owned = project_for(user, project_id, at_least=Role.MANAGER)
    return Response(version_json(services.roll_back(project=owned, actor=user)))


@extend_schema(responses=CatalogueOut)
@api_view(["GET"])
@logged_in
def catalogue(_request: Request) -> Response:
    """Show what can be chosen on this machine."""
    return Response(catalogue_json(settings.ENCODER_FOLDER))


@extend_schema(responses=ProgressOut)
@api_view(["GET"])
@logged_in
def progress(request: Request, project_id: int) -> Response:
    """Show how far the project is."""
    return Response(progress_json(membership_for(caller(request), project_id)))
