"""Projects, members and schema over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.accounts.authentication import caller
from annotator.core.doors import logged_in
from annotator.core.http import Body, base_version, read
from annotator.core.pagination import page
from annotator.core.parameters import takes
from annotator.projects import services
from annotator.projects.access import membership_for, memberships_of, project_for
from annotator.projects.models import Role, Speed
from annotator.projects.schema import replace_schema
from annotator.projects.selectors import guidelines_json, member_json, project_json, schema_json
from annotator.projects.templates import TEMPLATES
from extraction.active.strategies import STRATEGIES
from extraction.catalogue import CATALOGUE

ROLES = {role.label: role for role in Role}
MODELS = sorted(name for name, spec in CATALOGUE.items() if not spec.given_entities)
COLOR = r"^#[0-9a-fA-F]{6}$"


class ProjectIn(Body):
    """A new project."""

    name = serializers.CharField(max_length=200)
    template = serializers.ChoiceField(choices=sorted(TEMPLATES), default="ch-ddi")
    language = serializers.ChoiceField(choices=["zh", "en"], default="zh")


class ProjectPatch(Body):
    """Settings a manager may change."""

    name = serializers.CharField(max_length=200, required=False)
    model = serializers.CharField(max_length=60, required=False)
    encoder = serializers.CharField(max_length=200, required=False)
    speed = serializers.ChoiceField(choices=Speed.choices, required=False)
    strategy = serializers.ChoiceField(choices=list(STRATEGIES), required=False)
    control_share = serializers.FloatField(min_value=0.0, max_value=1.0, required=False)
    blind_share = serializers.FloatField(min_value=0.0, max_value=0.5, required=False)
    planted_share = serializers.FloatField(min_value=0.0, max_value=0.05, required=False)
    gate_tolerance = serializers.FloatField(min_value=0.0, max_value=0.5, required=False)

    def validate_model(self, name: str) -> str:
        """Refuse a model that a project cannot have; the contract lists none, for more may come."""
        if name not in MODELS:
            raise serializers.ValidationError(f"Choose one of: {', '.join(MODELS)}")
        return name


class ProjectOut(serializers.Serializer[Any]):
    """A project as the caller sees it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    template = serializers.CharField()
    language = serializers.ChoiceField(choices=["zh", "en"])
    role = serializers.ChoiceField(choices=sorted(ROLES))
    model = serializers.CharField()
    encoder = serializers.CharField()
    speed = serializers.ChoiceField(choices=Speed.choices)
    strategy = serializers.ChoiceField(choices=list(STRATEGIES))
    control_share = serializers.FloatField()
    holdout_share = serializers.FloatField()
    blind_share = serializers.FloatField()
    planted_share = serializers.FloatField()
    gate_tolerance = serializers.FloatField()
    schema_version = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class ProjectPage(serializers.Serializer[Any]):
    """One page of projects."""

    results = ProjectOut(many=True)
    next = serializers.CharField(allow_null=True)


class MemberIn(Body):
    """Somebody to let in."""

    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=sorted(ROLES))


class MemberPatch(Body):
    """Another role."""

    role = serializers.ChoiceField(choices=sorted(ROLES))


class MemberOut(serializers.Serializer[Any]):
    """A member."""

    id = serializers.IntegerField()
    user_id = serializers.IntegerField()
    username = serializers.CharField()
    display_name = serializers.CharField()
    role = serializers.ChoiceField(choices=sorted(ROLES))


class MemberPage(serializers.Serializer[Any]):
    """One page of members."""

    results = MemberOut(many=True)
    next = serializers.CharField(allow_null=True)


class EntityTypeBody(Body):
    """A kind of entity."""

    name = serializers.CharField(max_length=60)
    label = serializers.CharField(max_length=60)  # type: ignore[assignment]
    color = serializers.RegexField(COLOR)
    key = serializers.CharField(max_length=1, allow_blank=True)


class RelationTypeBody(EntityTypeBody):
    """A kind of relation; without pairs every pair of entity types is legal."""

    symmetric = serializers.BooleanField(default=False)
    pairs = serializers.ListField(
        child=serializers.ListField(
            child=serializers.CharField(max_length=60), min_length=2, max_length=2
        ),
        default=list,
    )


class SchemaBody(Body):
    """A whole schema. `version` is ours: it may be sent back and is ignored."""

    version = serializers.IntegerField(required=False)
    entity_types = EntityTypeBody(many=True)
    relation_types = RelationTypeBody(many=True)


def _markdown() -> serializers.CharField:
    return serializers.CharField(max_length=100_000, allow_blank=True, trim_whitespace=False)


class GuidelinesOut(serializers.Serializer[Any]):
    """How to label, in Markdown: in general, and by name of entity or relation type."""

    version = serializers.IntegerField()
    text = serializers.CharField(allow_blank=True)
    types = serializers.DictField(child=serializers.CharField())


class GuidelinesIn(Body):
    """Guidelines in place of those in force. `version` may be sent back and is ignored."""

    version = serializers.IntegerField(required=False)
    text = _markdown()
    types = serializers.DictField(child=_markdown())


@takes(pages=True)
@extend_schema(methods=["GET"], operation_id="projects_list", responses=ProjectPage)
@extend_schema(methods=["POST"], request=ProjectIn, responses={201: ProjectOut})
@api_view(["GET", "POST"])
@logged_in
def projects(request: Request) -> Response:
    """List the caller's projects; make a project."""
    if request.method == "POST":
        membership = services.create_project(owner=caller(request), **read(ProjectIn, request))
        return Response(project_json(membership), status=201)
    return page(memberships_of(caller(request)), request, ("-project_id", "-id"), project_json)


@extend_schema(methods=["GET"], responses=ProjectOut)
@extend_schema(methods=["PATCH"], request=ProjectPatch, responses=ProjectOut)
@api_view(["GET", "PATCH"])
@logged_in
def project(request: Request, project_id: int) -> Response:
    """Show a project; change a project's settings."""
    if request.method == "PATCH":
        wanted = project_for(caller(request), project_id, at_least=Role.MANAGER)
        changes = read(ProjectPatch, request)
        services.change_project(project=wanted, actor=caller(request), changes=changes)
    return Response(project_json(membership_for(caller(request), project_id)))


@extend_schema(methods=["GET"], responses=SchemaBody)
@extend_schema(methods=["PUT"], request=SchemaBody, responses=SchemaBody)
@api_view(["GET", "PUT"])
@logged_in
def schema(request: Request, project_id: int) -> Response:
    """Show the schema; replace the schema."""
    if request.method == "PUT":
        owned = project_for(caller(request), project_id, at_least=Role.MANAGER)
        replace_schema(project=owned, wanted=read(SchemaBody, request), actor=caller(request))
    return Response(schema_json(project_for(caller(request), project_id)))


@takes(pages=True)
@extend_schema(methods=["GET"], responses=MemberPage)
@extend_schema(methods=["POST"], request=MemberIn, responses={201: MemberOut})
@api_view(["GET", "POST"])
@logged_in
def members(request: Request, project_id: int) -> Response:
    """List the members; let somebody into the project."""
    if request.method == "POST":
        owned = project_for(caller(request), project_id, at_least=Role.MANAGER)
        wanted = read(MemberIn, request)
        membership = services.add_member(
            project=owned,
            username=wanted["username"],
            role=ROLES[wanted["role"]],
            actor=caller(request),
        )
        return Response(member_json(membership), status=201)
    rows = project_for(caller(request), project_id).memberships.select_related("user")
    return page(rows, request, ("id",), member_json)


@extend_schema(methods=["PATCH"], request=MemberPatch, responses=MemberOut)
@extend_schema(methods=["DELETE"], request=None, responses={204: None})
@api_view(["PATCH", "DELETE"])
@logged_in
def member(request: Request, project_id: int, member_id: int) -> Response:
    """Change a member's role; take a member out of the project."""
    owned = project_for(caller(request), project_id, at_least=Role.MANAGER)
    if request.method == "DELETE":
        services.remove_member(project=owned, member_id=member_id, actor=caller(request))
        return Response(status=204)
    role = ROLES[read(MemberPatch, request)["role"]]
    changed = services.change_role(
        project=owned, member_id=member_id, role=role, actor=caller(request)
    )
    return Response(member_json(changed))


IF_MATCH = OpenApiParameter("If-Match", str, "header", required=True, description='"0" for none')


@extend_schema(methods=["GET"], responses=GuidelinesOut)
@extend_schema(
    methods=["PUT"], request=GuidelinesIn, responses=GuidelinesOut, parameters=[IF_MATCH]
)
@api_view(["GET", "PUT"])
@logged_in
def guidelines(request: Request, project_id: int) -> Response:
    """Show the guidelines; write the next version of the guidelines."""
    if request.method == "PUT":
        owned = project_for(caller(request), project_id, at_least=Role.MANAGER)
        base, wanted = base_version(request), read(GuidelinesIn, request)
        services.write_guidelines(
            project=owned,
            base=base,
            text=wanted["text"],
            types=wanted["types"],
            actor=caller(request),
        )
    said = guidelines_json(project_for(caller(request), project_id))
    return Response(said, headers={"ETag": f'"{said["version"]}"'})
