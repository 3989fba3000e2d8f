"""Reading projects: their JSON, their schema, their members."""

from __future__ import annotations

from typing import Any

from annotator.projects.models import EntityType, Membership, Project, RelationType, Role
from extraction.types import RelationRule, Schema


def schema_of(project: Project) -> Schema:
    """Return the schema as the engine knows it. Three queries."""
    relations = project.relation_types.prefetch_related("pairs__head", "pairs__tail")
    return Schema(
        entity_types=tuple(kind.name for kind in project.entity_types.all()),
        relations=tuple(
            RelationRule(
                name=kind.name,
                symmetric=kind.is_symmetric,
                pairs=tuple((pair.head.name, pair.tail.name) for pair in kind.pairs.all()),
            )
            for kind in relations
        ),
    )


def schema_json(project: Project) -> dict[str, Any]:
    """Return the schema as the API shows it."""
    relations = project.relation_types.prefetch_related("pairs__head", "pairs__tail")
    return {
        "version": project.schema_version,
        "entity_types": [
            {"name": kind.name, "label": kind.label, "color": kind.color, "key": kind.key}
            for kind in project.entity_types.all()
        ],
        "relation_types": [
            {
                "name": kind.name,
                "label": kind.label,
                "color": kind.color,
                "key": kind.key,
                "symmetric": kind.is_symmetric,
                "pairs": [[pair.head.name, pair.tail.name] for pair in kind.pairs.all()],
            }
            for kind in relations
        ],
    }


def symmetric_types(project: Project) -> frozenset[str]:
    """Return the names of the relation types that have no direction. One query."""
    rows = project.relation_types.filter(is_symmetric=True)
    return frozenset(rows.values_list("name", flat=True))


def short_labels(project_id: int) -> dict[str, str]:
    """Return the first word of each type's label, by the type's name. One query."""
    kinds = EntityType.objects.filter(project=project_id).values_list("name", "label")
    more = RelationType.objects.filter(project=project_id).values_list("name", "label")
    words = {name: label.split() for name, label in kinds.union(more, all=True)}
    return {name: label[0] for name, label in words.items() if label}


def project_json(membership: Membership) -> dict[str, Any]:
    """Return a project as this member sees it."""
    project = membership.project
    return {
        "id": project.pk,
        "name": project.name,
        "template": project.template,
        "language": project.language,
        "role": Role(membership.role).label,
        "model": project.model,
        "encoder": project.encoder,
        "speed": project.speed,
        "strategy": project.strategy,
        "control_share": project.control_share,
        "holdout_share": project.holdout_share,
        "blind_share": project.blind_share,
        "planted_share": project.planted_share,
        "gate_tolerance": project.gate_tolerance,
        "schema_version": project.schema_version,
        "created_at": project.created_at,
    }


def member_json(membership: Membership) -> dict[str, Any]:
    """Return a member with name and role."""
    return {
        "id": membership.pk,
        "user_id": membership.user_id,
        "username": membership.user.username,
        "display_name": membership.user.shown_name,
        "role": Role(membership.role).label,
    }


def type_names(project: Project) -> set[str]:
    """Return the names of all entity and relation types."""
    kinds = (project.entity_types, project.relation_types)
    return {name for kind in kinds for name in kind.values_list("name", flat=True)}


def guidelines_json(project: Project) -> dict[str, Any]:
    """Return the guidelines in force, version 0 when there are none; only types that exist."""
    newest = project.guidelines.order_by("-version").first()
    if newest is None:
        return {"version": 0, "text": "", "types": {}}
    known = type_names(project)
    types = {name: text for name, text in newest.types.items() if name in known}
    return {"version": newest.version, "text": newest.text, "types": types}
