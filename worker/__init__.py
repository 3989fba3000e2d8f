"""The hands: a Celery worker that claims jobs, trains, predicts and imports, and reports back.

Start one with `celery -A worker worker -Q train,predict,io`; any number, on any machine that
reaches the database, Redis and the model store (docs/operations.md).
"""

from worker.app import app as celery

__all__ = ["celery"]
