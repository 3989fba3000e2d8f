"""Websocket addresses."""

from __future__ import annotations

from django.urls import path

from annotator.live.consumers import ProjectEvents

websocket_urlpatterns = [path("ws/projects/<int:project_id>/", ProjectEvents.as_asgi())]
