"""Settings, URL map, ASGI entry and the Celery client: the only room that knows all others."""

from annotator.config.celery import app as celery_app

__all__ = ["celery_app"]
