"""Jobs: claim with a lease, keep it with heartbeats, finish once, recover from dead workers.

The database row is the job and the Celery message a doorbell: a lost or doubled message changes
nothing, because `claim` gives a row to one worker only and `finish` accepts an effect only from
the attempt that still holds the row.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from kombu.exceptions import OperationalError

from annotator.core.errors import ConflictError
from annotator.core.failpoints import failpoint
from annotator.core.models import Job
from annotator.core.states import JobState
from annotator.core.version import version

logger = logging.getLogger(__name__)

LEASE_SECONDS: float = settings.LEASE_SECONDS
HEARTBEAT_SECONDS = LEASE_SECONDS / 4.5
SWEEP_SECONDS = LEASE_SECONDS / 4.5
RETRY_SECONDS = 5
DOORBELL = "relata.work"


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in the hands of one worker; `attempt` proves that it is still in these hands."""

    job_id: int
    kind: str
    project_id: int
    subject_id: int
    payload: Mapping[str, Any]
    attempt: int
    max_attempts: int
    is_cancel_requested: bool

    @property
    def is_last_straw(self) -> bool:
        """Whether the job was already tried as often as it may be."""
        return self.attempt > self.max_attempts


class Standing(Enum):
    """What a heartbeat learns."""

    HELD = "held"
    CANCEL = "cancel"
    LOST = "lost"


class JobLostError(ConflictError):
    """Another worker holds the job by now; whatever this one made is thrown away."""

    code = "job_lost"


def enqueue(
    *,
    kind: str,
    queue: str,
    project_id: int,
    subject_id: int,
    payload: dict[str, Any] | None = None,
) -> Job:
    """Write the job's row and ring after commit. Must run inside the subject's transaction."""
    job = Job.objects.create(
        kind=kind, queue=queue, project_id=project_id, subject_id=subject_id, payload=payload or {}
    )
    transaction.on_commit(lambda: ring(job.pk, queue))
    failpoint("job.written")
    return job


def enqueue_many(jobs: list[Job]) -> None:
    """Write many rows at once (the chunks of a pre-annotation) and ring for each after commit."""
    rows = Job.objects.bulk_create(jobs)

    def ring_all() -> None:
        for row in rows:
            ring(row.pk, row.queue)

    transaction.on_commit(ring_all)


def ring(job_id: int, queue: str) -> None:
    """Tell the workers of a queue to look at a row. Losing this message only costs time."""
    failpoint("job.before_bell")
    try:
        current_app.send_task(DOORBELL, kwargs={"job_id": job_id}, queue=queue, retry=False)
    except OperationalError:
        logger.warning("the broker is not reachable; job %s waits for the sweeper", job_id)


CLAIM = """
UPDATE core_job SET state = 'running', attempt = attempt + 1, worker = %(worker)s,
       started_at = clock_timestamp(),
       lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
 WHERE id = (SELECT id FROM core_job AS j
              WHERE id = %(job)s AND state = 'queued' AND not_before <= clock_timestamp()
                AND NOT (kind = 'train' AND EXISTS (
                    SELECT 1 FROM core_job AS other WHERE other.kind = 'train'
                       AND other.project_id = j.project_id AND other.state = 'running'))
                FOR UPDATE SKIP LOCKED)
RETURNING id, kind, project_id, subject_id, attempt, max_attempts, is_cancel_requested
"""


def claim(*, job_id: int, worker: str) -> Claim | None:
    """Take the job if it waits; None when somebody else has it, or it is over, or not yet due."""
    job = Job.objects.filter(pk=job_id, state=JobState.QUEUED).first()
    if job is None:
        return None
    values: dict[str, float | str] = {"job": job_id, "worker": worker[:200], "lease": LEASE_SECONDS}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(CLAIM, values)
            row = cursor.fetchone()
    except IntegrityError:  # another training of this project began in the same instant
        return None
    if row is None:
        return None
    failpoint("job.claimed")
    return Claim(
        job_id=row[0],
        kind=row[1],
        project_id=row[2],
        subject_id=row[3],
        payload=job.payload,
        attempt=row[4],
        max_attempts=row[5],
        is_cancel_requested=row[6],
    )


def heartbeat(held: Claim) -> Standing:
    """Extend the lease; tell the worker to go on, to cancel, or that it was given up for dead."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE core_job
                  SET lease_until = clock_timestamp() + make_interval(secs => %s)
                WHERE id = %s AND attempt = %s AND state = 'running'
            RETURNING is_cancel_requested""",
            [LEASE_SECONDS, held.job_id, held.attempt],
        )
        row = cursor.fetchone()
    if row is None:
        return Standing.LOST
    return Standing.CANCEL if row[0] else Standing.HELD


def finish(
    held: Claim, *, state: JobState = JobState.DONE, code: str = "", message: str = ""
) -> None:
    """End the job; call it in the transaction of its effect, which a lost job rolls back."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE core_job SET state = %s, finished_at = clock_timestamp(), lease_until = NULL,
                      error_code = %s, error_message = %s
                WHERE id = %s AND attempt = %s AND state = 'running'""",
            [state.value, code, message, held.job_id, held.attempt],
        )
        if cursor.rowcount != 1:
            raise JobLostError("Another worker took this job over", job_id=held.job_id)
    failpoint("job.finished")


def retry_later(held: Claim, *, code: str, message: str) -> None:
    """Put the job back with a pause that grows with the attempts."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE core_job SET state = 'queued', lease_until = NULL, rung_at = NULL,
                      error_code = %s, error_message = %s,
                      not_before = clock_timestamp() + make_interval(secs => %s)
                WHERE id = %s AND attempt = %s AND state = 'running'""",
            [code, message, RETRY_SECONDS * held.attempt, held.job_id, held.attempt],
        )
        if cursor.rowcount != 1:
            raise JobLostError("Another worker took this job over", job_id=held.job_id)


def request_cancel(*, kind: str, subject_id: int) -> bool:
    """Cancel what waits at once (True), ask the holder of what runs to stop (False)."""
    waiting = Job.objects.filter(kind=kind, subject_id=subject_id, state=JobState.QUEUED)
    is_over = waiting.update(state=JobState.CANCELLED, lease_until=None) > 0
    running = Job.objects.filter(kind=kind, subject_id=subject_id, state=JobState.RUNNING)
    running.update(is_cancel_requested=True)
    return is_over and not running.exists()


def cancel_waiting(*, kind: str, project_id: int) -> int:
    """Cancel all jobs of a kind that wait in a project; those in somebody's hands go on."""
    waiting = Job.objects.filter(kind=kind, project_id=project_id, state=JobState.QUEUED)
    return waiting.update(state=JobState.CANCELLED, lease_until=None)


def running_payloads(*, kind: str, subject_id: int) -> list[Mapping[str, Any]]:
    """Return the payloads that workers have in hand for a subject."""
    running = Job.objects.filter(kind=kind, subject_id=subject_id, state=JobState.RUNNING)
    return list(running.values_list("payload", flat=True))


def is_busy(*, kind: str, project_id: int) -> bool:
    """Say whether a project has jobs of a kind that wait or run."""
    states = (JobState.QUEUED, JobState.RUNNING)
    return Job.objects.filter(kind=kind, project_id=project_id, state__in=states).exists()


def ring_next(*, kind: str, project_id: int) -> None:
    """Ring for the job that waited until another of its project was through."""
    waiting = Job.objects.filter(kind=kind, project_id=project_id, state=JobState.QUEUED)
    job = waiting.order_by("pk").first()
    if job is not None:
        ring(job.pk, job.queue)


EXPIRED = """
UPDATE core_job SET state = 'queued', lease_until = NULL, rung_at = NULL, worker = '',
       takeovers = takeovers + 1
 WHERE id IN (SELECT id FROM core_job
               WHERE state = 'running' AND lease_until < clock_timestamp() FOR UPDATE SKIP LOCKED)
"""
DUE = """
UPDATE core_job SET rung_at = clock_timestamp()
 WHERE id IN (SELECT id FROM core_job
               WHERE state = 'queued' AND not_before <= clock_timestamp()
                 AND (rung_at IS NULL OR rung_at < clock_timestamp() - make_interval(secs => %s))
               ORDER BY id LIMIT 200 FOR UPDATE SKIP LOCKED)
RETURNING id, queue
"""


def sweep() -> int:
    """Put the jobs of dead workers back and ring for all that wait; return how many bells rang.

    Every worker does this every SWEEP_SECONDS; doing it twice is harmless.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(EXPIRED)
        if cursor.rowcount:
            logger.warning("%s jobs were taken back from dead workers", cursor.rowcount)
        cursor.execute(DUE, [3 * SWEEP_SECONDS])
        due = cursor.fetchall()
    for job_id, queue in due:
        ring(job_id, queue)
    return len(due)


BEAT = """
INSERT INTO core_worker (name, queues, version, seen_at) VALUES (%s, %s, %s, clock_timestamp())
ON CONFLICT (name) DO UPDATE
   SET queues = excluded.queues, version = excluded.version, seen_at = excluded.seen_at
"""
SEEN = """
SELECT name, queues, version FROM core_worker
 WHERE seen_at > clock_timestamp() - make_interval(secs => %s) ORDER BY name
"""
ALIVE = """
SELECT count(*) FROM core_worker
 WHERE queues ? %s AND seen_at > clock_timestamp() - make_interval(secs => %s)
"""
FORGET = "DELETE FROM core_worker WHERE seen_at < clock_timestamp() - interval '1 day'"


def beat(worker: str, queues: Collection[str]) -> None:
    """Write down that a worker of this version lives, and forget those long gone."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BEAT, [worker[:200], json.dumps(sorted(queues)), version()])
        cursor.execute(FORGET)


@dataclass(frozen=True, slots=True)
class Seen:
    """A worker that was seen within four sweeps."""

    name: str
    queues: Sequence[str]
    version: str


def workers() -> list[Seen]:
    """Return the workers that live."""
    with connection.cursor() as cursor:
        cursor.execute(SEEN, [4 * SWEEP_SECONDS])
        return [Seen(name, json.loads(queues), said) for name, queues, said in cursor.fetchall()]


def count_workers(queue: str) -> int:
    """Return how many workers of a queue were seen within four sweeps."""
    with connection.cursor() as cursor:
        cursor.execute(ALIVE, [queue, 4 * SWEEP_SECONDS])
        row: tuple[int] = cursor.fetchone()
    return row[0]
