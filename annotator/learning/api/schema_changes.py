"""Changes of types over existing labels, over HTTP: seen first, then done."""

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
from annotator.labelling.rewriting import Change
from annotator.learning.services.schema_changes import apply_change
from annotator.learning.services.schema_plan import preview_change
from annotator.projects.access import project_for
from annotator.projects.models import Role

KINDS = ["rename", "merge", "split", "reverse"]


class WhereBody(Body):
    """Which labels of a split go over: all that is said here must fit."""

    head_type = serializers.CharField(max_length=60, required=False)
    tail_type = serializers.CharField(max_length=60, required=False)
    subject_contains = serializers.CharField(max_length=200, required=False)
    object_contains = serializers.CharField(max_length=200, required=False)
    surfaces = serializers.ListField(
        child=serializers.CharField(max_length=200), max_length=1000, required=False
    )


class SchemaChangeIn(Body):
    """One change. Without `token` it is only shown; with the token of what was shown it is done.

    `from` names types, `into` the type that they become (not for reverse). `extend_pairs` lets a
    merged relation stand wherever one of its parts could.
    """

    kind = serializers.ChoiceField(choices=KINDS)
    of = serializers.ChoiceField(choices=["entity", "relation"], default="relation")
    into = serializers.CharField(max_length=60, default="", allow_blank=True)
    where = WhereBody(default=dict)
    extend_pairs = serializers.BooleanField(default=False)
    token = serializers.CharField(max_length=64, required=False)

    def get_fields(self) -> dict[str, Any]:
        """Add `from`, which no Python attribute can be called."""
        names = serializers.ListField(child=serializers.CharField(max_length=60), min_length=1)
        return {**super().get_fields(), "from": names}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a change that lacks its goal, or has more sources than it can have."""
        is_merge, is_reverse = attrs["kind"] == "merge", attrs["kind"] == "reverse"
        if not is_merge and len(attrs["from"]) != 1:
            raise serializers.ValidationError({"from": "Name exactly one type"})
        if is_reverse and attrs["of"] == "entity":
            raise serializers.ValidationError({"of": "Only relations have a direction"})
        if not is_reverse and not attrs["into"].strip():
            raise serializers.ValidationError({"into": "Name the type that they become"})
        return attrs


class ExampleOut(serializers.Serializer[Any]):
    """What one sentence says before and after, where that differs."""

    sentence_id = serializers.IntegerField()
    text = serializers.CharField()
    before = serializers.ListField(child=serializers.CharField())
    after = serializers.ListField(child=serializers.CharField())


class SchemaChangeOut(serializers.Serializer[Any]):
    """How much changes; `collapsed` labels say afterwards what another one says."""

    applied = serializers.BooleanField()
    sentences = serializers.IntegerField()
    annotations = serializers.IntegerField()
    golds = serializers.IntegerField()
    suggestions = serializers.IntegerField()
    entities = serializers.IntegerField()
    relations = serializers.IntegerField()
    collapsed = serializers.IntegerField()
    examples = ExampleOut(many=True)
    schema_version = serializers.IntegerField()
    token = serializers.CharField()


@extend_schema(request=SchemaChangeIn, responses=SchemaChangeOut)
@api_view(["POST"])
@logged_in
def schema_changes(request: Request, project_id: int) -> Response:
    """Show what a change would do to all labels; do it when the token of that is sent."""
    user = caller(request)
    project = project_for(user, project_id, at_least=Role.MANAGER)
    wanted = read(SchemaChangeIn, request)
    change = Change(
        kind=wanted["kind"],
        of=wanted["of"],
        names=tuple(wanted["from"]),
        into=wanted["into"].strip(),
        where=dict(wanted["where"]),
    )
    extends = wanted["extend_pairs"]
    if "token" not in wanted:
        seen = preview_change(project=project, change=change, extends=extends)
        return Response({**seen, "applied": False})
    done = apply_change(
        project=project, change=change, token=wanted["token"], actor=user, extends=extends
    )
    return Response({**done, "applied": True})
