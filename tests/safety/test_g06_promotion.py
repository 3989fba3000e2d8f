"""G6: one whole model is served at any moment, whoever dies while promoting or rolling back."""

from __future__ import annotations

import json
import random
import signal
import threading
import time
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.accounts.services import issue_token
from annotator.core import jobs
from annotator.core.models import AuditEntry, Job
from annotator.core.states import JobState
from annotator.learning import services
from annotator.learning.models import ModelVersion, Run, Suggestion
from annotator.learning.selectors.integrity import model_findings
from annotator.learning.store import fault_of
from annotator.projects.models import Project
from extraction.training.checkpoint import MANIFEST, read_checked, write_checked
from tests.annotator.conftest import AddSentences
from tests.safety.harness.keeping import Nursery, nursery, send
from tests.safety.tiers import size
from tests.worker.conftest import do_next, sentence_of
from worker import artefacts
from worker.tasks import work

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Record = Callable[[str, object], None]
Api = Callable[[User | None], APIClient]
CHANGES = size(200, 600, 1_000)
KILLS = size(30, 100, 200)
VERSIONS = 5
MANAGERS = 3
OPEN = 40
LEASE = 1.5
BETWEEN = 0.1
READING, PREDICTING = 0.05, 0.4
PATIENCE = size(120.0, 600.0, 900.0)
ROLLBACK_SECONDS = 5.0
ACTIONS = ("model.promoted", "model.rolled_back", "model.registered")


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Path) -> None:
    """Models and work in the home of the children."""
    settings.MODEL_FOLDER = tmp_path / "models"
    settings.WORK_FOLDER = tmp_path / "work"


@pytest.fixture
def versions(project: Project, manager: User, add_sentences: AddSentences) -> list[ModelVersion]:
    """A trained version, others with models of their own, and sentences that wait for them."""
    made = [sentence_of(number) for number in range(8 + OPEN)]
    gold = {number: made[number][1] for number in range(8)}
    add_sentences(project, [text for text, _ in made], gold=gold)
    brief = {"settings": {"epochs": 2, "dev_checks": 0}}
    services.request_run(project=project, actor=manager, given=brief)
    do_next("train")
    first = ModelVersion.objects.get()
    return [first, *(another(first, number, manager) for number in range(2, VERSIONS + 1))]


def another(first: ModelVersion, number: int, manager: User) -> ModelVersion:
    """Register a copy of a model with another card, hence with a digest of its own."""
    origin = artefacts.find(first.digest)
    copy = django_settings.WORK_FOLDER / f"copy-{number}"

    def fill(draft: Path) -> None:
        artefacts.copy(origin, draft)
        (draft / MANIFEST).unlink()

    write_checked(copy, {**read_checked(origin), "seed": number}, fill)
    asked = services.request_run(project=first.project, actor=manager, given={})
    held = jobs.claim(job_id=Job.objects.get(kind="train", subject_id=asked.pk).pk, worker="test")
    assert held is not None
    services.begin_run(held)
    measured = services.Measured(
        digest=artefacts.keep(copy),
        metrics=first.metrics,
        rival_id=ModelVersion.objects.get(project=first.project, state="active").pk,
        rival=first.metrics,
    )
    return services.register_version(held, measured)


@dataclass
class Reader:
    """A thread that looks again and again, and what it saw."""

    look: Callable[[], str | None]
    pause: float

    def __post_init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.error: BaseException | None = None
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._read, daemon=True)

    def _read(self) -> None:
        try:
            while not self.is_over.wait(self.pause):
                seen = self.look()
                self.seen.update([seen] if seen else [])
        except BaseException as error:  # noqa: BLE001 - the test raises it
            self.error = error
        finally:
            connection.close()

    def __enter__(self) -> Reader:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        self.thread.join(PATIENCE)
        assert self.error is None, repr(self.error)


def page_reader(client: APIClient, project: Project) -> Callable[[], str]:
    """Whoever looks at the page of models: one is served, and its files verify."""
    digests = dict(ModelVersion.objects.values_list("pk", "digest"))

    def look() -> str:
        listed = client.get(f"/api/v1/projects/{project.pk}/models/").json()["results"]
        assert len(listed) == VERSIONS
        (served,) = (one for one in listed if one["state"] == "active")
        digest = digests[served["id"]]
        assert fault_of(digest) is None
        return digest

    return look


def worker_reader() -> Callable[[], str | None]:
    """A worker that answers the newest bell: loads the served model, verified, and predicts."""

    def look() -> str | None:
        job = Job.objects.filter(kind="predict", state=JobState.QUEUED).order_by("-pk").first()
        if job is None:
            return None
        work(job_id=job.pk)
        job.refresh_from_db()
        if job.state == JobState.QUEUED:  # a promotion is cancelling it at this moment
            return None
        assert job.state in {JobState.DONE, JobState.CANCELLED}, (job.state, job.error_code)
        return str(job.state)

    return look


def check_whole(project: Project) -> None:
    """Exactly one version is served, and its files are what its digest says."""
    served = ModelVersion.objects.filter(project=project, state="active")
    assert served.count() == 1
    assert fault_of(served.get().digest) is None
    assert list(model_findings(project.pk)) == []


@dataclass(frozen=True, slots=True)
class Said:
    """What a manager was told of a change."""

    action: str
    request: str
    version: int
    promoted_at: datetime
    seconds: float


def told(some: Nursery) -> list[Said]:
    """What all managers were told; a change is done or, the first ones, had nothing before it."""
    with some.lock:
        lines = [line.split(" ", 2)[2] for line in some.said if line.startswith("did")]
    found = []
    for plain in map(json.loads, lines):
        if plain["status"] == 409:
            assert plain["code"] == "nothing_to_roll_back"
            continue
        assert plain["status"] == 200, plain
        at = datetime.fromisoformat(plain["promoted_at"])
        found.append(Said(plain["action"], plain["request"], plain["id"], at, plain["seconds"]))
    return found


def harm(some: Nursery, project: Project, chance: random.Random) -> int:
    """Kill managers until enough was changed; after every kill everything must be whole."""
    kills = 0
    deadline = time.monotonic() + PATIENCE
    while (changes := len(told(some))) < CHANGES or kills < KILLS:
        assert time.monotonic() < deadline, f"{changes} changes, {kills} kills"
        time.sleep(BETWEEN * chance.random())
        if changes * KILLS < kills * CHANGES:
            continue
        victim = some.take(chance)
        if victim is not None:
            kills += send(victim, signal.SIGKILL)
            check_whole(project)
    return kills


def check_audit(project: Project, said: Sequence[Said], kills: int) -> int:
    """Each acknowledged change is recorded once; return how many nobody could acknowledge."""
    rows = AuditEntry.objects.filter(project_id=project.pk, action__in=ACTIONS).order_by("pk")
    entries = list(rows)
    by_request = Counter(entry.request for entry in entries if entry.request)
    moments = [entry.at for entry in entries]
    for one in said:
        count = by_request.pop(one.request, 0)
        if count == 0 and one.action == "promote":  # another had promoted it a moment before
            earlier = entries[bisect(moments, one.promoted_at) - 1]
            count = int(earlier.object_id == one.version)
        assert count == 1, f"{one} is recorded {count} times"
    assert set(by_request.values()) <= {1}
    assert by_request.total() <= kills
    changes = [entry for entry in entries if entry.action != "model.registered"]
    served = [entry.object_id for entry in changes]
    assert all(one != other for one, other in pairwise(served))
    assert ModelVersion.objects.get(project=project, state="active").pk == served[-1]
    return by_request.total()


def test_one_whole_model_is_served_whoever_dies(
    project: Project,
    manager: User,
    versions: list[ModelVersion],
    api: Api,
    tmp_path: Path,
    record_property: Record,
) -> None:
    check_whole(project)
    begun = time.monotonic()
    page = Reader(page_reader(api(manager), project), READING)
    worker = Reader(worker_reader(), PREDICTING)
    words = (str(MANAGERS), str(project.pk), issue_token(user=manager))
    with page, worker, nursery("promoters", *words, home=tmp_path, lease=LEASE) as some:
        kills = harm(some, project, random.Random(6))
    spent = time.monotonic() - begun
    check_whole(project)
    said = told(some)
    unheard = check_audit(project, said, kills)
    back = [one.seconds for one in said if one.action == "rollback"]
    slowest = max(back)
    assert slowest <= ROLLBACK_SECONDS
    finish(project)
    assert len(page.seen) == VERSIONS
    assert worker.seen["done"] > 0
    record_property(
        "safety",
        f"G6: {len(said)} promotions and rollbacks acknowledged to {MANAGERS} managers, {kills}"
        f" kill -9 in {spent:.0f} s: each recorded once, {unheard} done and not heard of; one whole"
        f" model in {page.seen.total():,} looks at the page and {worker.seen.total():,} chunks of"
        f" a worker; the slowest of {len(back)} rollbacks {slowest:.2f} s",
    )


def finish(project: Project) -> None:
    """Do what still waits; then every open sentence has the served version's word."""
    look = worker_reader()
    while Job.objects.filter(kind="predict", state=JobState.QUEUED).exists():
        look()
    served = ModelVersion.objects.get(project=project, state="active")
    assert Suggestion.objects.filter(model_version=served).count() == OPEN
    assert not Run.objects.exclude(state="done").exists()
    call_command("verify_integrity")
