"""Lists of sentences over HTTP: in the order of the corpus or of the queue, narrowed by wishes."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from annotator.accounts.authentication import caller
from annotator.core.doors import logged_in
from annotator.core.errors import ForbiddenError
from annotator.core.http import Body, read_query
from annotator.core.pagination import page
from annotator.core.parameters import takes
from annotator.corpus.states import SentenceState, Split
from annotator.learning.selectors.search import Reader, conditions
from annotator.learning.selectors.sentences import (
    active_version_id,
    list_sentences,
    listed_json,
    queue_page,
)
from annotator.projects.access import membership_for
from annotator.projects.models import Role

LONGEST = 200


class ListQuery(Body):
    """Which sentences, in which order.

    `subject`, `predicate` and `object` must hold of the same triple; `annotator` is a user name,
    or `me`.
    """

    state = serializers.ChoiceField(choices=SentenceState.choices, required=False)
    split = serializers.ChoiceField(choices=Split.choices, required=False)
    order = serializers.ChoiceField(choices=["priority", "position"], default="position")
    q = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True)
    type = serializers.CharField(max_length=60, required=False)
    subject = serializers.CharField(max_length=LONGEST, required=False)
    predicate = serializers.CharField(max_length=60, required=False)
    object = serializers.CharField(max_length=LONGEST, required=False)
    annotator = serializers.CharField(max_length=150, required=False)
    flag = serializers.CharField(max_length=40, required=False)
    commented = serializers.BooleanField(required=False)
    suggested = serializers.BooleanField(required=False)
    min_score = serializers.FloatField(required=False)
    max_score = serializers.FloatField(required=False)


class ListedOut(serializers.Serializer[Any]):
    """A sentence of a list.

    `score` is the number of errors expected of the active version, `comments` how many are open;
    `flags` and `annotators` are those that the reader may see.
    """

    id = serializers.IntegerField()
    text = serializers.CharField()
    state = serializers.ChoiceField(choices=SentenceState.choices)
    split = serializers.ChoiceField(choices=Split.choices, allow_null=True)
    priority = serializers.FloatField(allow_null=True)
    position = serializers.IntegerField()
    external_id = serializers.CharField(allow_blank=True)
    gold = serializers.BooleanField()
    suggested = serializers.BooleanField()
    score = serializers.FloatField(allow_null=True)
    flags = serializers.ListField(child=serializers.CharField())
    annotators = serializers.ListField(child=serializers.CharField())
    comments = serializers.IntegerField()


class ListedPage(serializers.Serializer[Any]):
    """One page of sentences."""

    results = ListedOut(many=True)
    next = serializers.CharField(allow_null=True)


@takes(ListQuery, pages=True)
@extend_schema(operation_id="projects_sentences_list", responses=ListedPage)
@api_view(["GET"])
@logged_in
def sentences(request: Request, project_id: int) -> Response:
    """List sentences; `order=priority` shows the open ones as the queue has them."""
    user = caller(request)
    membership = membership_for(user, project_id)
    wanted = read_query(ListQuery, request)
    role = Role(membership.role)
    if "split" in wanted and role < Role.REVIEWER:
        raise ForbiddenError("This needs the role reviewer", needed=Role.REVIEWER.label)
    active_id = active_version_id(project_id)
    reader = Reader(user.pk, user.username, role, membership.project, active_id)
    if wanted["order"] == "priority":
        return _queue_page(request, reader, wanted)
    rows = list_sentences(reader).filter(_columns(wanted) & conditions(wanted, reader))
    return page(rows, request, ("position",), lambda row: listed_json(row, role))


def _queue_page(request: Request, reader: Reader, wanted: dict[str, Any]) -> Response:
    rows, cursor = queue_page(
        reader,
        filters=_columns(wanted, prefix="sentence__") & conditions(wanted, reader),
        cursor=request.query_params.get("cursor"),
    )
    address = request.build_absolute_uri()
    return Response(
        {
            "results": [listed_json(row, reader.role) for row in rows],
            "next": replace_query_param(address, "cursor", cursor) if cursor else None,
        }
    )


def _columns(wanted: dict[str, Any], prefix: str = "") -> Q:
    names = {"state": "state", "split": "split", "q": "text__icontains"}
    return Q(**{prefix + names[key]: value for key, value in wanted.items() if key in names})
