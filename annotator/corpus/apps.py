"""Names this app to Django."""

from __future__ import annotations

from django.apps import AppConfig


class CorpusConfig(AppConfig):
    """The app `corpus`."""

    name = "annotator.corpus"
    label = "corpus"
