"""Jobs: one holder at a time, an effect once, and nothing stuck when a worker dies."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from annotator.core import jobs
from annotator.core.models import Job
from annotator.core.states import JobState

pytestmark = pytest.mark.django_db


def make(kind: str = "predict", project_id: int = 1) -> Job:
    return jobs.enqueue(kind=kind, queue="predict", project_id=project_id, subject_id=5)


def expire(job: Job) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_job SET lease_until = clock_timestamp() - interval '1 s' WHERE id = %s",
            [job.pk],
        )


def test_a_job_is_claimed_once() -> None:
    job = make()
    first = jobs.claim(job_id=job.pk, worker="one")
    assert first is not None
    assert first.attempt == 1
    assert jobs.claim(job_id=job.pk, worker="two") is None


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_gets_the_job() -> None:
    job = make()

    def claim(number: int) -> bool:
        try:
            return jobs.claim(job_id=job.pk, worker=str(number)) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as workers:
        assert sum(workers.map(claim, range(16))) == 1


def test_the_job_of_a_dead_worker_goes_back_and_its_late_effect_is_refused() -> None:
    job = make()
    dead = jobs.claim(job_id=job.pk, worker="dead")
    assert dead is not None
    expire(job)
    assert jobs.sweep() == 1
    heir = jobs.claim(job_id=job.pk, worker="heir")
    assert heir is not None
    assert heir.attempt == 2
    assert jobs.heartbeat(dead) is jobs.Standing.LOST
    with pytest.raises(jobs.JobLostError):
        jobs.finish(dead)
    jobs.finish(heir)
    assert Job.objects.get(pk=job.pk).state == JobState.DONE


def test_a_living_workers_job_is_left_alone() -> None:
    job = make()
    held = jobs.claim(job_id=job.pk, worker="alive")
    assert held is not None
    jobs.sweep()
    assert jobs.heartbeat(held) is jobs.Standing.HELD


def test_cancelling_ends_what_waits_and_asks_what_runs() -> None:
    waiting = make()
    assert jobs.request_cancel(kind="predict", subject_id=5) is True
    assert Job.objects.get(pk=waiting.pk).state == JobState.CANCELLED
    running = make()
    held = jobs.claim(job_id=running.pk, worker="one")
    assert held is not None
    assert jobs.request_cancel(kind="predict", subject_id=5) is False
    assert jobs.heartbeat(held) is jobs.Standing.CANCEL


def test_a_job_put_back_waits_its_pause() -> None:
    job = make()
    held = jobs.claim(job_id=job.pk, worker="one")
    assert held is not None
    jobs.retry_later(held, code="busy", message="The device is busy")
    assert jobs.claim(job_id=job.pk, worker="two") is None
    assert Job.objects.get(pk=job.pk).error_code == "busy"


def test_two_trainings_of_a_project_never_run_at_once() -> None:
    first, second = make("train"), make("train")
    other = make("train", project_id=2)
    assert jobs.claim(job_id=first.pk, worker="one") is not None
    assert jobs.claim(job_id=second.pk, worker="two") is None
    assert jobs.claim(job_id=other.pk, worker="two") is not None
