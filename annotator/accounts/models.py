"""Users and their API tokens."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Now


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
