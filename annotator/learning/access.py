"""The door to a run or a model that is asked for without its project."""

from __future__ import annotations

from annotator.accounts.models import User
from annotator.core.errors import NotFoundError
from annotator.learning.models import ModelVersion, Run
from annotator.projects.access import project_for
from annotator.projects.models import Project, Role


def project_of_run(user: User, run_id: int, *, at_least: Role = Role.ANNOTATOR) -> Project:
    """Return the project of a run; a stranger learns only "not found"."""
    rows = Run.objects.filter(pk=run_id, project__memberships__user=user)
    project_id = rows.values_list("project_id", flat=True).first()
    if project_id is None:
        raise NotFoundError("There is no such run", run_id=run_id)
    return project_for(user, project_id, at_least=at_least)


def project_of_version(user: User, version_id: int, *, at_least: Role = Role.ANNOTATOR) -> Project:
    """Return the project of a model version; a stranger learns only "not found"."""
    rows = ModelVersion.objects.filter(pk=version_id, project__memberships__user=user)
    project_id = rows.values_list("project_id", flat=True).first()
    if project_id is None:
        raise NotFoundError("There is no such model version", model_version=version_id)
    return project_for(user, project_id, at_least=at_least)
