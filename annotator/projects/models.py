"""A project, who belongs to it, and its schema."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import CharField, F, Func, Q, Value
from django.db.models.functions import Now
from django.db.models.lookups import Exact


class Role(models.IntegerChoices):
    """What a member may do; a higher role may do all that a lower one may."""

    ANNOTATOR = 1, "annotator"
    REVIEWER = 2, "reviewer"
    MANAGER = 3, "manager"


class Speed(models.TextChoices):
    """How thoroughly a run trains."""

    QUICK = "quick"
    FULL = "full"


class Project(models.Model):
    """A body of sentences with a schema, a team, and the model that the team chose."""

    name = models.CharField(max_length=200)
    template = models.CharField(max_length=20)
    language = models.CharField(max_length=2, default="zh")
    schema_version = models.PositiveIntegerField(default=1)
    overlap = models.PositiveSmallIntegerField(default=1)
    control_share = models.FloatField(
        default=0.1, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)]
    )
    holdout_share = models.FloatField(
        default=0.12, validators=[MinValueValidator(0.0), MaxValueValidator(0.5)]
    )
    blind_share = models.FloatField(
        default=0.05, validators=[MinValueValidator(0.0), MaxValueValidator(0.5)]
    )
    strategy = models.CharField(max_length=40, default="hybrid.v1")
    planted_share = models.FloatField(
        default=0.0, validators=[MinValueValidator(0.0), MaxValueValidator(0.05)]
    )
    gate_tolerance = models.FloatField(
        default=0.02, validators=[MinValueValidator(0.0), MaxValueValidator(0.5)]
    )
    seed = models.BigIntegerField(default=0)
    model = models.CharField(max_length=60, default="spert.v1")
    encoder = models.CharField(max_length=200, default="chars-tiny")
    speed = models.CharField(max_length=5, choices=Speed.choices, default=Speed.QUICK)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(control_share__gte=0, control_share__lte=1),
                name="control_share_is_share",
            ),
            models.CheckConstraint(
                condition=Q(holdout_share__gte=0, holdout_share__lte=0.5),
                name="holdout_share_is_share",
            ),
            models.CheckConstraint(
                condition=Q(blind_share__gte=0, blind_share__lte=0.5),
                name="blind_share_is_share",
            ),
            models.CheckConstraint(
                condition=Q(planted_share__gte=0, planted_share__lte=0.05),
                name="planted_share_is_small",
            ),
            models.CheckConstraint(
                condition=Q(gate_tolerance__gte=0, gate_tolerance__lte=0.5),
                name="gate_tolerance_is_small",
            ),
            models.CheckConstraint(condition=Q(overlap__gte=1), name="overlap_is_positive"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role in a project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.PositiveSmallIntegerField(choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="member_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_is_known"),
        ]


class EntityType(models.Model):
    """A kind of entity. `name` is what labels and exports carry, `label` what people read."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="entity_types")
    name = models.CharField(max_length=60)
    label = models.CharField(max_length=60)
    color = models.CharField(max_length=7)
    key = models.CharField(max_length=1, blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="entity_type_once")]


class RelationType(models.Model):
    """A kind of relation. Without legal pairs every pair of entity types is legal."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="relation_types")
    name = models.CharField(max_length=60)
    label = models.CharField(max_length=60)
    color = models.CharField(max_length=7)
    key = models.CharField(max_length=1, blank=True)
    is_symmetric = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="relation_type_once")
        ]


class LegalPair(models.Model):
    """Which types the two ends of a relation may have."""

    relation_type = models.ForeignKey(RelationType, on_delete=models.CASCADE, related_name="pairs")
    head = models.ForeignKey(EntityType, on_delete=models.CASCADE, related_name="+")
    tail = models.ForeignKey(EntityType, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["relation_type", "head", "tail"], name="legal_pair_once"
            )
        ]


class Guideline(models.Model):
    """One version of how to label, in Markdown; the newest is in force, the older ones are kept."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="guidelines")
    version = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    types = models.JSONField(default=dict)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "version"], name="guideline_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="guideline_version_counts"),
            models.CheckConstraint(
                condition=Exact(
                    Func(F("types"), function="jsonb_typeof", output_field=CharField()),
                    Value("object"),
                ),
                name="guideline_types_are_an_object",
            ),
        ]


class SchemaChange(models.Model):
    """A change that was made to types and to all labels: it brings what is older forward."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="schema_changes")
    schema_version = models.PositiveIntegerField()
    change = models.JSONField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "schema_version"], name="schema_change_once_a_version"
            )
        ]
