"""Users and their API tokens."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import CharField, F, Func, Q, Value
from django.db.models.functions import Now
from django.db.models.lookups import Exact

SMALLEST_FONT, LARGEST_FONT = 16, 32


class User(AbstractUser):
    """A person. Never deleted: labels point here; deactivate instead."""

    display_name = models.CharField(max_length=100, blank=True)

    @property
    def shown_name(self) -> str:
        """The name colleagues see."""
        return self.display_name or self.username


class ApiToken(models.Model):
    """A key for programs; only its SHA-256 is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now())


class SecondFactor(models.Model):
    """What a person's telephone computes codes from; encrypted, and in force once confirmed."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="second_factor"
    )
    secret = models.CharField(max_length=300)
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)  # a code is good once


class RecoveryCode(models.Model):
    """A code on paper for the day the telephone is lost; only its digest is kept, until used."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")
        ]


class Identity(models.Model):
    """Who a person is at an OpenID provider: issuer and subject, nothing that can change hands."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="identities")
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_belongs_to_one")
        ]


class Theme(models.TextChoices):
    """Light or dark."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Density(models.TextChoices):
    """How much air the page has."""

    COMFORTABLE = "comfortable"
    COMPACT = "compact"


class Preferences(models.Model):
    """How one person likes the pages; no row means that nothing was chosen yet."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="preferences"
    )
    language = models.CharField(max_length=2, blank=True)
    theme = models.CharField(max_length=6, choices=Theme.choices, default=Theme.SYSTEM)
    font_size = models.PositiveSmallIntegerField(default=22)
    density = models.CharField(max_length=11, choices=Density.choices, default=Density.COMFORTABLE)
    suggestions = models.BooleanField(default=True)
    keys = models.JSONField(default=dict)
    saved_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(language__in=["", "zh", "en"]), name="language_is_known"
            ),
            models.CheckConstraint(condition=Q(theme__in=Theme.values), name="theme_is_known"),
            models.CheckConstraint(
                condition=Q(font_size__gte=SMALLEST_FONT, font_size__lte=LARGEST_FONT),
                name="font_size_is_readable",
            ),
            models.CheckConstraint(
                condition=Q(density__in=Density.values), name="density_is_known"
            ),
            models.CheckConstraint(
                condition=Exact(
                    Func(F("keys"), function="jsonb_typeof", output_field=CharField()),
                    Value("object"),
                ),
                name="keys_are_an_object",
            ),
        ]
