"""G24 at the edges: browsers' sessions, exports to a file, and the age of uploads."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.exchange.services import clear_uploads
from annotator.projects.models import Project
from tests.annotator.conftest import PASSWORD, AddSentences
from tests.safety.test_g24_disk_clock import WRONG, clock_off_by, files_up_to, refusing

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Record = Callable[[str, object], None]
TEXT = "甲药与乙药合用"
LOG_IN = "/api/v1/auth/session/"


@contextmanager
def out_of_reach(table: str) -> Iterator[None]:
    """Lock a table from a second connection, and let the first one wait for it only briefly."""
    other = connection.copy()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
    finally:
        other.close()
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def browser(user: User) -> APIClient:
    """Return somebody who is logged in by a session, as people are."""
    made = APIClient(raise_request_exception=False)
    made.force_login(user)
    return made


def test_a_session_that_cannot_be_read_is_a_trouble_of_the_machine(
    project: Project, add_sentences: AddSentences, ana: User, record_property: Record
) -> None:
    sentence, client = add_sentences(project, [TEXT])[0], browser(ana)
    address = f"/api/v1/sentences/{sentence.pk}/"
    with out_of_reach("django_session"):
        answer = client.get(address)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer["Retry-After"]) > 0
    assert client.get(address).status_code == 200
    record_property("safety", "G24: a session out of reach: 503, and the browser stays logged in")


def test_a_log_in_without_room_is_refused_and_works_later(ana: User) -> None:
    client = APIClient(raise_request_exception=False)
    known = {"username": ana.username, "password": PASSWORD}
    with refusing("django_session"):
        answer = client.post(LOG_IN, known, format="json")
    assert (answer.status_code, answer.json()["code"]) == (507, "disk_full")
    assert client.post(LOG_IN, known, format="json").status_code == 200


def test_what_fails_after_the_view_is_told_apart_as_well(
    project: Project, manager: User, settings: Any
) -> None:
    """Whoever has to set up a second factor gets a session from the middleware."""
    settings.REQUIRE_TOTP = True
    client = APIClient(raise_request_exception=False)
    known = {"username": manager.username, "password": PASSWORD}
    with refusing("django_session"):
        answer = client.post(LOG_IN, known, format="json")
    assert (answer.status_code, answer.json()["code"]) == (507, "disk_full")
    assert int(answer["Retry-After"]) > 0
    assert "extend file" not in answer.content.decode()
    answer = client.post(LOG_IN, known, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_setup")


def test_reads_by_a_session_go_on_without_room(
    project: Project, add_sentences: AddSentences, ana: User
) -> None:
    sentence, client = add_sentences(project, [TEXT])[0], browser(ana)
    soon = timezone.now() + timedelta(minutes=1)
    Session.objects.update(expire_date=soon)  # so that its end has to be pushed on
    with refusing("django_session"):
        assert client.get(f"/api/v1/sentences/{sentence.pk}/").status_code == 200
    assert Session.objects.get().expire_date == soon


def test_an_export_without_room_leaves_nothing_and_says_why(
    project: Project, add_sentences: AddSentences, tmp_path: Path
) -> None:
    add_sentences(project, [f"{TEXT}{number}" for number in range(400)])
    out = tmp_path / "out.jsonl"
    out.write_text("the one before", encoding="utf-8")

    def export() -> None:
        words = [str(project.pk), "--state", "all", "--out", str(out)]
        call_command("export", *words, stderr=io.StringIO())

    with files_up_to(10_000), pytest.raises(CommandError, match="room"):
        export()
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]
    assert out.read_text(encoding="utf-8") == "the one before"
    export()
    assert len(out.read_text(encoding="utf-8").splitlines()) == 400


@WRONG
def test_an_upload_under_way_is_kept_whatever_the_clock_says(
    settings: Any, tmp_path: Path, hours: int
) -> None:
    settings.UPLOAD_FOLDER = tmp_path
    fresh = tmp_path / uuid4().hex
    fresh.touch()
    with clock_off_by(hours + (1 if hours > 0 else -1)):
        clear_uploads()
    assert fresh.exists()
    assert list(tmp_path.iterdir()) == [fresh]
