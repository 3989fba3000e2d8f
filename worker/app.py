"""The Celery application as workers run it: tasks, and a sweeper in every one of them."""

from __future__ import annotations

import logging
import logging.config
import os
import threading
from collections.abc import Callable
from typing import Any

import django
from celery import bootsteps
from celery.signals import setup_logging, worker_init
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")
django.setup()

from annotator.config import celery_app as app  # noqa: E402 - needs the app registry
from annotator.core import jobs  # noqa: E402 - likewise
from annotator.core.errors import DomainError  # noqa: E402 - likewise
from annotator.learning import store  # noqa: E402 - likewise
from annotator.learning.services import arrange_missing, start_due_runs, suggest_missing  # noqa: E402 - likewise
from worker.errors import frames_of  # noqa: E402 - likewise

logger = logging.getLogger(__name__)

app.conf.imports = ("worker.tasks",)
USES_MODELS = frozenset({"train", "predict"})


@setup_logging.connect
def log_as_the_web_does(**_: Any) -> None:
    """Keep Celery from bringing in a way of logging of its own: ours holds no text."""
    logging.config.dictConfig(settings.LOGGING)


@worker_init.connect
def refuse_without_store(sender: Any, **_: Any) -> None:
    """End a worker that could not keep or fetch a model, before it takes a job of hours."""
    queues = set(sender.app.amqp.queues.consume_from)
    bucket = store.bucket()
    if bucket is None or not queues & USES_MODELS:
        return
    try:
        bucket.check(writes="train" in queues)
    except DomainError as error:
        raise SystemExit(f"relata: {error.message}.") from error


class Sweeper(bootsteps.StartStopStep):
    """Looks for jobs of dead workers and for unheard bells, as long as the worker lives."""

    requires = ("celery.worker.components:Pool",)  # after the pool has forked its processes

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.is_over = threading.Event()
        self.worker = parent

    def start(self, parent: Any) -> None:
        """Begin at once: the worker before this one may have died."""
        threading.Thread(target=self.sweep, name="sweeper", daemon=True).start()

    def stop(self, parent: Any) -> None:
        """End with the worker."""
        self.is_over.set()

    def sweep(self) -> None:
        """Sweep every few seconds; a database that is away for a while is no reason to end."""
        tend(suggest_missing)  # an import may have died between its end and this
        while True:
            tend(jobs.sweep)
            tend(arrange_missing)
            tend(self.beat)
            tend(start_due_runs)
            if self.is_over.wait(jobs.SWEEP_SECONDS):
                connection.close()
                return

    def beat(self) -> None:
        """Say that this worker lives, and which queues it serves."""
        jobs.beat(self.worker.hostname, list(self.worker.app.amqp.queues.consume_from))


def tend(work: Callable[[], object]) -> None:
    """Do some work on the database; when that is away, leave it for the next time."""
    try:
        work()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("the database does not answer: %s", type(error).__name__)
        connection.close()
    except Exception as error:  # noqa: BLE001 - sweeping goes on whatever happens
        logger.error("sweeping: %s", frames_of(error))  # noqa: TRY400


app.steps["worker"].add(Sweeper)

__all__ = ["app"]
