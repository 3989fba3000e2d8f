"""Imports: one row per uploaded file, with its report."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from annotator.exchange.states import ImportState, LabelPolicy, SplitPolicy
from annotator.projects.models import Project


class ImportJob(models.Model):
    """A file on its way into a project. `stored_name` is ours; `filename` is only shown.

    `next_line` is how far the committed batches reach, so that an import whose worker died goes
    on where it was and accepts nothing twice. `holdout_share`, `first_position` and `new_groups`
    are what the draw of the hold-out needs to go on as it began; they are set when work begins.
    `rules` say how inserts are cut, `summary` counts what was cut how.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="imports")
    filename = models.CharField(max_length=255)
    stored_name = models.UUIDField(unique=True)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=20)
    labels = models.CharField(max_length=11, choices=LabelPolicy.choices)
    split = models.CharField(max_length=7, choices=SplitPolicy.choices)
    state = models.CharField(max_length=9, choices=ImportState.choices, default=ImportState.QUEUED)
    progress = models.FloatField(default=0.0)
    next_line = models.BigIntegerField(default=0)
    holdout_share = models.FloatField(null=True)
    first_position = models.BigIntegerField(default=0)
    new_groups = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    rules = models.JSONField(default=dict, db_default={})
    summary = models.JSONField(default=dict, db_default={})
    problems = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["project", "-id"], name="import_by_project")]
