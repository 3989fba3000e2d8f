"""Life cycle of an import."""

from __future__ import annotations

from django.db.models import TextChoices


class ImportState(TextChoices):
    """queued -> running -> done | failed | cancelled."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class LabelPolicy(TextChoices):
    """What becomes of the labels in an imported file."""

    GOLD = "gold"
    SUGGESTIONS = "suggestions"
    IGNORE = "ignore"


class SplitPolicy(TextChoices):
    """Which part of the corpus new sentences join."""

    AUTO = "auto"
    POOL = "pool"
    HOLDOUT = "holdout"


ENDED = frozenset({ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED})
