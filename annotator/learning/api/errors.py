"""What a version gets wrong over HTTP: tables of errors, and the sentences behind each number."""

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
from annotator.core.errors import InvalidError
from annotator.core.http import Body, KnownChoiceField, read_query
from annotator.core.parameters import takes
from annotator.learning.api.leaderboard import PLACES, EndOut
from annotator.learning.selectors.errors import CLASSES, Cell, error_sentences
from annotator.learning.selectors.errors import errors as errors_json
from annotator.learning.selectors.runs import find_version
from annotator.projects.access import project_for
from annotator.projects.models import Role
from extraction.evaluation.errors import SLICES

NAMES = list(dict.fromkeys(name for names in CLASSES.values() for name in names))


class ErrorCellQuery(Body):
    """A cell: its kind of statement, and as far as given what its statements have in common.

    `type` is the row that they count in; `gold` and `predicted` are what gold and the version
    call them, empty where that side has nothing; `side` is who says them. A cell of the confusion
    has both `gold` and `predicted`. All that is given holds at once.
    """

    kind = KnownChoiceField(choices=list(CLASSES), default="relation")
    type = serializers.CharField(required=False, allow_blank=True)
    gold = serializers.CharField(required=False, allow_blank=True)
    predicted = serializers.CharField(required=False, allow_blank=True)
    side = KnownChoiceField(choices=["gold", "predicted"], required=False)
    slice = KnownChoiceField(choices=list(SLICES), required=False)

    def get_fields(self) -> dict[str, Any]:
        """Add `class`, which is a word of Python's own."""
        return {
            **super().get_fields(),
            "class": KnownChoiceField(choices=NAMES, required=False),
        }


class ErrorRatesOut(serializers.Serializer[Any]):
    """How many statements gold has and the version makes, and how they meet."""

    gold = serializers.IntegerField()
    predicted = serializers.IntegerField()
    precision = serializers.FloatField()
    recall = serializers.FloatField()
    f1 = serializers.FloatField()


class ErrorTotalOut(ErrorRatesOut):
    """gold is the sum of the cells without `spurious`."""

    cells = serializers.DictField(child=serializers.IntegerField())


class ErrorRowOut(ErrorTotalOut):
    """One type; a pair counts in the row of its gold type."""

    type = serializers.CharField()


class ConfusionOut(serializers.Serializer[Any]):
    """How often a gold type met a predicted type; null where the other side has nothing."""

    gold = serializers.CharField(allow_null=True)
    predicted = serializers.CharField(allow_null=True)
    count = serializers.IntegerField()


class ErrorPartOut(serializers.Serializer[Any]):
    """Triples or entities, by type and class of error."""

    classes = serializers.ListField(child=serializers.CharField())
    total = ErrorTotalOut()
    types = ErrorRowOut(many=True)
    confusion = ConfusionOut(many=True)


class SliceRatesOut(ErrorRatesOut):
    """Statements of a slice."""

    correct = serializers.IntegerField()


class ErrorSliceOut(serializers.Serializer[Any]):
    """Sentences of a sort; a sentence can be in both `overlap:seo` and `overlap:epo`."""

    slice = serializers.ChoiceField(choices=list(SLICES))
    sentences = serializers.IntegerField()
    relations = SliceRatesOut()
    entities = SliceRatesOut()


class ErrorsOut(serializers.Serializer[Any]):
    """What a version gets wrong in the sentences that it was measured on."""

    version = serializers.IntegerField()
    number = serializers.IntegerField()
    model = serializers.CharField()
    encoder = serializers.CharField()
    measured_on = serializers.ChoiceField(choices=PLACES)
    sentences = serializers.IntegerField()
    relations = ErrorPartOut()
    entities = ErrorPartOut()
    slices = ErrorSliceOut(many=True)


class SaidOut(serializers.Serializer[Any]):
    """A triple, or an entity (no tail); with how sure the version is where it says so too."""

    type = serializers.CharField()
    head = EndOut()
    tail = EndOut(allow_null=True)
    confidence = serializers.FloatField(allow_null=True)


class ErrorStatementOut(serializers.Serializer[Any]):
    """What gold says, what the version says instead, and the class; `is_asked`: in the cell."""

    is_asked = serializers.BooleanField()
    gold = SaidOut(allow_null=True)
    predicted = SaidOut(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """Add `class`, which is a word of Python's own."""
        return {**super().get_fields(), "class": serializers.ChoiceField(choices=NAMES)}


class ErrorEntityOut(serializers.Serializer[Any]):
    """A typed stretch of the text."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    type = serializers.CharField()


class ErrorRelationOut(serializers.Serializer[Any]):
    """A typed arrow between entities, by their places in the list."""

    head = serializers.IntegerField()
    tail = serializers.IntegerField()
    type = serializers.CharField()


class ErrorGraphOut(serializers.Serializer[Any]):
    """All that is said of a sentence."""

    entities = ErrorEntityOut(many=True)
    relations = ErrorRelationOut(many=True)


class ErrorSentenceOut(serializers.Serializer[Any]):
    """A sentence behind a cell; of one with very many statements a page has a part."""

    sentence_id = serializers.IntegerField()
    text = serializers.CharField()
    gold = ErrorGraphOut()
    predicted = ErrorGraphOut()
    statements = ErrorStatementOut(many=True)


class ErrorSentencesOut(serializers.Serializer[Any]):
    """The statements of a cell add up to its number; a page of the sentences they stand in."""

    sentences = serializers.IntegerField()
    statements = serializers.IntegerField()
    results = ErrorSentenceOut(many=True)
    next = serializers.CharField(allow_null=True)


@extend_schema(responses=ErrorsOut)
@api_view(["GET"])
@logged_in
def errors(request: Request, project_id: int, version_id: int) -> Response:
    """Show what a version gets wrong, by type and class of error."""
    project = project_for(caller(request), project_id, at_least=Role.REVIEWER)
    return Response(errors_json(find_version(project, version_id)))


@takes(ErrorCellQuery, pages=True)
@extend_schema(responses=ErrorSentencesOut)
@api_view(["GET"])
@logged_in
def sentences(request: Request, project_id: int, version_id: int) -> Response:
    """Show the sentences behind a number of the tables."""
    project = project_for(caller(request), project_id, at_least=Role.REVIEWER)
    cell = _read_cell(request)
    version = find_version(project, version_id)
    found, cursor = error_sentences(version, cell, request.query_params.get("cursor"))
    here = request.build_absolute_uri()
    link = replace_query_param(here, "cursor", cursor) if cursor else None
    return Response({**found, "next": link})


def _read_cell(request: Request) -> Cell:
    asked = read_query(ErrorCellQuery, request)
    name = asked.pop("class", "")
    known = list(CLASSES[asked["kind"]])
    if name and name not in known:
        raise InvalidError("This kind has no such class", field="class", known=known)
    return Cell(**asked, name=name)
