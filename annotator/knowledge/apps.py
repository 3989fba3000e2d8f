"""Names this app to Django."""

from __future__ import annotations

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """The app `knowledge`."""

    name = "annotator.knowledge"
    label = "knowledge"
