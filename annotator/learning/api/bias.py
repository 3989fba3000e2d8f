"""Automation bias over HTTP: labels made with suggestions shown beside labels made without."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.accounts.authentication import caller
from annotator.core.doors import logged_in
from annotator.learning.selectors.bias import automation_bias
from annotator.projects.access import project_for
from annotator.projects.models import Role


class ArmOut(serializers.Serializer[Any]):
    """Submissions of one arm: mean F1 against the suggestion, median seconds."""

    count = serializers.IntegerField()
    entity_f1 = serializers.FloatField(allow_null=True)
    triple_f1 = serializers.FloatField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True)


class DifferenceOut(serializers.Serializer[Any]):
    """Shown less hidden, with a 95 % interval."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class DifferencesOut(serializers.Serializer[Any]):
    """The differences of both arms."""

    entity_f1 = DifferenceOut()
    triple_f1 = DifferenceOut()
    seconds = DifferenceOut()


class RateOfChecksOut(serializers.Serializer[Any]):
    """The share of checks that were accepted, with a 95 % interval."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class ChecksInShortOut(serializers.Serializer[Any]):
    """Wrong triples planted among suggestions: shown and submitted, accepted, still held back."""

    share = serializers.FloatField()
    shown = serializers.IntegerField()
    accepted = serializers.IntegerField()
    held = serializers.IntegerField()
    rate = RateOfChecksOut(allow_null=True)


class BiasOut(serializers.Serializer[Any]):
    """Both arms; no difference while one of them is empty."""

    blind_share = serializers.FloatField()
    planted = ChecksInShortOut()
    shown = ArmOut()
    hidden = ArmOut()
    difference = DifferencesOut(allow_null=True)


@extend_schema(responses=BiasOut)
@api_view(["GET"])
@logged_in
def bias(request: Request, project_id: int) -> Response:
    """Show how far suggestions sway the people who see them."""
    project = project_for(caller(request), project_id, at_least=Role.REVIEWER)
    return Response(automation_bias(project))
