"""Training by itself with real workers: they sweep, one run begins, and only one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

import pytest
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.core.models import Worker
from annotator.learning.models import ModelVersion, Run
from annotator.projects.models import Project
from tests.worker.conftest import Corpus, StartWorker, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Api = Callable[[User | None], APIClient]
WORKERS = 2


def seen() -> dict[str, datetime]:
    """Return when each worker was last seen."""
    return dict(Worker.objects.values_list("name", "seen_at"))


def wait_for_sweeps(count: int) -> None:
    """Wait until every worker has begun so many sweeps; each begins after the one before ended."""
    for _ in range(count):
        wait_for(partial(is_later, seen()))


def is_later(before: dict[str, datetime]) -> bool:
    """Say whether every worker was seen again."""
    return all(at > before[name] for name, at in seen().items())


def test_enough_new_gold_brings_one_run_and_only_one(
    project: Project, manager: User, corpus: Corpus, api: Api, start_worker: StartWorker
) -> None:
    client = api(manager)
    address = f"/api/v1/projects/{project.pk}/"
    client.patch(f"{address}policy/", {"automatic": True, "wanted": 10})
    for _ in range(WORKERS):
        start_worker()
    wait_for(lambda: len(seen()) == WORKERS)
    corpus(9)
    wait_for_sweeps(2)
    assert not Run.objects.exists()
    corpus(1, first=9)
    wait_for(lambda: Run.objects.filter(state="done").exists())
    wait_for_sweeps(2)
    run = Run.objects.get()
    assert (run.options["automatic"], run.gold_count) == ("enough_labels", 10)
    assert ModelVersion.objects.count() == 1
    said = client.get(f"{address}training/").json()
    assert (said["why"]["code"], said["workers_alive"]) == ("just_trained", WORKERS)
    assert (said["run"]["state"], said["next"]["new_gold"]) == ("done", 0)
