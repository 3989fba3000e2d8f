"""Life cycle of a job."""

from __future__ import annotations

from django.db.models import TextChoices


class JobState(TextChoices):
    """queued -> running -> done | failed | cancelled; a worker that dies puts it back to queued."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})
