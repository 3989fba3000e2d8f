"""Documents and sentences."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotator.corpus.states import SentenceState, Split
from annotator.projects.models import Project


class Document(models.Model):
    """Where sentences come from: an insert, an article, a file."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="documents")
    name = models.CharField(max_length=300)
    section = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "name", "section"], name="document_once")
        ]


class Sentence(models.Model):
    """The unit of labelling. A trigger refuses any change of `text`.

    `group` joins near duplicates and is the position of the first of them: the pool and the
    hold-out never share a group.
    `gold_version` points at the current gold revision, 0 while there is none. `passage_start` and
    `passage_end` say where in the document's text the sentence was cut out, in code points.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="sentences", db_index=False
    )
    document = models.ForeignKey(
        Document, null=True, on_delete=models.PROTECT, related_name="sentences", db_index=False
    )
    external_id = models.CharField(max_length=200, blank=True)
    position = models.BigIntegerField()
    text = models.TextField()
    text_hash = models.UUIDField()
    group = models.BigIntegerField()
    split = models.CharField(max_length=7, choices=Split.choices)
    state = models.CharField(
        max_length=11, choices=SentenceState.choices, default=SentenceState.PENDING
    )
    gold_version = models.PositiveIntegerField(default=0)
    meta = models.JSONField(default=dict)
    passage_start = models.PositiveIntegerField(null=True)
    passage_end = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "text_hash"], name="text_once_per_project"),
            models.UniqueConstraint(
                fields=["project", "external_id"],
                condition=~Q(external_id=""),
                name="external_id_once_per_project",
            ),
            models.UniqueConstraint(fields=["project", "position"], name="position_once"),
            models.CheckConstraint(
                condition=Q(state__in=SentenceState.values), name="sentence_state_is_known"
            ),
            models.CheckConstraint(condition=Q(split__in=Split.values), name="split_is_known"),
            models.CheckConstraint(condition=~Q(text=""), name="text_is_not_empty"),
        ]
        indexes = [
            models.Index(fields=["project", "state", "id"], name="sentence_by_state"),
            models.Index(fields=["project", "group"], name="sentence_by_group"),
            models.Index(
                fields=["document"],
                condition=Q(document__isnull=False),
                name="sentence_by_document",
            ),
        ]


class GroupBand(models.Model):
    """Where a near duplicate finds its group: a key of the group's first sentence.

    Several million rows in a large project, so there is no column and no index to spare.
    """

    pk = models.CompositePrimaryKey("project_id", "key")
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    key = models.BigIntegerField()
    group = models.BigIntegerField()
