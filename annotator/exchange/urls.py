"""Addresses of imports and exports."""

from __future__ import annotations

from django.urls import path

from annotator.exchange import api

urlpatterns = [
    path("projects/<int:project_id>/imports/", api.imports),
    path("projects/<int:project_id>/imports/preview/", api.preview),
    path("projects/<int:project_id>/imports/<int:import_id>/", api.one_import),
    path("projects/<int:project_id>/imports/<int:import_id>/cancel/", api.cancel),
    path("projects/<int:project_id>/export/", api.export),
    path("projects/<int:project_id>/export/check/", api.check),
]
