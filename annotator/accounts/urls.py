"""Addresses of log-in."""

from __future__ import annotations

from django.urls import path

from annotator.accounts.api import log_in, preferences, second_factor, sign_on

urlpatterns = [
    path("auth/token/", log_in.token),
    path("auth/session/", log_in.session),
    path("auth/second-factor/", second_factor.second_factor),
    path("auth/provider/", sign_on.provider),
    path("auth/provider/start/", sign_on.start),
    path("auth/provider/callback/", sign_on.callback, name="sign-on-callback"),
    path("auth/preferences/", preferences.preferences),
]
