"""The heart of a job: beats while the job is done, and knows whether to go on."""

from __future__ import annotations

import logging
import threading
import time
from types import TracebackType

from celery.worker import state as worker_state
from django.db import DatabaseError, InterfaceError, connection

from annotator.core import jobs
from annotator.core.jobs import Claim, JobLostError, Standing

logger = logging.getLogger(__name__)


class Heart:
    """Extends the lease of a claim from a thread of its own."""

    def __init__(self, held: Claim) -> None:
        self.held = held
        self._standing = Standing.HELD
        self._beaten = time.monotonic()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, name="heart", daemon=True)

    def __enter__(self) -> Heart:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()

    @property
    def standing(self) -> Standing:
        """Whether the job is still ours, as far as we know.

        When the database has been silent for a whole lease, somebody else may have the job.
        """
        if time.monotonic() - self._beaten > jobs.LEASE_SECONDS:
            return Standing.LOST
        return self._standing

    @property
    def is_stopping(self) -> bool:
        """Whether the worker was asked to end (Ctrl-C, a new release)."""
        asked: tuple[object, ...] = (worker_state.should_stop, worker_state.should_terminate)
        return any(status is not None and status is not False for status in asked)

    def hear(self, standing: Standing) -> None:
        """Take in what another statement learnt; a lost job never comes back."""
        self._beaten = time.monotonic()
        if self._standing is not Standing.LOST:
            self._standing = standing

    def check(self) -> None:
        """Raise when the job is lost."""
        if self.standing is Standing.LOST:
            raise JobLostError("Another worker took this job over", job_id=self.held.job_id)

    def _beat_on(self) -> None:
        while not self._is_over.wait(jobs.HEARTBEAT_SECONDS):
            try:
                self.hear(jobs.heartbeat(self.held))
            except (DatabaseError, InterfaceError) as error:
                logger.warning("job %s: no heartbeat: %s", self.held.job_id, type(error).__name__)
                connection.close()
        connection.close()
