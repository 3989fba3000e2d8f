"""Addresses of annotations and comments."""

from __future__ import annotations

from django.urls import path

from annotator.labelling.api import comments, documents, labels

urlpatterns = [
    path("sentences/<int:sentence_id>/annotation/", labels.annotation),
    path("sentences/<int:sentence_id>/history/", labels.revisions),
    path("sentences/<int:sentence_id>/document/", documents.document),
    path("sentences/<int:sentence_id>/comments/", comments.comments),
    path("sentences/<int:sentence_id>/comments/<int:comment_id>/", comments.comment),
]
