"""Names this app to Django."""

from __future__ import annotations

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The app `core`."""

    name = "annotator.core"
    label = "core"
