"""The loop in the Django admin: retraining as an action, runs and versions to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from annotator.accounts.models import User
from annotator.core.errors import DomainError
from annotator.learning.models import ModelVersion, Run
from annotator.learning.services import request_run
from annotator.projects.models import Project

if TYPE_CHECKING:  # only the stubs know what an admin is of
    OfProject = admin.ModelAdmin[Project]
    OfAnything = admin.ModelAdmin[Any]
else:
    OfProject = OfAnything = admin.ModelAdmin


@admin.register(Project)
class ProjectAdmin(OfProject):
    """Projects: what the team chose, and a button that trains."""

    list_display = ("name", "template", "model", "encoder", "speed", "created_at")
    search_fields = ("name",)
    actions = ("retrain",)
    fields = (
        "name", "model", "encoder", "speed", "control_share", "blind_share", "planted_share",
        "created_at",
    )  # fmt: skip
    readonly_fields = ("created_at",)

    @admin.action(description="Retrain")
    def retrain(self, request: HttpRequest, projects: QuerySet[Project]) -> None:
        """Ask for a run of each project with its own settings; say what came of it."""
        for project in projects:
            try:
                run = request_run(project=project, actor=person(request), given={})
            except DomainError as error:
                self.message_user(request, f"{project}: {error.message}", messages.WARNING)
            else:
                self.message_user(request, f"{project}: run {run.pk} waits for a worker")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Projects are made through the application, which gives them a schema."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Project | None = None) -> bool:
        """Labels are never deleted from here."""
        return False


class ReadOnlyAdmin(OfAnything):
    """Rows to look at: what wrote them keeps rules that a form does not know."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is added here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted here."""
        return False


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Trainings."""

    list_display = ("id", "project", "state", "model", "encoder", "gold_count", "error_code")
    list_filter = ("state", "project")
    exclude = ("snapshot",)


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    """Model versions."""

    list_display = ("id", "project", "number", "state", "model", "encoder", "created_at")
    list_filter = ("state", "project")


def person(request: HttpRequest) -> User | None:
    """Return who is logged in; the admin lets nobody else in."""
    return request.user if isinstance(request.user, User) else None
