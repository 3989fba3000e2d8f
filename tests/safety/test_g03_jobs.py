"""G3: a job takes effect exactly once, however often those who do it die or stand still."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from annotator.core import jobs
from annotator.core.models import Event, Job
from annotator.core.states import JobState
from tests.safety.harness.keeping import Nursery, nursery, send
from tests.safety.tiers import size

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Record = Callable[[str, object], None]
JOBS = size(3_000, 20_000, 50_000)
KILLS = size(50, 400, 1_000)
STALLS = size(5, 20, 50)
RUNNERS = 4
POISONED = 3
LEASE = 1.5
BETWEEN = 0.15
PATIENCE = size(240.0, 1200.0, 1800.0)
EFFECT, LOST = "probe.effect", "probe.lost"
OVER = (JobState.DONE, JobState.FAILED)


def fill(count: int, poisoned: int) -> None:
    Job.objects.bulk_create(
        Job(
            kind="probe",
            queue="io",
            project_id=1,
            subject_id=number,
            payload={"poison": True} if number < poisoned else {},
        )
        for number in range(count + poisoned)
    )


def left() -> int:
    return Job.objects.filter(kind="probe").exclude(state__in=OVER).count()


def stall(some: Nursery, runner: int) -> bool:
    """Let a runner stand still until its job is given to another, then let it go on."""
    is_stopped = send(runner, signal.SIGSTOP)
    time.sleep(1.2 * LEASE)
    jobs.sweep()
    if is_stopped and send(runner, signal.SIGCONT):
        some.give_back(runner)
    return is_stopped


def harm(some: Nursery, chance: random.Random) -> tuple[int, int]:
    """Kill runners, and stop some for longer than a lease, until the work is done."""
    kills = stalls = 0
    deadline = time.monotonic() + PATIENCE
    while left() or kills < KILLS:
        assert time.monotonic() < deadline, f"{left()} jobs are left"
        time.sleep(BETWEEN)
        jobs.sweep()
        runner = some.take(chance)
        if runner is None:
            continue
        if stalls < STALLS and kills >= 8 * (stalls + 1):
            stalls += stall(some, runner)
        elif kills < KILLS:
            kills += send(runner, signal.SIGKILL)
        else:
            some.give_back(runner)
    return kills, stalls


def test_every_job_takes_effect_exactly_once(tmp_path: Path, record_property: Record) -> None:
    fill(JOBS, POISONED)
    begun = time.monotonic()
    with nursery("nursery", str(RUNNERS), "probe", home=tmp_path, lease=LEASE) as some:
        kills, stalls = harm(some, random.Random(3))
    spent = time.monotonic() - begun
    effects = Counter(
        payload["job"]
        for payload in Event.objects.filter(kind=EFFECT).values_list("payload", flat=True)
    )
    sound = set(Job.objects.filter(kind="probe", state=JobState.DONE).values_list("pk", flat=True))
    assert len(sound) == JOBS
    assert set(effects) == sound
    assert set(effects.values()) == {1}
    parked = Job.objects.filter(kind="probe", state=JobState.FAILED)
    assert parked.count() == POISONED
    most = max(parked.values_list("attempt", flat=True))
    assert most <= 6
    assert all(parked.values_list("error_code", flat=True))
    fenced = Event.objects.filter(kind=LOST).count()
    record_property(
        "safety",
        f"G3: {JOBS:,} jobs, {RUNNERS} runners, {kills} kill -9 and {stalls} stalls past"
        f" the lease in {spent:.0f} s: 0 lost, 0 doubled; {fenced} late effects thrown away;"
        f" {POISONED} of {POISONED} poisoned jobs parked after {most - 1} attempts",
    )


def test_who_stood_still_too_long_has_no_effect() -> None:
    """The fence by itself: the second holder ends the job, the first one cannot any more."""
    fill(1, 0)
    pk = Job.objects.get().pk
    first = jobs.claim(job_id=pk, worker="first")
    assert first is not None
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_job SET lease_until = clock_timestamp() - interval '1 s'")
    jobs.sweep()
    second = jobs.claim(job_id=pk, worker="second")
    assert second is not None
    assert second.attempt == first.attempt + 1
    assert jobs.heartbeat(first) is jobs.Standing.LOST
    with pytest.raises(jobs.JobLostError):
        jobs.finish(first)
    jobs.finish(second)
    with pytest.raises(jobs.JobLostError):
        jobs.finish(second)
