"""Killed in the middle: whatever dies, each job is done, and done once."""

from __future__ import annotations

import time
from typing import Any

import psutil
import pytest

from annotator.accounts.models import User
from annotator.core.models import Job
from annotator.core.states import JobState
from annotator.learning import services
from annotator.learning.models import ModelVersion, Run, Suggestion
from annotator.projects.models import Project
from launch.processes import is_alive
from tests.worker.conftest import Corpus, StartWorker, do_next, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LONG: dict[str, Any] = {"settings": {"epochs": 150, "dev_checks": 0}}
BRIEF: dict[str, Any] = {"settings": {"epochs": 2}}


def is_training() -> bool:
    run = Run.objects.get()
    return run.phase == "training" and run.progress > 0.1


def test_a_training_whose_worker_is_killed_is_done_once_by_another(
    project: Project, manager: User, corpus: Corpus, start_worker: StartWorker
) -> None:
    corpus(8, 4)
    services.request_run(project=project, actor=manager, given=LONG)
    first = start_worker()
    wait_for(is_training)
    (engine,) = psutil.Process(first.process.pid).children()
    first.kill()
    killed_at = time.monotonic()
    wait_for(lambda: not is_alive(engine.pid), seconds=5)  # it dies with its worker
    assert Job.objects.get(kind="train").state == JobState.RUNNING
    start_worker()
    wait_for(lambda: Job.objects.get(kind="train").attempt == 2)
    assert time.monotonic() - killed_at < 30
    wait_for(lambda: Run.objects.get().state == "done")
    wait_for(lambda: Suggestion.objects.count() == 4)
    assert ModelVersion.objects.count() == 1
    assert Job.objects.get(kind="train").attempt == 2


def test_a_pre_annotation_whose_worker_is_killed_is_done_once_by_another(
    project: Project, manager: User, corpus: Corpus, start_worker: StartWorker
) -> None:
    corpus(6, 300)
    services.request_run(project=project, actor=manager, given=BRIEF)
    do_next("train")
    chunks = Job.objects.filter(kind="predict")
    first = start_worker()
    wait_for(lambda: chunks.filter(state=JobState.RUNNING).exists())
    first.kill()
    assert chunks.filter(state=JobState.RUNNING).count() == 1
    start_worker()
    wait_for(lambda: set(chunks.values_list("state", flat=True)) == {"done"})
    assert chunks.filter(attempt=2).count() == 1
    version = ModelVersion.objects.get()
    assert Suggestion.objects.filter(model_version=version).count() == 300
    assert (version.suggested_done, version.suggested_total) == (300, 300)


def test_an_engine_that_is_killed_from_outside_gets_another_attempt(
    project: Project, manager: User, corpus: Corpus, start_worker: StartWorker
) -> None:
    corpus(8)
    services.request_run(project=project, actor=manager, given=LONG)
    worker = start_worker()
    wait_for(is_training)
    (engine,) = psutil.Process(worker.process.pid).children()
    engine.kill()
    job = Job.objects.filter(kind="train")
    wait_for(lambda: job.get().error_code == "killed")
    assert job.get().state == JobState.QUEUED
    assert Run.objects.get().state == "running"
    assert worker.process.poll() is None


def test_a_cancelled_training_stops_within_seconds(
    project: Project, manager: User, corpus: Corpus, start_worker: StartWorker
) -> None:
    corpus(8)
    run = services.request_run(
        project=project, actor=manager, given={"settings": {"epochs": 1000, "dev_checks": 0}}
    )
    start_worker()
    wait_for(is_training)
    services.cancel_run(run=run, actor=manager)
    wait_for(lambda: Run.objects.get().state == "cancelled", seconds=20)
    assert Job.objects.get().state == JobState.CANCELLED
    assert not ModelVersion.objects.exists()


def test_a_worker_that_is_asked_to_stop_hands_its_training_on(
    project: Project, manager: User, corpus: Corpus, start_worker: StartWorker
) -> None:
    corpus(8)
    services.request_run(project=project, actor=manager, given=LONG)
    worker = start_worker()
    wait_for(is_training)
    worker.ask_to_stop()
    assert not is_alive(worker.process.pid)
    job = Job.objects.get()
    assert (job.state, job.error_code) == (JobState.QUEUED, "worker_stopped")
    assert Run.objects.get().state == "running"
    start_worker()
    wait_for(lambda: Run.objects.get().state == "done")
    assert ModelVersion.objects.count() == 1
