"""Learning curves over HTTP: points, arms, forecast and advice in one answer."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.accounts.authentication import caller
from annotator.core.doors import logged_in
from annotator.learning.selectors.outlook import outlook
from annotator.learning.states import VersionState
from annotator.projects.access import project_for
from annotator.projects.models import Speed
from extraction.active.advice import Action, Because, Choosing, Outlook, Stability


class CurvePointOut(serializers.Serializer[Any]):
    """A version on the curve: gold sentences it learnt from, hours spent until then, its F1.

    `imported` of the labels came with files and took no time here.
    """

    version = serializers.IntegerField()
    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=VersionState.choices)
    labels = serializers.IntegerField()
    imported = serializers.IntegerField()
    hours = serializers.FloatField()
    entity_f1 = serializers.FloatField()
    triple_f1 = serializers.FloatField()
    measured_sentences = serializers.IntegerField()
    trained_at = serializers.DateTimeField()


class SeriesOut(serializers.Serializer[Any]):
    """Versions of the same model, encoder and speed; the forecast is of the one that leads."""

    model = serializers.CharField()
    encoder = serializers.CharField()
    speed = serializers.ChoiceField(choices=Speed.choices)
    leads = serializers.BooleanField()
    points = CurvePointOut(many=True)


class RangeOut(serializers.Serializer[Any]):
    """A median and the 80 % interval about it."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class BandOut(RangeOut):
    """What a version of so many labels would be measured at."""

    labels = serializers.FloatField()
    hours = serializers.FloatField(allow_null=True)


class MeasureOut(serializers.Serializer[Any]):
    """The forecast of one F1: what will be measured, and by how much the curve itself rises."""

    next = RangeOut()
    gain = RangeOut()
    band = BandOut(many=True)


class MeasuresOut(serializers.Serializer[Any]):
    """The forecasts of both F1."""

    entity_f1 = MeasureOut()
    triple_f1 = MeasureOut()


class ForecastOut(serializers.Serializer[Any]):
    """The forecast for the next labels; no measures while points are too few."""

    ahead = serializers.IntegerField()
    fewest = serializers.IntegerField()
    points = serializers.IntegerField()
    missing = serializers.CharField(allow_null=True)
    wide = serializers.BooleanField()
    measures = MeasuresOut(allow_null=True)


class RateOut(serializers.Serializer[Any]):
    """Corrections in an hour, with a 95 % interval."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class SampleArmOut(serializers.Serializer[Any]):
    """Means a sentence; no rate where no time was noted."""

    count = serializers.IntegerField()
    seconds = serializers.FloatField()
    expected = serializers.FloatField()
    corrections = serializers.FloatField()
    rate = RateOut(allow_null=True)


class GapOut(serializers.Serializer[Any]):
    """Rate of the sampled arm less that of the control arm, with a 95 % interval."""

    value = serializers.FloatField()
    error = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    fewest = serializers.IntegerField()


class ArmsOut(serializers.Serializer[Any]):
    """Sentences chosen by doubt and sentences chosen by chance."""

    sampled = SampleArmOut(allow_null=True)
    control = SampleArmOut(allow_null=True)
    difference = GapOut(allow_null=True)
    control_share = serializers.FloatField()


class StabilityOut(serializers.Serializer[Any]):
    """How far a version agrees with the one before on unlabelled sentences, and what it expects."""

    number = serializers.IntegerField()
    previous = serializers.IntegerField(allow_null=True)
    sentences = serializers.IntegerField()
    kappa = serializers.FloatField(allow_null=True)
    expected_errors = serializers.FloatField(allow_null=True)
    expected_errors_before = serializers.FloatField(allow_null=True)


class AdviceOut(serializers.Serializer[Any]):
    """What is advised, the sign that decided, what every sign says, and the limits used."""

    advised = serializers.ChoiceField(choices=list(Action))
    because = serializers.ChoiceField(choices=list(Because))
    outlook = serializers.ChoiceField(choices=list(Outlook))
    stability = serializers.ChoiceField(choices=list(Stability))
    choosing = serializers.ChoiceField(choices=list(Choosing))
    little = serializers.FloatField()
    steady = serializers.FloatField()
    in_a_row = serializers.IntegerField()
    enough_each = serializers.IntegerField()


class CurvesOut(serializers.Serializer[Any]):
    """Everything that says whether more labels are worth it."""

    series = SeriesOut(many=True)
    forecast = ForecastOut()
    arms = ArmsOut()
    stability = StabilityOut(many=True)
    advice = AdviceOut()


@extend_schema(responses=CurvesOut)
@api_view(["GET"])
@logged_in
def curves(request: Request, project_id: int) -> Response:
    """Show how the model grew with the labels, what the next ones may bring, and what to do."""
    project = project_for(caller(request), project_id)
    return Response(outlook(project))
