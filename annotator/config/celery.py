"""The Celery application: web processes send doorbells with it, workers answer them."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")

app: Celery = Celery("relata")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
