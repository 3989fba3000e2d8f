"""Writing projects: making them, their members, their settings."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import transaction

from annotator.accounts.models import User
from annotator.core import audit, events
from annotator.core.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    UnprocessableError,
    VersionConflictError,
)
from annotator.projects.models import Guideline, Membership, Project, Role
from annotator.projects.schema import write_schema
from annotator.projects.selectors import guidelines_json, type_names
from annotator.projects.templates import TEMPLATES, starting_guidelines


class LastManagerError(ConflictError):
    """A project must keep somebody who manages it."""

    code = "last_manager"


class AlreadyMemberError(ConflictError):
    """The person belongs to the project already."""

    code = "already_member"


class UnknownTypeError(UnprocessableError):
    """The project's schema has no such type."""

    code = "unknown_type"


@transaction.atomic
def create_project(
    *, name: str, template: str, language: str, owner: User, seed: int | None = None
) -> Membership:
    """Make a project from a template; the owner becomes its manager."""
    if template not in TEMPLATES:
        raise InvalidError("There is no such template", template=template, known=list(TEMPLATES))
    project = Project.objects.create(
        name=name,
        template=template,
        language=language,
        seed=secrets.randbits(31) if seed is None else seed,
    )
    write_schema(project, TEMPLATES[template])
    if (start := starting_guidelines(template)) is not None:
        text, types = start
        Guideline.objects.create(project=project, version=1, author=owner, text=text, types=types)
    membership = Membership.objects.create(project=project, user=owner, role=Role.MANAGER)
    _record("project.created", project, owner)
    return membership


@transaction.atomic
def change_project(*, project: Project, actor: User, changes: dict[str, Any]) -> None:
    """Set the named settings of a project."""
    for name, value in changes.items():
        setattr(project, name, value)
    project.save(update_fields=list(changes))
    _record("project.changed", project, actor)
    events.publish(project.pk, "project.changed")


@transaction.atomic
def write_guidelines(
    *, project: Project, base: int, text: str, types: dict[str, str], actor: User
) -> None:
    """Make the next version of the guidelines, or raise with the newest when the base is older."""
    locked = Project.objects.select_for_update().get(pk=project.pk)
    current = guidelines_json(locked)
    if current["version"] != base:
        raise VersionConflictError(
            "The guidelines were changed meanwhile", current=current, base=base
        )
    unknown = sorted(set(types) - type_names(locked))
    if unknown:
        raise UnknownTypeError("The schema has no such types", types=unknown)
    said = {name: one for name, one in types.items() if one.strip()}
    version = base + 1
    Guideline.objects.create(project=locked, version=version, author=actor, text=text, types=said)
    change = audit.Change(
        action="guidelines.changed",
        object_kind="project",
        object_id=project.pk,
        before_version=base,
        after_version=version,
    )
    audit.record(change, actor_id=actor.pk, project_id=project.pk)
    events.publish(project.pk, "guidelines.changed", version=version)


@transaction.atomic
def add_member(*, project: Project, username: str, role: Role, actor: User) -> Membership:
    """Let an existing user into the project."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise NotFoundError("There is no user of that name", username=username)
    membership, is_new = Membership.objects.get_or_create(
        project=project, user=user, defaults={"role": role}
    )
    if not is_new:
        raise AlreadyMemberError("This person is already a member", username=username)
    _record("member.added", project, actor)
    return membership


@transaction.atomic
def change_role(*, project: Project, member_id: int, role: Role, actor: User) -> Membership:
    """Give a member another role."""
    membership = _locked_member(project, member_id)
    if role < Role.MANAGER:
        _keep_a_manager(project, membership)
    membership.role = role
    membership.save(update_fields=["role"])
    _record("member.changed", project, actor)
    return membership


@transaction.atomic
def remove_member(*, project: Project, member_id: int, actor: User) -> None:
    """Take a member's access away; the labels stay."""
    membership = _locked_member(project, member_id)
    _keep_a_manager(project, membership)
    membership.delete()
    _record("member.removed", project, actor)


def _locked_member(project: Project, member_id: int) -> Membership:
    rows = Membership.objects.select_for_update().filter(project=project).order_by("pk")
    members = {member.pk: member for member in rows}  # all rows: the last-manager rule spans them
    if member_id not in members:
        raise NotFoundError("There is no such member", member_id=member_id)
    return members[member_id]


def _keep_a_manager(project: Project, leaving: Membership) -> None:
    others = project.memberships.filter(role=Role.MANAGER).exclude(pk=leaving.pk)
    if leaving.role == Role.MANAGER and not others.exists():
        raise LastManagerError("A project needs a manager; name another one first")


def _record(action: str, project: Project, actor: User) -> None:
    change = audit.Change(action=action, object_kind="project", object_id=project.pk)
    audit.record(change, actor_id=actor.pk, project_id=project.pk)
