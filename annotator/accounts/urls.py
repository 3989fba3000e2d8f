"""Addresses of log-in."""

from __future__ import annotations

from django.urls import path

from annotator.accounts.api import log_in, preferences, second_factor

urlpatterns = [
    path("auth/token/", log_in.token),
    path("auth/session/", log_in.session),
    path("auth/second-factor/", second_factor.second_factor),
    path("auth/preferences/", preferences.preferences),
]
