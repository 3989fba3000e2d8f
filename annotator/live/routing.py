"""Websocket addresses."""

from __future__ import annotations

from typing import Any, cast

from django.urls import path

from annotator.live.consumers import ProjectEvents

websocket_urlpatterns: list[Any] = [
    path("ws/projects/<int:project_id>/", cast("Any", ProjectEvents.as_asgi()))
]
