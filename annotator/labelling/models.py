"""What people said of sentences, never overwritten: annotations, revisions, gold, slots.

A graph is one JSON document: `{"entities": [{"id", "start", "end", "type", "source"}],
"relations": [{"head", "tail", "type", "source"}], "negatives": [{"head", "tail"}]}` with
half-open code-point offsets. A trigger checks every graph that is stored against the text and
the schema (migration 0002), whichever door it came through.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from annotator.corpus.models import Sentence
from annotator.labelling.states import (
    AnnotationState,
    GoldOrigin,
    PlantOutcome,
    Reason,
    SlotState,
)
from annotator.projects.models import Project


class Annotation(models.Model):
    """One person's present graph of one sentence."""

    sentence = models.ForeignKey(Sentence, on_delete=models.PROTECT, related_name="annotations")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="annotations"
    )
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=AnnotationState.choices)
    graph = models.JSONField()
    flags = models.JSONField(default=list)
    comment = models.TextField(blank=True)
    seconds = models.FloatField(default=0.0)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sentence", "author"], name="annotation_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="version_starts_at_one"),
        ]
        indexes = [models.Index(fields=["author", "state"], name="annotation_by_author")]


class Revision(models.Model):
    """A copy of every accepted save; rows are only ever added."""

    annotation = models.ForeignKey(Annotation, on_delete=models.PROTECT, related_name="revisions")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=AnnotationState.choices)
    graph = models.JSONField()
    flags = models.JSONField(default=list)
    comment = models.TextField(blank=True)
    seconds = models.FloatField(default=0.0)
    content_hash = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["annotation", "version"], name="revision_once")
        ]


class GoldRevision(models.Model):
    """A graph that counted as gold from some time on; `Sentence.gold_version` names the newest."""

    sentence = models.ForeignKey(Sentence, on_delete=models.PROTECT, related_name="golds")
    version = models.PositiveIntegerField()
    graph = models.JSONField()
    origin = models.CharField(max_length=11, choices=GoldOrigin.choices)
    revision = models.ForeignKey(
        Revision, null=True, on_delete=models.PROTECT, related_name="golds"
    )
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sentence", "version"], name="gold_version_once"),
            models.CheckConstraint(
                condition=Q(origin__in=GoldOrigin.values), name="gold_origin_is_known"
            ),
        ]


class Slot(models.Model):
    """A place at a sentence that one person can hold: the row that the queue hands out.

    Copies of `split` and `position` let one index answer `next` however long the queue is.
    `priority` is None until a model scored the sentence or it was chosen for the next batch; then
    `choice` says why, until another batch is chosen. `is_blind` says whether chance hides the
    suggestion from the holder; None where chance was not asked: there was no suggestion, or the
    holder opened the sentence without the queue.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="slots")
    sentence = models.ForeignKey(Sentence, on_delete=models.PROTECT, related_name="slots")
    number = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=7, choices=SlotState.choices, default=SlotState.OPEN)
    is_holdout = models.BooleanField()
    position = models.BigIntegerField()
    shuffle = models.FloatField()
    priority = models.FloatField(null=True)
    choice = models.CharField(max_length=9, choices=Reason.choices, blank=True, db_default="")
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="slots"
    )
    lease_until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=9, choices=Reason.choices, blank=True)
    is_blind = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sentence", "number"], name="slot_once"),
            models.CheckConstraint(
                condition=Q(state__in=SlotState.values), name="slot_state_is_known"
            ),
        ]
        indexes = [
            models.Index(
                F("project"),
                F("is_holdout"),
                F("priority").desc(nulls_last=True),
                F("position"),
                condition=Q(state=SlotState.OPEN),
                name="slot_by_priority",
            ),
            models.Index(
                fields=["project", "is_holdout", "shuffle"],
                condition=Q(state=SlotState.OPEN),
                name="slot_by_chance",
            ),
            models.Index(
                fields=["project", "holder"],
                condition=Q(state=SlotState.OPEN, holder__isnull=False),
                name="slot_by_holder",
            ),
            models.Index(
                fields=["project"],
                condition=Q(state=SlotState.OPEN) & ~Q(choice=""),
                name="slot_by_choice",
            ),
        ]


class Plant(models.Model):
    """A wrong triple put among what a model suggests to one person, to see whether it is noticed.

    `triple` is `{"head": {"start", "end", "type"}, "tail": {…}, "type", "confidence"}`. It stands
    in no annotation by itself, and what became of it is kept for ever.
    """

    sentence = models.ForeignKey(Sentence, on_delete=models.PROTECT, related_name="plants")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="plants"
    )
    triple = models.JSONField()
    schema_version = models.PositiveIntegerField()
    outcome = models.CharField(
        max_length=9, choices=PlantOutcome.choices, default=PlantOutcome.OPEN
    )
    was_accepted = models.BooleanField(default=False)
    drawn_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sentence", "person"], name="plant_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=PlantOutcome.values), name="plant_outcome_is_known"
            ),
        ]


class Comment(models.Model):
    """Something a member says about a sentence, for all members; not a part of anybody's labels."""

    sentence = models.ForeignKey(Sentence, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments"
    )
    text = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="comment_is_not_empty"),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, resolved_by__isnull=True)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="comment_is_resolved_by_somebody",
            ),
        ]


class IdempotencyKey(models.Model):
    """The answer to an edit already accepted, so that a retry gets it again and saves nothing."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    route = models.CharField(max_length=100)
    key = models.UUIDField()
    body_hash = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "route", "key"], name="idempotency_key_once")
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_by_age")]
