"""Names this app to Django."""

from __future__ import annotations

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """The app `projects`."""

    name = "annotator.projects"
    label = "projects"
