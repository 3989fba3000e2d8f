"""Imports through the worker: taken in once, shown to the active model, ended with a state."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.core import jobs
from annotator.core.models import Job
from annotator.core.states import JobState
from annotator.corpus.models import Sentence
from annotator.learning import services
from annotator.learning.models import Suggestion
from annotator.projects.models import Project
from tests.worker.conftest import Corpus, do_next, sentence_of
from worker.tasks import work

pytestmark = pytest.mark.django_db(transaction=True)

Api = Callable[[User | None], APIClient]


@pytest.fixture
def upload(project: Project, manager: User, api: Api, settings: Any, tmp_path: Any) -> Any:
    """Return a function that uploads lines and does the import."""
    settings.UPLOAD_FOLDER = tmp_path / "uploads"

    def send(lines: list[dict[str, Any]], **options: str) -> dict[str, Any]:
        content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines) or "\n\n"
        file = SimpleUploadedFile("drugs.jsonl", content.encode())
        client = api(manager)
        asked = client.post(
            f"/api/v1/projects/{project.pk}/imports/", {"file": file, **options}, format="multipart"
        )
        assert asked.status_code == 202, asked.content
        do_next("import")
        address = f"/api/v1/projects/{project.pk}/imports/{asked.json()['id']}/"
        answer: dict[str, Any] = client.get(address).json()
        return answer

    return send


def line(number: int, **more: Any) -> dict[str, Any]:
    return {"text": sentence_of(number)[0], **more}


def test_a_file_is_taken_in_and_its_bell_may_ring_twice(project: Project, upload: Any) -> None:
    done = upload([line(number) for number in range(5)], format="native")
    assert (done["state"], done["accepted"]) == ("done", 5)
    work(job_id=Job.objects.get(kind="import").pk)
    assert Sentence.objects.count() == 5
    assert not Job.objects.filter(kind="predict").exists()


def test_new_sentences_are_put_before_the_active_model(
    project: Project, manager: User, corpus: Corpus, upload: Any
) -> None:
    corpus(1)
    services.request_run(project=project, actor=manager, given={})
    held = jobs.claim(job_id=Job.objects.get().pk, worker="one")
    assert held is not None
    services.begin_run(held)
    figures = {"triple_f1": 0.0, "entity_f1": 0.0, "measured_on": "training"}
    services.register_version(held, services.Measured("0" * 64, figures, None, None))
    upload([line(number) for number in range(10, 14)], format="native")
    planned = Job.objects.get(kind="predict", state=JobState.QUEUED).payload["sentences"]
    assert planned == list(Sentence.objects.filter(state="pending").values_list("pk", flat=True))


def test_what_a_file_suggests_is_shown_as_a_suggestion(
    project: Project, ana: User, api: Api, upload: Any
) -> None:
    text, _ = sentence_of(0)
    length = text.index("@")
    said = [{"start": 0, "end": length, "type": "药物", "confidence": 0.8}]
    done = upload([line(0, entities=said, relations=[])], format="native", labels="suggestions")
    assert done["state"] == "done", done
    suggestion = Suggestion.objects.get()
    assert suggestion.model_version is None
    shown = api(ana).get(f"/api/v1/sentences/{suggestion.sentence_id}/").json()
    assert shown["annotation"] is None
    assert shown["suggestion"]["model_version"] is None
    assert shown["suggestion"]["stale"] is False
    assert shown["suggestion"]["entities"][0]["confidence"] == 0.8


def test_a_file_of_empty_lines_fails_with_a_code(project: Project, upload: Any) -> None:
    failed = upload([], format="native")
    assert failed["state"] == "failed"
    assert failed["error"]["code"] == "empty_file"
    assert Job.objects.get().state == JobState.FAILED
