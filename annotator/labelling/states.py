"""Life cycles of an annotation and origins of gold."""

from __future__ import annotations

from django.db.models import TextChoices


class AnnotationState(TextChoices):
    """What the person last did with the sentence."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SKIPPED = "skipped"


class SlotState(TextChoices):
    """A slot is one person's place at a sentence; `overlap` slots a sentence."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


class GoldOrigin(TextChoices):
    """Why a graph is gold."""

    IMPORTED = "imported"
    SINGLE = "single"
    IDENTICAL = "identical"
    ADJUDICATED = "adjudicated"


class Reason(TextChoices):
    """Why a sentence was shown."""

    UNCERTAIN = "uncertain"
    DIVERSE = "diverse"
    RARE_TYPE = "rare_type"
    TYPICAL = "typical"
    RANDOM = "random"
    IN_ORDER = "in_order"
    CHOSEN = "chosen"


class PlantOutcome(TextChoices):
    """What became of a planted check. Only an accepted one holds its sentence back."""

    OPEN = "open"  # shown, nothing submitted yet
    REFUSED = "refused"
    ACCEPTED = "accepted"
    REMOVED = "removed"  # accepted first, then taken out
    CONFIRMED = "confirmed"  # accepted, told, and kept
