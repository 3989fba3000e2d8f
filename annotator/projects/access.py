"""The one door to a project: who may see it, and with which role."""

from __future__ import annotations

from django.db.models import QuerySet

from annotator.accounts.models import User
from annotator.core.errors import ForbiddenError, NotFoundError
from annotator.projects.models import Membership, Project, Role


def membership_for(user: User, project_id: int, *, at_least: Role = Role.ANNOTATOR) -> Membership:
    """Return the user's membership of the project.

    A stranger gets "not found", as for a project that does not exist, so that ids do not leak;
    a member whose role is too low gets "forbidden".
    """
    membership = (
        Membership.objects.select_related("project")
        .filter(user=user, project_id=project_id)
        .first()
    )
    if membership is None:
        raise NotFoundError("There is no such project", project_id=project_id)
    if membership.role < at_least:
        raise ForbiddenError(f"This needs the role {at_least.label}", needed=at_least.label)
    return membership


def project_for(user: User, project_id: int, *, at_least: Role = Role.ANNOTATOR) -> Project:
    """Return the project if the user may see it with this role."""
    return membership_for(user, project_id, at_least=at_least).project


def may_see(user_id: int, project_id: int) -> bool:
    """Say whether an active user still belongs to the project (asked again at every event)."""
    return Membership.objects.filter(
        user_id=user_id, project_id=project_id, user__is_active=True
    ).exists()


def manages_something(user: User) -> bool:
    """Say whether the user manages any project."""
    return Membership.objects.filter(user=user, role__gte=Role.MANAGER).exists()


def memberships_of(user: User) -> QuerySet[Membership]:
    """Return the memberships of a user with their projects, newest project first."""
    return Membership.objects.select_related("project").filter(user=user)
