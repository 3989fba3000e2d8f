"""Names this app to Django."""

from __future__ import annotations

from django.apps import AppConfig


class LiveConfig(AppConfig):
    """The app `live`."""

    name = "annotator.live"
    label = "live"
