"""Names this room to Django, for its management commands."""

from __future__ import annotations

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The room `config`: no rows of its own."""

    name = "annotator.config"
    label = "config"
