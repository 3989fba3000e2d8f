"""Events over plain HTTP, for browsers whose socket is down and for programs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.accounts.authentication import caller
from annotator.core import events
from annotator.core.doors import logged_in
from annotator.core.http import Body, read_query
from annotator.core.parameters import takes
from annotator.projects.access import project_for


class Since(Body):
    """Where to go on."""

    since = serializers.IntegerField(min_value=0, max_value=2**63 - 1, default=0)


class EventOut(serializers.Serializer[Any]):
    """An event; beside these fields it carries ids and numbers of its kind."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    at = serializers.DateTimeField()


class EventPage(serializers.Serializer[Any]):
    """Events after `since`; ask again from `last`."""

    results = EventOut(many=True)
    next = serializers.CharField(allow_null=True)
    last = serializers.IntegerField()


@takes(Since)
@extend_schema(responses=EventPage)
@api_view(["GET"])
@logged_in
def project_events(request: Request, project_id: int) -> Response:
    """List what changed in a project after event `since` (500 at most)."""
    project = project_for(caller(request), project_id)
    since = read_query(Since, request)["since"]
    rows = events.since(project.pk, since)
    last = rows[-1].pk if rows else since
    results = [events.as_json(row) for row in rows]
    return Response({"results": results, "next": None, "last": last})
