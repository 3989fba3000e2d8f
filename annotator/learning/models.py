"""Runs, the model versions they made, and what these suggest for sentences."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotator.corpus.models import Sentence
from annotator.labelling.models import GoldRevision
from annotator.learning.states import LabelState, RunState, VersionState
from annotator.projects.models import Project, Speed


class Comparison(models.Model):
    """Several runs that share labels and seed, asked for at once to be held side by side.

    They wait together, outside the rule that one run waits at a time, and are trained one after
    the other. None of their versions is promoted by itself.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="comparisons")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["project", "-id"], name="comparison_by_project")]


class RunPolicy(models.Model):
    """When a project trains by itself, and on which labels. Without a row: never, on gold.

    `nightly_hour` is an hour of the day in UTC at which a full training is due; None for never.
    Nights that were over at `changed_at`, when the hour was set or it was switched on, are not made
    up for.
    """

    project = models.OneToOneField(
        Project, primary_key=True, on_delete=models.CASCADE, related_name="run_policy"
    )
    is_automatic = models.BooleanField(default=False)
    wanted = models.PositiveIntegerField(default=30)
    minutes = models.PositiveIntegerField(default=10)
    speed = models.CharField(max_length=5, choices=Speed.choices, default=Speed.QUICK)
    nightly_hour = models.PositiveSmallIntegerField(null=True)
    labels = models.CharField(max_length=9, choices=LabelState.choices, default=LabelState.GOLD)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(wanted__gte=5, wanted__lte=1000), name="policy_wants_some"
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=1440), name="policy_minutes_of_a_day"
            ),
            models.CheckConstraint(
                condition=Q(nightly_hour__isnull=True) | Q(nightly_hour__lte=23),
                name="policy_hour_of_a_day",
            ),
            models.CheckConstraint(
                condition=Q(labels__in=LabelState.values), name="policy_labels_are_known"
            ),
        ]


class Run(models.Model):
    """One training: its complete configuration, its frozen data, how far it is, what came of it.

    `snapshot` is `{"train": ids, "dev": ids, "holdout": ids}` of gold revisions, which never
    change: a run that is picked up again trains on the very same labels. Where labels that are not
    gold yet train, too, it has `"submitted": ids` of revisions, which never change either.
    `options` is the rest: `{"settings", "schema", "schema_version", "measured_on", "origin"}`, why
    it begins `"anew"`, what made it start by itself (`"automatic"`), and the `"newest"` labels
    that it knew.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="runs")
    comparison = models.ForeignKey(
        Comparison, null=True, on_delete=models.CASCADE, related_name="runs"
    )
    model = models.CharField(max_length=60)
    encoder = models.CharField(max_length=200)
    speed = models.CharField(max_length=5, choices=Speed.choices)
    options = models.JSONField(default=dict)
    seed = models.BigIntegerField()
    snapshot = models.JSONField()
    snapshot_hash = models.CharField(max_length=64)
    gold_count = models.PositiveIntegerField()
    holdout_count = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    phase = models.CharField(max_length=20, blank=True)
    progress = models.FloatField(default=0.0)
    epoch = models.PositiveIntegerField(null=True)
    epochs = models.PositiveIntegerField(null=True)
    loss = models.FloatField(null=True)
    dev_f1 = models.FloatField(null=True)
    eta_seconds = models.FloatField(null=True)
    history = models.JSONField(default=list)
    metrics = models.JSONField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(state=RunState.QUEUED, comparison__isnull=True),
                name="one_run_queued",
            ),
            models.CheckConstraint(
                condition=Q(state__in=RunState.values), name="run_state_is_known"
            ),
        ]
        indexes = [models.Index(fields=["project", "-id"], name="run_by_project")]


class ModelVersion(models.Model):
    """A trained model in the store, named by the SHA-256 of its manifest."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="model_versions")
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="model_version")
    number = models.PositiveIntegerField()
    model = models.CharField(max_length=60)
    encoder = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    state = models.CharField(
        max_length=9, choices=VersionState.choices, default=VersionState.CANDIDATE
    )
    schema_version = models.PositiveIntegerField()
    metrics = models.JSONField()
    gate = models.JSONField()
    ranking = models.JSONField(default=dict)
    suggested_done = models.PositiveIntegerField(default=0)
    suggested_total = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    promoted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(state=VersionState.ACTIVE),
                name="one_active_version",
            ),
        ]


class Suggestion(models.Model):
    """What a model version says of a sentence. Never an annotation; it overwrites nothing.

    `model_version` is None for suggestions that came with an imported file. `score` is the number
    of expected errors, `priority` what the queue sorts by when this version is active.
    """

    sentence = models.ForeignKey(Sentence, on_delete=models.CASCADE, related_name="suggestions")
    model_version = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.CASCADE, related_name="suggestions"
    )
    graph = models.JSONField()
    score = models.FloatField()
    priority = models.FloatField(default=0.0)
    confidence = models.FloatField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sentence", "model_version"],
                nulls_distinct=False,
                name="suggestion_once_per_version",
            )
        ]
        indexes = [models.Index(fields=["model_version"], name="suggestion_by_version")]


class Judgement(models.Model):
    """What a model version says of a sentence whose gold it was measured on, kept for comparisons.

    The gold is a frozen revision and `graph` is in its words: later changes of labels or schema
    touch neither. `graph` is spelt like that of a suggestion. The counts are those of strict
    entities and triples, so that F1 and its interval need no graph.
    """

    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.CASCADE, related_name="judgements"
    )
    gold = models.ForeignKey(GoldRevision, on_delete=models.PROTECT, related_name="judgements")
    graph = models.JSONField()
    entity_right = models.PositiveIntegerField()
    entity_wrong = models.PositiveIntegerField()
    entity_missed = models.PositiveIntegerField()
    triple_right = models.PositiveIntegerField()
    triple_wrong = models.PositiveIntegerField()
    triple_missed = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model_version", "gold"], name="judgement_once")
        ]


class Refusal(models.Model):
    """A suggested statement that a person does not want to see again; no label comes of it."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="refusals"
    )
    sentence = models.ForeignKey(Sentence, on_delete=models.CASCADE, related_name="refusals")
    key = models.CharField(max_length=300)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "sentence", "key"], name="refusal_once")
        ]
