"""The whole loop with the real engine: labels, training, gate, suggestions, a new order."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.core.models import Event, Job
from annotator.core.states import JobState
from annotator.labelling.models import Slot
from annotator.learning import services
from annotator.learning.models import ModelVersion, Run, Suggestion
from annotator.projects.models import Project
from tests.worker.conftest import Corpus, StartWorker, do_next, wait_for
from worker.tasks import work

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Api = Callable[[User | None], APIClient]
BRIEF: dict[str, Any] = {"settings": {"epochs": 2}}


def test_labels_become_a_model_suggestions_and_a_new_order(
    project: Project, manager: User, ana: User, corpus: Corpus, api: Api
) -> None:
    corpus(24, 10)
    corpus(4, first=34, split="holdout")
    client = api(manager)
    asked = client.post(f"/api/v1/projects/{project.pk}/runs/", BRIEF).json()
    assert do_next("train").state == JobState.DONE
    run = client.get(f"/api/v1/runs/{asked['id']}/").json()
    assert (run["state"], run["progress"], run["error"]) == ("done", 1.0, None)
    assert run["metrics"]["measured_on"] == "holdout"
    assert 0.0 <= run["metrics"]["entity_f1"] <= 1.0
    (model,) = client.get(f"/api/v1/projects/{project.pk}/models/").json()["results"]
    assert (model["state"], model["id"]) == ("active", run["model_version"])
    assert list(settings.WORK_FOLDER.iterdir()) == []
    kept = settings.MODEL_FOLDER / ModelVersion.objects.get().digest
    assert kept.stat().st_mode & 0o077 == 0 or settings.MODEL_FOLDER.stat().st_mode & 0o077 == 0

    assert do_next("predict").state == JobState.DONE
    assert Suggestion.objects.count() == 10
    assert not Slot.objects.filter(state="open", priority__isnull=True).exists()
    listed = client.get(f"/api/v1/projects/{project.pk}/sentences/?order=priority").json()
    priorities = [one["priority"] for one in listed["results"]]
    assert priorities == sorted(priorities, reverse=True)
    phases = Event.objects.filter(kind="run.progress").values_list("payload__phase", flat=True)
    assert {"loading", "training"} <= set(phases)
    for event in Event.objects.all():
        assert "合用" not in json.dumps(event.payload, ensure_ascii=False)

    again = client.post(f"/api/v1/projects/{project.pk}/runs/", BRIEF).json()
    assert again["origin"] == model["id"]
    corpus(4, first=60, split="holdout")
    assert do_next("train").state == JobState.DONE
    second = ModelVersion.objects.get(number=2)
    assert "against" in second.gate["reason"]


def test_a_second_model_is_measured_beside_the_first_on_the_new_hold_out(
    project: Project, manager: User, corpus: Corpus
) -> None:
    corpus(12)
    services.request_run(project=project, actor=manager, given=BRIEF)
    do_next("train")
    assert ModelVersion.objects.get().metrics["measured_on"] == "training"
    corpus(3, first=20, split="holdout")
    services.request_run(project=project, actor=manager, given=BRIEF)
    do_next("train")
    second = ModelVersion.objects.get(number=2)
    assert second.metrics["measured_on"] == "holdout"
    assert "on the hold-out" in second.gate["reason"]
    assert "against" in second.gate["reason"]


def test_enough_new_labels_train_by_themselves_once(
    project: Project, manager: User, corpus: Corpus, api: Api, start_worker: StartWorker
) -> None:
    """A real worker sweeps: one run for the labels there are, and one more when more come."""
    client = api(manager)
    where = f"/api/v1/projects/{project.pk}"
    client.patch(f"{where}/policy/", {"automatic": True, "wanted": 5})
    corpus(6)
    start_worker()
    wait_for(lambda: ModelVersion.objects.count() == 1)
    wait_for(lambda: client.get(f"{where}/training/").json()["why"]["code"] == "just_trained")
    assert Run.objects.get().options["automatic"] == "enough_labels"
    corpus(5, first=20)
    wait_for(lambda: ModelVersion.objects.count() == 2)
    assert Run.objects.count() == 2


def test_a_bell_that_rings_twice_trains_once(
    project: Project, manager: User, corpus: Corpus
) -> None:
    corpus(6)
    services.request_run(project=project, actor=manager, given=BRIEF)
    job = do_next("train")
    work(job_id=job.pk)
    assert ModelVersion.objects.count() == 1
    assert Job.objects.get(pk=job.pk).attempt == 1
    chunk = Job.objects.filter(kind="predict").first()
    assert chunk is None  # nothing is open
    assert Run.objects.get().state == "done"
