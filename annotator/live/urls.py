"""Addresses of events."""

from __future__ import annotations

from django.urls import path

from annotator.live import api

urlpatterns = [path("projects/<int:project_id>/events/", api.project_events)]
