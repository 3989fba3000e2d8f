"""Addresses of the knowledge graph."""

from __future__ import annotations

from django.urls import path

from annotator.knowledge import api

urlpatterns = [
    path("projects/<int:project_id>/graph/", api.graph),
    path("projects/<int:project_id>/graph/export/", api.file),
    path("projects/<int:project_id>/graph/sentences/", api.sentences),
    path("projects/<int:project_id>/graph/contradictions/", api.contradictions),
    path("projects/<int:project_id>/graph/contradictions/review/", api.review),
    path("projects/<int:project_id>/graph/opposites/", api.opposites),
]
