"""Which relation types contradict one another in a project."""

from __future__ import annotations

from django.db import models

from annotator.projects.models import Project


class Opposites(models.Model):
    """Pairs of relation types that cannot both hold of two entities; no row: the usual ones."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="opposites")
    pairs = models.JSONField(default=list)
