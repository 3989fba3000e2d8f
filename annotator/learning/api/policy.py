"""When a project trains by itself, and why it is or is not training, over HTTP."""

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
from annotator.learning.selectors.card import training_json
from annotator.learning.selectors.policy import policy_json, policy_of
from annotator.learning.services.policy import set_policy
from annotator.learning.states import LabelState, RunState, TrainingReason
from annotator.projects.access import project_for
from annotator.projects.models import Role, Speed


class RunPolicyIn(Body):
    """What to change; what is left out stays. `nightly_hour` is in UTC, null for never."""

    automatic = serializers.BooleanField(required=False)
    wanted = serializers.IntegerField(min_value=5, max_value=1000, required=False)
    minutes = serializers.IntegerField(min_value=1, max_value=1440, required=False)
    speed = serializers.ChoiceField(choices=Speed.choices, required=False)
    nightly_hour = serializers.IntegerField(
        min_value=0, max_value=23, allow_null=True, required=False
    )
    labels = serializers.ChoiceField(choices=LabelState.choices, required=False)


class RunPolicyOut(serializers.Serializer[Any]):
    """When it trains by itself: after so many new labels, or minutes after the first of them."""

    automatic = serializers.BooleanField()
    wanted = serializers.IntegerField()
    minutes = serializers.IntegerField()
    speed = serializers.ChoiceField(choices=Speed.choices)
    nightly_hour = serializers.IntegerField(allow_null=True)
    labels = serializers.ChoiceField(choices=LabelState.choices)


class TrainingWhyOut(serializers.Serializer[Any]):
    """The reason; `is_due` when a training starts within seconds.

    `failure` is of the last training, if that failed; `refusal` is what a request for a training
    would be refused for now, whatever the labels.
    """

    code = serializers.ChoiceField(choices=TrainingReason.choices)
    is_due = serializers.BooleanField()
    failure = serializers.CharField(allow_null=True)
    failure_message = serializers.CharField(allow_null=True)
    retry_minutes = serializers.IntegerField(allow_null=True)
    refusal = serializers.CharField(allow_null=True)
    refusal_message = serializers.CharField(allow_null=True)


class TrainingNextOut(serializers.Serializer[Any]):
    """What the next training waits for; below `floor` new labels time does not count.

    It would go on from the version `origin_number`, or begin `anew`: as there is `no_version`, it
    is a `full` one, the version is of an `other_make`, or labels have `grown`.
    """

    labels = serializers.IntegerField()
    new_gold = serializers.IntegerField()
    wanted = serializers.IntegerField()
    floor = serializers.IntegerField()
    minutes_left = serializers.IntegerField(allow_null=True)
    speed = serializers.ChoiceField(choices=Speed.choices)
    origin_number = serializers.IntegerField(allow_null=True)
    anew = serializers.CharField(allow_null=True)


class TrainingRunOut(serializers.Serializer[Any]):
    """The run that is meant, what started it by itself, and what it goes on from."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=RunState.choices)
    automatic = serializers.CharField(allow_null=True)
    origin_number = serializers.IntegerField(allow_null=True)
    anew = serializers.CharField(allow_null=True)


class TrainingOut(serializers.Serializer[Any]):
    """Why a training is or is not happening."""

    is_training = serializers.BooleanField()
    why = TrainingWhyOut()
    next = TrainingNextOut()
    workers_alive = serializers.IntegerField()
    automatic = serializers.BooleanField()
    run = TrainingRunOut(allow_null=True)


@extend_schema(methods=["GET"], responses=RunPolicyOut)
@extend_schema(methods=["PATCH"], request=RunPolicyIn, responses=RunPolicyOut)
@api_view(["GET", "PATCH"])
@logged_in
def policy(request: Request, project_id: int) -> Response:
    """Show when the project trains by itself; change when it does."""
    user = caller(request)
    if request.method == "PATCH":
        owned = project_for(user, project_id, at_least=Role.MANAGER)
        changed = set_policy(project=owned, actor=user, given=read(RunPolicyIn, request))
        return Response(policy_json(changed))
    return Response(policy_json(policy_of(project_for(user, project_id))))


@extend_schema(responses=TrainingOut)
@api_view(["GET"])
@logged_in
def training(request: Request, project_id: int) -> Response:
    """Say why the project is or is not training."""
    return Response(training_json(project_for(caller(request), project_id)))
