"""Trainings that cannot be: each ends as failed, with a code and a sentence, and never hangs."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from annotator.accounts.models import User
from annotator.core import jobs
from annotator.core.models import Job
from annotator.core.states import JobState
from annotator.learning import services
from annotator.learning.models import ModelVersion, Run, Suggestion
from annotator.projects.models import Project
from extraction.types import Entity, Graph
from tests.annotator.conftest import AddSentences
from tests.worker.conftest import Corpus, do_next, make_gold, sentence_of
from worker.heart import Heart
from worker.tasks import TRADES, work

pytestmark = pytest.mark.django_db(transaction=True)

BRIEF: dict[str, Any] = {"settings": {"epochs": 1}}


def failed(run_id: int) -> tuple[str, str]:
    run = Run.objects.get(pk=run_id)
    assert run.state == "failed"
    assert run.finished_at is not None
    assert run.error_message
    assert str(settings.WORK_FOLDER) not in run.error_message
    return run.error_code, run.error_message


@pytest.mark.slow
def test_gold_without_any_entity_has_nothing_to_teach(
    project: Project, manager: User, add_sentences: AddSentences
) -> None:
    add_sentences(project, ["没有药物的句子", "也没有"], gold={0: Graph(), 1: Graph()})
    run = services.request_run(project=project, actor=manager, given=BRIEF)
    assert do_next("train").state == JobState.FAILED
    assert failed(run.pk)[0] == "nothing_to_learn"
    assert list(settings.WORK_FOLDER.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("labels", [1, 2])
def test_one_label_and_no_relation_still_make_a_model(
    project: Project, manager: User, corpus: Corpus, labels: int
) -> None:
    sentences = corpus(0, 4)
    for sentence in sentences[:labels]:
        make_gold([sentence], Graph((Entity(0, 3, "药物"),)))
    services.request_run(project=project, actor=manager, given=BRIEF)
    assert do_next("train").state == JobState.DONE
    assert ModelVersion.objects.get().state == "active"
    assert do_next("predict").state == JobState.DONE


@pytest.mark.slow
def test_a_project_without_relation_types_learns_entities(
    project: Project, manager: User, corpus: Corpus
) -> None:
    project.relation_types.all().delete()
    sentences = corpus(0, 3)
    make_gold(sentences[:2], Graph((Entity(0, 3, "药物"),)))
    services.request_run(project=project, actor=manager, given=BRIEF)
    assert do_next("train").state == JobState.DONE
    assert do_next("predict").state == JobState.DONE


@pytest.mark.slow
def test_an_encoder_folder_that_is_none_fails_by_name(
    project: Project, manager: User, corpus: Corpus
) -> None:
    folder: Path = settings.ENCODER_FOLDER / "broken"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
    (folder / "model.safetensors").write_bytes(b"not tensors")
    corpus(4)
    given = {**BRIEF, "encoder": "broken"}
    run = services.request_run(project=project, actor=manager, given=given)
    assert do_next("train").state == JobState.FAILED
    code, message = failed(run.pk)
    assert code == "not_an_encoder"
    assert "tokenizer" in message


def test_after_too_many_attempts_a_run_is_given_up(
    project: Project, manager: User, corpus: Corpus
) -> None:
    corpus(4)
    run = services.request_run(project=project, actor=manager, given=BRIEF)
    Job.objects.update(attempt=5)
    assert do_next("train").state == JobState.FAILED
    assert failed(run.pk)[0] == "gave_up"


def test_a_run_that_is_cancelled_before_it_begins_never_begins(
    project: Project, manager: User, corpus: Corpus
) -> None:
    corpus(4)
    run = services.request_run(project=project, actor=manager, given=BRIEF)
    dead = jobs.claim(job_id=Job.objects.get().pk, worker="dead")
    assert dead is not None
    services.begin_run(dead)
    services.cancel_run(run=run, actor=manager)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_job SET lease_until = clock_timestamp() - interval '1 s'")
    jobs.sweep()
    assert do_next("train").state == JobState.CANCELLED
    assert Run.objects.get().state == "cancelled"


def test_a_chunk_whose_model_is_gone_fails_with_a_code(
    project: Project, manager: User, corpus: Corpus
) -> None:
    corpus(1, 3)
    services.request_run(project=project, actor=manager, given=BRIEF)
    held = jobs.claim(job_id=Job.objects.get().pk, worker="one")
    assert held is not None
    services.begin_run(held)
    figures = {"triple_f1": 0.0, "entity_f1": 0.0, "measured_on": "training"}
    services.register_version(held, services.Measured("0" * 64, figures, None, None))
    chunk = do_next("predict")
    assert (chunk.state, chunk.error_code) == (JobState.FAILED, "model_missing")
    assert not Suggestion.objects.exists()


def test_a_job_without_its_run_ends_all_the_same(project: Project) -> None:
    job = jobs.enqueue(kind="train", queue="train", project_id=project.pk, subject_id=10**9)
    assert do_next("train").pk == job.pk
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "internal_error")


def test_a_job_is_handed_back_when_the_database_was_away(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that lives waits for the database, and nobody for the worker's lease."""
    name = connection.settings_dict["NAME"]
    admin = psycopg2.connect(**{**connection.get_connection_params(), "dbname": "postgres"})
    admin.autocommit = True

    def open_doors(*, is_open: bool) -> None:
        with admin.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {is_open}')

    again = threading.Timer(1.5, open_doors, kwargs={"is_open": True})

    def lose_database(_held: jobs.Claim, _heart: Heart) -> None:
        open_doors(is_open=False)
        again.start()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    trade = replace(TRADES["import"], do=lose_database)
    monkeypatch.setattr("worker.tasks.TRADES", {**TRADES, "import": trade})
    job = Job.objects.create(kind="import", queue="io", project_id=project.pk, subject_id=0)
    with closing(admin):
        try:
            work(job_id=job.pk)
        finally:
            again.join()
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.QUEUED, "database_away")


def test_a_bell_for_nothing_is_not_heard() -> None:
    work(job_id=10**9)


def test_the_sentences_of_these_tests_are_what_they_say() -> None:
    for number in range(128):
        text, graph = sentence_of(number)
        assert all(0 <= e.start < e.end <= len(text) for e in graph.entities)
    assert len({sentence_of(number)[0] for number in range(128)}) == 128
