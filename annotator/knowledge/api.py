"""The knowledge graph over HTTP. Reviewers and managers: it shows what everybody labelled."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, content_negotiation_class, throttle_classes
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.accounts.authentication import caller
from annotator.accounts.models import User
from annotator.core import audit
from annotator.core.doors import logged_in
from annotator.core.http import Body, read, read_query
from annotator.core.limits import ExportLimit
from annotator.core.negotiation import FormatIsOurs
from annotator.core.pagination import page
from annotator.core.parameters import takes
from annotator.corpus.models import Sentence
from annotator.knowledge.files import FILES
from annotator.knowledge.selectors import (
    MOST_EDGES,
    Filters,
    contradictions_of,
    knowledge_json,
    knowledge_of,
    opposites_of,
    sentences_of,
)
from annotator.knowledge.services import review_contradiction, set_opposites
from annotator.knowledge.states import Said
from annotator.projects.access import project_for
from annotator.projects.models import Role

LONGEST = 20_000
MOST_PAIRS = 500
MOST_LISTED = 200


class GraphQuery(Body):
    """Which statements make the graph; `predicates` are separated by commas."""

    said = serializers.ChoiceField(choices=[one.value for one in Said], default="gold")
    predicates = serializers.CharField(max_length=5000, allow_blank=True, default="")
    min_confidence = serializers.FloatField(min_value=0, max_value=1, default=0)
    q = serializers.CharField(max_length=200, allow_blank=True, default="")
    limit = serializers.IntegerField(min_value=1, max_value=MOST_EDGES, default=MOST_EDGES)


class FileQuery(GraphQuery):
    """The same, and the form of the file."""

    format = serializers.ChoiceField(choices=list(FILES), default="graphml")


class SaidQuery(Body):
    """Whose statements."""

    said = serializers.ChoiceField(choices=[one.value for one in Said], default="gold")


class SentencesQuery(SaidQuery):
    """An edge, or with `head` alone a node."""

    head = serializers.CharField(max_length=LONGEST, trim_whitespace=False)
    head_type = serializers.CharField(max_length=200)
    predicate = serializers.CharField(max_length=200, required=False)
    tail = serializers.CharField(max_length=LONGEST, trim_whitespace=False, required=False)
    tail_type = serializers.CharField(max_length=200, required=False)


class NodeIn(Body):
    """A node by name and type."""

    name = serializers.CharField(max_length=LONGEST, trim_whitespace=False)
    type = serializers.CharField(max_length=200)


class ReviewIn(Body):
    """The two nodes of which opposite things are said."""

    nodes = serializers.ListField(child=NodeIn(), min_length=2, max_length=2)


class OppositesIn(Body):
    """Pairs of relation types."""

    pairs = serializers.ListField(
        child=serializers.ListField(
            child=serializers.CharField(max_length=200), min_length=2, max_length=2
        ),
        max_length=MOST_PAIRS,
    )


class GraphNodeOut(serializers.Serializer[Any]):
    """A string with its type, and how often it is said."""

    name = serializers.CharField()
    type = serializers.CharField()
    statements = serializers.IntegerField()


class GraphEdgeOut(serializers.Serializer[Any]):
    """A relation type between two nodes, by their places; `confidence` is the model's best."""

    head = serializers.IntegerField()
    tail = serializers.IntegerField()
    type = serializers.CharField()
    sentences = serializers.IntegerField()
    gold = serializers.IntegerField()
    confidence = serializers.FloatField(allow_null=True)
    contradicted = serializers.BooleanField()


class GraphOut(serializers.Serializer[Any]):
    """The graph; `truncated` when there are more edges than were asked for."""

    nodes = GraphNodeOut(many=True)
    edges = GraphEdgeOut(many=True)
    total_edges = serializers.IntegerField()
    truncated = serializers.BooleanField()


class GraphEndOut(serializers.Serializer[Any]):
    """A node by name and type."""

    name = serializers.CharField()
    type = serializers.CharField()


class NamedEdgeOut(serializers.Serializer[Any]):
    """An edge whose ends are named."""

    head = GraphEndOut()
    tail = GraphEndOut()
    type = serializers.CharField()
    sentences = serializers.IntegerField()
    gold = serializers.IntegerField()
    confidence = serializers.FloatField(allow_null=True)


class ContradictionOut(serializers.Serializer[Any]):
    """Two nodes, and the edges between them that cannot all be true."""

    nodes = GraphEndOut(many=True)
    edges = NamedEdgeOut(many=True)


class ContradictionsOut(serializers.Serializer[Any]):
    """What is contradicted; the first 200, and how many there are."""

    results = ContradictionOut(many=True)
    total = serializers.IntegerField()


class OppositesOut(serializers.Serializer[Any]):
    """Pairs of relation types that contradict one another."""

    pairs = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class ReviewOut(serializers.Serializer[Any]):
    """At how many sentences a comment was opened."""

    opened = serializers.IntegerField()


class GraphSentenceOut(serializers.Serializer[Any]):
    """A sentence that says it."""

    id = serializers.IntegerField()
    text = serializers.CharField()
    state = serializers.CharField()


class GraphSentencePage(serializers.Serializer[Any]):
    """One page of sentences, in the order of the corpus."""

    results = GraphSentenceOut(many=True)
    next = serializers.CharField(allow_null=True)


def _filters(query: dict[str, Any], reader: User) -> Filters:
    return Filters(
        Said(query["said"]),
        tuple(one for one in query["predicates"].split(",") if one),
        query["min_confidence"],
        query["q"],
        query["limit"],
        reader.pk,
    )


@takes(GraphQuery)
@extend_schema(responses=GraphOut)
@api_view(["GET"])
@logged_in
def graph(request: Request, project_id: int) -> Response:
    """Show the knowledge graph."""
    reader = caller(request)
    project = project_for(reader, project_id, at_least=Role.REVIEWER)
    query = read_query(GraphQuery, request)
    return Response(knowledge_json(knowledge_of(project, _filters(query, reader))))


@takes(FileQuery)
@extend_schema(
    responses={(200, "application/graphml+xml"): OpenApiResponse(OpenApiTypes.BINARY, "A file")}
)
@api_view(["GET"])
@logged_in
@content_negotiation_class(FormatIsOurs)
@throttle_classes([ExportLimit])
def file(request: Request, project_id: int) -> HttpResponse:
    """Download the knowledge graph."""
    actor = caller(request)
    project = project_for(actor, project_id, at_least=Role.REVIEWER)
    query = read_query(FileQuery, request)
    spell, content_type = FILES[query["format"]]
    body = spell(knowledge_json(knowledge_of(project, _filters(query, actor))))
    change = audit.Change(action="export.graph", object_kind="project", object_id=project.pk)
    audit.record(change, actor_id=actor.pk, project_id=project.pk)
    answer = HttpResponse(body, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="graph-{project.pk}.{query["format"]}"'
    answer["Cache-Control"] = "no-store"
    return answer


@takes(SentencesQuery, pages=True)
@extend_schema(responses=GraphSentencePage)
@api_view(["GET"])
@logged_in
def sentences(request: Request, project_id: int) -> Response:
    """List the sentences that state an edge, or mention a node."""
    reader = caller(request)
    project = project_for(reader, project_id, at_least=Role.REVIEWER)
    query = read_query(SentencesQuery, request)
    ends = [(query["head"], query["head_type"])]
    if "tail" in query:
        ends.append((query["tail"], query.get("tail_type", query["head_type"])))
    predicates = [query["predicate"]] if "predicate" in query else []
    rows = sentences_of(project, Said(query["said"]), ends, predicates, reader.pk)
    return page(rows, request, ("position",), _said_json)


def _said_json(sentence: Sentence) -> dict[str, Any]:
    return {"id": sentence.pk, "text": sentence.text, "state": sentence.state}


@takes(SaidQuery)
@extend_schema(responses=ContradictionsOut)
@api_view(["GET"])
@logged_in
def contradictions(request: Request, project_id: int) -> Response:
    """List what is said and contradicted."""
    reader = caller(request)
    project = project_for(reader, project_id, at_least=Role.REVIEWER)
    said = Said(read_query(SaidQuery, request)["said"])
    found = contradictions_of(project, said, reader.pk)
    return Response({"results": found[:MOST_LISTED], "total": len(found)})


@extend_schema(request=ReviewIn, responses=ReviewOut)
@api_view(["POST"])
@logged_in
def review(request: Request, project_id: int) -> Response:
    """Send the gold sentences of a contradiction to review: a comment is opened at each."""
    actor = caller(request)
    project = project_for(actor, project_id, at_least=Role.REVIEWER)
    first, second = ((one["name"], one["type"]) for one in read(ReviewIn, request)["nodes"])
    opened = review_contradiction(project=project, ends=(first, second), actor=actor)
    return Response({"opened": opened})


@extend_schema(methods=["GET"], responses=OppositesOut)
@extend_schema(methods=["PUT"], request=OppositesIn, responses=OppositesOut)
@api_view(["GET", "PUT"])
@logged_in
def opposites(request: Request, project_id: int) -> Response:
    """Show which relation types contradict one another; say which ones do."""
    actor = caller(request)
    is_change = request.method == "PUT"
    least = Role.MANAGER if is_change else Role.REVIEWER
    project = project_for(actor, project_id, at_least=least)
    if is_change:
        set_opposites(project=project, pairs=read(OppositesIn, request)["pairs"], actor=actor)
    return Response({"pairs": [list(pair) for pair in opposites_of(project)]})
