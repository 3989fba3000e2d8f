"""Where a sentence stands and which part of the corpus it belongs to."""

from __future__ import annotations

from django.db.models import TextChoices


class SentenceState(TextChoices):
    """pending -> in_progress -> submitted -> gold; or skipped."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    GOLD = "gold"
    SKIPPED = "skipped"


class Split(TextChoices):
    """The pool is sampled and trained on; the hold-out only measures."""

    POOL = "pool"
    HOLDOUT = "holdout"
