"""Calibration over HTTP: reliability, calibration error and thresholds of a version."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.accounts.authentication import caller
from annotator.core.doors import logged_in
from annotator.learning.selectors.runs import find_version
from annotator.learning.selectors.trust import trust_json
from annotator.projects.access import project_for

REASONS = ["measured_on_training", "not_measured"]


class BinOut(serializers.Serializer[Any]):
    """Statements with chances in [low, high]: how many, what was said of them, what came true."""

    low = serializers.FloatField()
    high = serializers.FloatField()
    count = serializers.IntegerField()
    mean_chance = serializers.FloatField()
    share_right = serializers.FloatField()


class BeforeAfterOut(serializers.Serializer[Any]):
    """A figure of the model's own chances and of the calibrated ones."""

    before = serializers.FloatField(allow_null=True)
    after = serializers.FloatField(allow_null=True)


class ThresholdOut(serializers.Serializer[Any]):
    """Of `count` statements with this chance or a higher one so many were right (95 % interval)."""

    threshold = serializers.FloatField()
    count = serializers.IntegerField()
    right = serializers.IntegerField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class TypeTrustOut(serializers.Serializer[Any]):
    """One entity or relation type; the later fields are missing from old reports."""

    count = serializers.IntegerField()
    ece = serializers.FloatField(allow_null=True)
    ece_before = serializers.FloatField(allow_null=True, required=False)
    ece_by_luck = serializers.FloatField(allow_null=True, required=False)
    bins = BinOut(many=True)


class KindTrustOut(serializers.Serializer[Any]):
    """Entities or triples that were said. `ece_mass`: with bins of equal mass.

    `ece_by_luck`: the calibration error that chances which are all true would show on so few.
    """

    count = serializers.IntegerField()
    right = serializers.IntegerField()
    ece = BeforeAfterOut()
    ece_by_luck = serializers.FloatField(allow_null=True, required=False)
    ece_mass = BeforeAfterOut()
    log_loss = BeforeAfterOut()
    bins = BinOut(many=True)
    by_type = serializers.DictField(child=TypeTrustOut())
    thresholds = ThresholdOut(many=True)
    lowest_for = serializers.DictField(child=serializers.FloatField(allow_null=True))


class KindsTrustOut(serializers.Serializer[Any]):
    """Both kinds."""

    entity = KindTrustOut()
    relation = KindTrustOut()


class CalibrationOut(serializers.Serializer[Any]):
    """Cross-fitted: every sentence was judged by maps that had not seen it.

    `maps` are those in use; a kind with fewer than `fewest` statements has none. `auroc`: how well
    expected errors tell sentences with an error from those without.
    """

    maps = serializers.ListField(child=serializers.DictField())
    fewest = serializers.IntegerField()
    sentences = serializers.IntegerField()
    kinds = KindsTrustOut()
    auroc = BeforeAfterOut()


class TrustOut(serializers.Serializer[Any]):
    """How far a version's chances can be believed; `reason` says why nothing is known."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    measured_on = serializers.ChoiceField(choices=["holdout", "pool_share", "training"])
    calibration = CalibrationOut(allow_null=True)
    reason = serializers.ChoiceField(choices=REASONS, allow_null=True)


@extend_schema(responses=TrustOut)
@api_view(["GET"])
@logged_in
def calibration(request: Request, project_id: int, version_id: int) -> Response:
    """Show how far the chances of a version can be believed."""
    project = project_for(caller(request), project_id)
    return Response(trust_json(find_version(project, version_id)))
