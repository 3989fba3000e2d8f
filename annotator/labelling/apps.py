"""Names this app to Django."""

from __future__ import annotations

from django.apps import AppConfig


class LabellingConfig(AppConfig):
    """The app `labelling`."""

    name = "annotator.labelling"
    label = "labelling"
