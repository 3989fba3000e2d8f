"""Names this app to Django."""

from __future__ import annotations

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """The app `exchange`."""

    name = "annotator.exchange"
    label = "exchange"
