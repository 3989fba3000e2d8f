"""Labelled projects, and workers: in this process for one job, or real ones to be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection

from annotator.config.env import database_url
from annotator.core.models import Job
from annotator.core.states import JobState
from annotator.corpus.models import Sentence
from annotator.labelling.graphs import from_example
from annotator.labelling.services import add_imported_gold
from annotator.projects.models import Project
from extraction.types import Entity, Graph, Relation
from launch.processes import dying_with_parent
from tests.annotator.conftest import (
    AddSentences,
    _fast_passwords,
    add_sentences,
    ana,
    api,
    make_user,
    manager,
    outsider,
    project,
    put,
)
from worker.tasks import work

__all__ = [
    "_fast_passwords",
    "add_sentences",
    "ana",
    "api",
    "make_user",
    "manager",
    "outsider",
    "project",
    "put",
]

ROOT = Path(__file__).resolve().parents[2]
LEASE_SECONDS = 3.0
PATIENCE_SECONDS = 120.0
DRUGS = ("多巴胺", "华法林", "地高辛", "利福平", "氨茶碱", "阿司匹林", "苯妥英钠", "环孢素")


def sentence_of(number: int) -> tuple[str, Graph]:
    """Return a sentence with two drugs and one relation, different for every number."""
    head, tail = DRUGS[number % 8], DRUGS[(number // 8 + number % 8 + 1) % 8]
    kind, words = (("协同", "合用作用加强"), ("拮抗", "合用疗效降低"))[number % 2]
    text = f"{tail}@与{head}{words},第{number}例"
    start = len(tail) + 2
    entities = (Entity(0, len(tail), "药物"), Entity(start, start + len(head), "药物"))
    return text, Graph(entities, (Relation(1, 0, kind),))


@pytest.fixture
def corpus(project: Project, add_sentences: AddSentences) -> Callable[..., list[Sentence]]:
    """Return a function that fills the project: so many labelled, so many still open."""

    def fill(
        labelled: int, still_open: int = 0, *, first: int = 0, split: str = "pool"
    ) -> list[Sentence]:
        made = [sentence_of(first + number) for number in range(labelled + still_open)]
        gold = {number: made[number][1] for number in range(labelled)}
        return add_sentences(project, [text for text, _ in made], gold=gold, split=split)

    return fill


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Path) -> None:
    """Keep models, work and encoders of a test apart."""
    settings.MODEL_FOLDER = tmp_path / "models"
    settings.WORK_FOLDER = tmp_path / "work"
    settings.ENCODER_FOLDER = tmp_path / "encoders"


def do_next(kind: str) -> Job:
    """Do the oldest waiting job of a kind as a worker does when its bell rings."""
    job = Job.objects.filter(kind=kind, state=JobState.QUEUED).order_by("pk").first()
    assert job is not None, f"no {kind} job waits"
    work(job_id=job.pk)
    job.refresh_from_db()
    return job


def make_gold(sentences: list[Sentence], graph: Graph) -> None:
    """Label sentences alike, as an import does."""
    golds = [(sentence, from_example(graph, source="imported")) for sentence in sentences]
    add_imported_gold(golds=golds)


def wait_for(what: Callable[[], object], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something is so, looking often."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.05)


class WorkerProcess:
    """A real worker on the test's database."""

    def __init__(self, home: Path) -> None:
        server = database_url().rpartition("/")[0]
        self.log = (home / f"worker-{time.monotonic_ns()}.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "worker", "worker", "-P", "solo", "-c", "1",
             "-Q", "train,predict,io", "--without-gossip", "--without-mingle",
             "-n", f"{time.monotonic_ns()}@%h"],
            cwd=ROOT,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=dying_with_parent(signal.SIGKILL),  # noqa: PLW1509 - as in launch
            env={
                **os.environ,
                "DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}",
                "REDIS_URL": django_settings.REDIS_URL,
                "RELATA_HOME": str(home),
                "RELATA_LEASE_SECONDS": str(LEASE_SECONDS),
                "RELATA_SECRET_KEY": django_settings.SECRET_KEY,
            },
        )  # fmt: skip

    def kill(self) -> None:
        """Kill -9, with no time for last words."""
        self.process.kill()
        self.process.wait()

    def ask_to_stop(self) -> None:
        """Send SIGTERM and wait for the end."""
        self.process.terminate()
        self.process.wait(PATIENCE_SECONDS)

    def close(self) -> None:
        """Leave nothing running."""
        if self.process.poll() is None:
            self.kill()
        self.log.close()


@pytest.fixture
def start_worker(own_folders: None, tmp_path: Path) -> Iterator[Callable[[], WorkerProcess]]:
    """Return a function that starts a real worker with the test's folders and a short lease."""
    started: list[WorkerProcess] = []

    def start() -> WorkerProcess:
        started.append(WorkerProcess(tmp_path))
        return started[-1]

    yield start
    for one in started:
        one.close()


Corpus = Callable[..., list[Sentence]]
StartWorker = Callable[[], WorkerProcess]
