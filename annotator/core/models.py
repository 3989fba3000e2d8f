"""Rows that belong to no app: events for browsers, the audit trail, and jobs."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotator.core.states import JobState


class Event(models.Model):
    """Something changed; ids and numbers only. Ids rise in the order of commits in a project."""

    project_id = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["project_id", "id"], name="event_by_project")]


class AuditEntry(models.Model):
    """Who did what, by the clock of the database. Written with the change, in its transaction.

    The entries of a project are a chain: a trigger (migration 0003) puts each behind the newest
    one and writes `hash`, the SHA-256 of its own fields and of the hash before it. Rows are only
    ever added. `request`, `session` and `address` say where it came from; the last two are keyed
    digests, nobody's session or address can be read from them.
    """

    at = models.DateTimeField(db_default=Now())
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    project_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=40)
    object_kind = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    before_version = models.IntegerField(null=True)
    after_version = models.IntegerField(null=True)
    content_hash = models.CharField(max_length=64, blank=True)
    request = models.CharField(max_length=32, blank=True, db_default="")
    session = models.CharField(max_length=16, blank=True, db_default="")
    address = models.CharField(max_length=16, blank=True, db_default="")
    prev_hash = models.CharField(max_length=64, editable=False, db_default="")
    hash = models.CharField(max_length=64, editable=False, db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["project_id", "id"], name="audit_by_project"),
            models.Index(fields=["object_kind", "object_id"], name="audit_by_object"),
        ]


class Job(models.Model):
    """A piece of work. This row is the truth; a Celery message only says "look at row N".

    `attempt` is the fencing token: whoever claims the job raises it, and an effect is only
    accepted together with the attempt that is still the current one.
    """

    kind = models.CharField(max_length=20)
    queue = models.CharField(max_length=20)
    project_id = models.BigIntegerField()
    subject_id = models.BigIntegerField()
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=5)
    is_cancel_requested = models.BooleanField(default=False)
    worker = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(db_default=Now())
    rung_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)  # the attempt in hand, or the last one
    finished_at = models.DateTimeField(null=True)
    takeovers = models.PositiveIntegerField(db_default=0)  # how often its worker fell silent

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=JobState.values), name="job_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=JobState.RUNNING) | Q(lease_until__isnull=False),
                name="running_job_has_a_lease",
            ),
            models.UniqueConstraint(
                fields=["project_id"],
                condition=Q(kind="train", state=JobState.RUNNING),
                name="one_training_running_per_project",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"], condition=Q(state=JobState.QUEUED), name="job_queued"
            ),
            models.Index(
                fields=["lease_until"], condition=Q(state=JobState.RUNNING), name="job_running"
            ),
            models.Index(fields=["kind", "subject_id"], name="job_by_subject"),
        ]


class Worker(models.Model):
    """A worker that was seen alive, and the queues that it serves."""

    name = models.CharField(max_length=200, primary_key=True)
    queues = models.JSONField(default=list)
    version = models.CharField(max_length=40, db_default="")
    seen_at = models.DateTimeField(db_default=Now())
