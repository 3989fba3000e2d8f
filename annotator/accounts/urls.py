"""Addresses of log-in."""

from __future__ import annotations

from django.urls import path

from annotator.accounts import api

urlpatterns = [
    path("auth/token/", api.token),
    path("auth/session/", api.session),
    path("auth/preferences/", api.preferences),
]
