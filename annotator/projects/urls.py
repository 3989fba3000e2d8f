"""Addresses of projects, members and schema."""

from __future__ import annotations

from django.urls import path

from annotator.projects import api

urlpatterns = [
    path("projects/", api.projects),
    path("projects/<int:project_id>/", api.project),
    path("projects/<int:project_id>/schema/", api.schema),
    path("projects/<int:project_id>/guidelines/", api.guidelines),
    path("projects/<int:project_id>/members/", api.members),
    path("projects/<int:project_id>/members/<int:member_id>/", api.member),
]
