"""Addresses of annotations."""

from __future__ import annotations

from django.urls import path

from annotator.labelling import api

urlpatterns = [
    path("sentences/<int:sentence_id>/annotation/", api.annotation),
    path("sentences/<int:sentence_id>/history/", api.revisions),
]
