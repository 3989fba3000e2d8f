"""Names this app to Django."""

from __future__ import annotations

from django.apps import AppConfig


class LearningConfig(AppConfig):
    """The app `learning`."""

    name = "annotator.learning"
    label = "learning"
