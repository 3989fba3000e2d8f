"""`manage.py doctor`: a line for each part, and a remedy for what is not well."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from annotator.accounts.models import User
from annotator.core import jobs
from annotator.core.models import Worker
from annotator.core.version import version
from annotator.projects.models import Project
from tests.annotator.conftest import AddSentences
from tests.annotator.learning.conftest import GOLD, texts
from tests.annotator.learning.judging import gold, train_saying
from tests.safety.starting import manage, production

pytestmark = pytest.mark.django_db

Told = list[dict[str, str]]


@pytest.fixture
def examine(settings: Any, tmp_path: Path) -> Callable[[], Told]:
    """Return a function that asks the doctor about a server that is complete."""
    (tmp_path / "index.html").write_text("<!doctype html>")
    settings.FRONTEND_FOLDER = tmp_path
    settings.MODEL_FOLDER = tmp_path / "models"
    jobs.beat("all@here", ["io", "predict", "train"])

    def ask() -> Told:
        out = StringIO()
        with suppress(SystemExit):
            call_command("doctor", "--json", stdout=out)
        return [json.loads(line) for line in out.getvalue().splitlines()]

    return ask


def of(told: Told, part: str) -> dict[str, str]:
    """Return the worst that was said of a part."""
    return max((one for one in told if one["part"] == part), key=lambda one: one["health"] != "ok")


def test_a_server_that_is_well(examine: Callable[[], Told]) -> None:
    told = examine()
    assert {one["health"] for one in told} == {"ok"}
    parts = [one["part"] for one in told]
    assert parts == ["program", "database", "redis", "disk", "models", "workers"]
    assert version() in told[0]["said"]
    assert "all@here" in told[-1]["said"]


def test_a_queue_without_a_worker_is_bad(examine: Callable[[], Told]) -> None:
    Worker.objects.all().delete()
    jobs.beat("half@here", ["io", "predict"])
    assert of(examine(), "workers") == {
        "part": "workers",
        "health": "bad",
        "said": "none serves the queue train",
        "remedy": "start one",
    }


def test_a_worker_of_another_version_is_odd(examine: Callable[[], Told]) -> None:
    Worker.objects.create(name="old@there", queues=["io"], version="0.0.9")
    said = of(examine(), "workers")
    assert (said["health"], "old@there has version 0.0.9" in said["said"]) == ("odd", True)


def test_a_served_model_that_is_lost_is_bad(
    examine: Callable[[], Told], project: Project, manager: User, add_sentences: AddSentences
) -> None:
    add_sentences(project, texts(4), gold=dict.fromkeys(range(4), GOLD))
    made = train_saying(project, manager, gold)
    said = of(examine(), "models")
    assert (said["health"], made.digest[:12] in said["said"]) == ("bad", True)


def test_a_store_that_is_away_is_bad_and_the_rest_is_told(
    examine: Callable[[], Told], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MODEL_STORE = "s3://models/relata"
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    told = examine()
    assert of(told, "models")["health"] == "bad"
    assert "AWS_ENDPOINT_URL_S3" in of(told, "models")["said"]
    assert of(told, "workers")["health"] == "ok"


def test_a_migration_that_waits_is_bad(examine: Callable[[], Told]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'core' AND name LIKE '0004%'")
    assert of(examine(), "tables")["remedy"] == "manage.py migrate"


@pytest.mark.parametrize(("name", "status"), [("all@here", 0), ("all@there", 1)])
def test_a_health_check_asks_for_one_worker(
    name: str, status: int, examine: Callable[[], Told]
) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--worker", name, stdout=StringIO())
    assert ended.value.code == status


def test_without_database_and_redis_each_line_says_what_helps(tmp_path: Path) -> None:
    here = {
        "DATABASE_URL": "postgres://relata:x9f3k@127.0.0.1:9/relata",
        "REDIS_URL": "redis://127.0.0.1:9/0",
    }
    done = manage({**production(tmp_path), **here}, "doctor")
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.count("start PostgreSQL") >= 2
    assert "start Redis, or mend REDIS_URL" in done.stdout
    assert "x9f3k" not in done.stdout
