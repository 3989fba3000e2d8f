"""G3: a job takes effect exactly once, however often those who do it die or stand still."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection

from annotator.config.env import database_url
from annotator.core import jobs
from annotator.core.models import Event, Job
from annotator.core.states import JobState
from launch.processes import dying_with_parent

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]
Record = Callable[[str, object], None]
IS_NIGHTLY = os.environ.get("RELATA_TIER") == "nightly"
JOBS = 50_000 if IS_NIGHTLY else 3_000
KILLS = 1_000 if IS_NIGHTLY else 50
STALLS = 50 if IS_NIGHTLY else 5
RUNNERS = 4
POISONED = 3
LEASE = 1.5
BETWEEN = 0.15
PATIENCE = 1800.0 if IS_NIGHTLY else 240.0
EFFECT, LOST = "probe.effect", "probe.lost"
OVER = (JobState.DONE, JobState.FAILED)


class Nursery:
    """The process that forks runners, and the newest of these."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.alive: list[int] = []
        self.lock = threading.Lock()
        self.ear = threading.Thread(target=self._listen, daemon=True)
        self.ear.start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            word, _, number = line.partition(" ")
            if word == "born":
                with self.lock:
                    self.alive.append(int(number))

    def take(self, chance: random.Random) -> int | None:
        """Take one of the runners out of the list of the living."""
        with self.lock:
            return self.alive.pop(chance.randrange(len(self.alive))) if self.alive else None

    def give_back(self, runner: int) -> None:
        with self.lock:
            self.alive.append(runner)


@contextmanager
def nursery(home: Path) -> Iterator[Nursery]:
    """Runners on the test's database; all of them end with it."""
    server = database_url().rpartition("/")[0]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.safety.harness.nursery", str(RUNNERS), "probe"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=dying_with_parent(signal.SIGKILL),  # noqa: PLW1509 - as in launch
        env={
            **os.environ,
            "DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}",
            "REDIS_URL": django_settings.REDIS_URL,
            "RELATA_HOME": str(home),
            "RELATA_LEASE_SECONDS": str(LEASE),
        },
    )
    with process:
        some = Nursery(process)
        try:
            yield some
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            some.ear.join()


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


def send(runner: int, what: signal.Signals) -> bool:
    """Send a signal to a runner; False when it is dead already, of what it was given to do."""
    try:
        os.kill(runner, what)
    except ProcessLookupError:
        return False
    return True


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
    with nursery(tmp_path) as some:
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
