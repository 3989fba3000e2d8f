"""G24: a full disk, a wrong clock: nothing torn, early or late, and it goes on by itself."""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from annotator.accounts.models import User
from annotator.config.management.commands.verify_integrity import findings
from annotator.core import jobs
from annotator.core.models import AuditEntry, Event, Job
from annotator.core.states import JobState
from annotator.core.troubles import FULL, trouble_of
from annotator.exchange.models import ImportJob
from annotator.labelling.models import Annotation, IdempotencyKey, Revision, Slot
from annotator.learning.models import Run
from annotator.projects.models import Project
from tests.annotator.conftest import AddSentences, entity, relation
from tests.extraction.corpus import corpus, write_native
from worker import artefacts

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Record = Callable[[str, object], None]
Api = Callable[[User | None], Any]
Put = Callable[..., Any]
ROOT = Path(__file__).resolve().parents[2]
TEXT = "甲药与乙药合用"
LABELS = {
    "entities": [entity("e1", 0, 2), entity("e2", 3, 5)],
    "relations": [relation("e1", "e2")],
    "action": "submit",
}
WRITTEN = (
    "labelling_idempotencykey",
    "labelling_annotation",
    "labelling_revision",
    "labelling_goldrevision",
    "corpus_sentence",
    "core_auditentry",
    "core_event",
)
FULL_DISK = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = %s;
END $$;
"""
# SQLSTATE -> what a program hears
REFUSALS = {
    "53100": (507, "disk_full"),
    "53200": (503, "unavailable"),
    "53300": (503, "unavailable"),
    "57P01": (503, "unavailable"),
    "57014": (503, "unavailable"),
    "25006": (503, "unavailable"),
    "40P01": (503, "unavailable"),
    "55P03": (503, "unavailable"),
}


@contextmanager
def refusing(table: str, state: str = "53100") -> Iterator[None]:
    """Let PostgreSQL refuse every write to a table as it does when the disk is full."""
    with connection.cursor() as cursor:
        cursor.execute(FULL_DISK.replace("%s", f"'{state}'"))
        cursor.execute(
            f"CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION no_room()"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION no_room CASCADE")


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes; the system then says EFBIG."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    kept = sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # Python leaves half a file there, and trips over it later
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        sys.dont_write_bytecode = kept


def rows() -> tuple[int, ...]:
    kinds = (Annotation, Revision, IdempotencyKey, AuditEntry, Event)
    return tuple(kind.objects.count() for kind in kinds)


@pytest.mark.parametrize("table", WRITTEN)
def test_a_save_is_whole_or_not_at_all_wherever_the_disk_is_full(  # noqa: PLR0917 - fixtures
    project: Project,
    add_sentences: AddSentences,
    api: Api,
    ana: User,
    put: Put,
    table: str,
    record_property: Record,
) -> None:
    sentence, client, key = add_sentences(project, [TEXT])[0], api(ana), uuid4()
    before = rows()
    with refusing(table):
        answer = put(client, sentence, key=key, **LABELS)
        assert (answer.status_code, answer.json()["code"]) == (507, "disk_full")
        assert int(answer["Retry-After"]) > 0
        assert answer.json()["message"]
        assert rows() == before
        assert client.get(f"/api/v1/sentences/{sentence.pk}/").status_code == 200
    assert put(client, sentence, key=key, **LABELS).status_code == 200
    assert Revision.objects.filter(annotation__sentence=sentence).count() == 1
    assert not list(findings(project.pk))
    record_property("safety", f"G24: no room in {table}: refused, nothing torn, taken later")


@pytest.mark.parametrize("state", REFUSALS)
def test_a_trouble_of_the_machine_is_told_from_one_of_the_program(
    project: Project, add_sentences: AddSentences, api: Api, ana: User, put: Put, state: str
) -> None:
    sentence = add_sentences(project, [TEXT])[0]
    with refusing("labelling_revision", state):
        answer = put(api(ana), sentence, **LABELS)
    assert (answer.status_code, answer.json()["code"]) == REFUSALS[state]
    assert "extend file" not in answer.content.decode()
    assert "Retry-After" in answer


def test_a_fault_of_the_program_stays_one(
    project: Project, add_sentences: AddSentences, api: Api, ana: User, put: Put
) -> None:
    sentence = add_sentences(project, [TEXT])[0]
    with refusing("labelling_revision", "22012"):  # division by zero
        assert put(api(ana), sentence, **LABELS).status_code == 500


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Django's file
@pytest.mark.parametrize("size", [200_000, 4_000_000], ids=["in memory", "in a temporary file"])
def test_an_upload_without_room_leaves_nothing(
    project: Project, api: Api, manager: User, settings: Any, tmp_path: Path, size: int
) -> None:
    settings.UPLOAD_FOLDER = tmp_path / "uploads"
    address = f"/api/v1/projects/{project.pk}/imports/"

    def upload() -> Any:
        lines = b'{"text": "one"}\n' * (size // 16)
        file = SimpleUploadedFile("in.jsonl", lines)
        return api(manager).post(address, {"file": file}, format="multipart")

    with files_up_to(100_000):
        answer = upload()
    said = (answer.status_code, answer.json()["code"])
    for one in gc.get_objects():  # Django leaves its temporary file open, and log records hold it
        if type(one) is TemporaryUploadedFile:  # isinstance would wake what is lazy
            one.close()
    assert said == (507, "disk_full")
    assert not ImportJob.objects.exists()
    assert not settings.UPLOAD_FOLDER.exists() or not list(settings.UPLOAD_FOLDER.iterdir())
    assert upload().status_code == 202


def test_nothing_large_is_begun_while_there_is_still_room_for_saves(
    project: Project,
    add_sentences: AddSentences,
    api: Api,
    manager: User,
    put: Put,
    settings: Any,
) -> None:
    sentence, client = add_sentences(project, [TEXT])[0], api(manager)
    assert put(client, sentence, **LABELS).status_code == 200
    assert Client().get("/readyz").json()["scarce"] == []
    settings.MIN_FREE_BYTES = 10**18
    file = SimpleUploadedFile("in.jsonl", b'{"text": "one"}\n')
    begun = [
        client.post(f"/api/v1/projects/{project.pk}/imports/", {"file": file}, format="multipart"),
        client.post(f"/api/v1/projects/{project.pk}/runs/", {}, format="json"),
    ]
    for answer in begun:
        assert (answer.status_code, answer.json()["code"]) == (507, "disk_full")
        assert answer.json()["context"]["needed_bytes"] == 10**18
    assert not Run.objects.exists()
    assert put(client, sentence, version=1, **LABELS).status_code == 200
    ready = Client().get("/readyz")
    assert (ready.status_code, ready.json()["scarce"]) == (200, ["disk"])


def test_a_training_without_room_says_so_and_another_one_goes_on(tmp_path: Path) -> None:
    data = write_native(tmp_path / "train.jsonl", corpus(4))
    out = tmp_path / "model"
    command = [sys.executable, "-m", "extraction", "train", "--json", "--resume"]
    command += ["--model", "spert.v1", "--encoder", "chars-tiny", "--train", str(data)]
    command += ["--speed", "quick", "--set", "epochs=1", "--out", str(out)]

    def train(room: int | None) -> tuple[int, dict[str, Any]]:
        limit = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))) if room else None
        done = subprocess.run(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=False,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            preexec_fn=limit,
        )
        return done.returncode, json.loads(done.stdout.splitlines()[-1])

    status, last = train(20_000)
    assert (status, last["event"], last["code"]) == (2, "error", "disk_full")
    assert not out.exists() or not (out / "manifest.json").exists()
    status, last = train(None)
    assert (status, last["event"]) == (0, "done")
    assert not list(tmp_path.glob(".*draft"))


def test_a_model_without_room_is_not_kept_by_half(tmp_path: Path, settings: Any) -> None:
    settings.MODEL_FOLDER = tmp_path / "models"
    checkpoint = tmp_path / "model"
    data = write_native(tmp_path / "train.jsonl", corpus(4))
    train = [sys.executable, "-m", "extraction", "train", "--model", "spert.v1"]
    train += ["--encoder", "chars-tiny", "--train", str(data), "--set", "epochs=1"]
    subprocess.run([*train, "--speed", "quick", "--out", str(checkpoint)], cwd=ROOT, check=True)
    with files_up_to(20_000), pytest.raises(OSError, match="large") as caught:
        artefacts.keep(checkpoint)
    assert trouble_of(caught.value) is FULL
    assert not list(settings.MODEL_FOLDER.iterdir())
    assert artefacts.is_whole(artefacts.find(artefacts.keep(checkpoint)))


WRONG = pytest.mark.parametrize("hours", [-24, 24], ids=["a day behind", "a day ahead"])


@contextmanager
def clock_off_by(hours: int) -> Iterator[None]:
    """Let this process think that it is another day; the database knows better."""
    with time_machine.travel(timezone.now() + timedelta(hours=hours), tick=True):
        yield


def seconds_left(table: str, pk: int) -> float:
    """Return how long a lease still lasts, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM lease_until - clock_timestamp())"
            f" FROM {table} WHERE id = %s",
            [pk],
        )
        return float(cursor.fetchone()[0])


def shorten(table: str, pk: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET lease_until = clock_timestamp() - interval '1 s' WHERE id = %s",
            [pk],
        )


@WRONG
def test_the_lease_of_a_job_ends_by_the_databases_clock(
    hours: int, record_property: Record
) -> None:
    job = Job.objects.create(kind="probe", queue="io", project_id=1, subject_id=1)
    with clock_off_by(hours):
        held = jobs.claim(job_id=job.pk, worker="whose clock is wrong")
    assert held is not None
    assert abs(seconds_left("core_job", job.pk) - jobs.LEASE_SECONDS) < 2
    with clock_off_by(hours):
        jobs.sweep()
        assert jobs.heartbeat(held) is jobs.Standing.HELD  # not early
    shorten("core_job", job.pk)
    with clock_off_by(hours):
        jobs.sweep()
    job.refresh_from_db()
    assert job.state == JobState.QUEUED  # not late
    record_property("safety", f"G24: clock {hours:+} h: a job's lease ends neither early nor late")


@WRONG
def test_the_lease_of_a_sentence_ends_by_the_databases_clock(
    project: Project, add_sentences: AddSentences, api: Api, ana: User, bo: User, hours: int
) -> None:
    sentence = add_sentences(project, [TEXT])[0]
    address = f"/api/v1/projects/{project.pk}/next/"

    def ask(user: User) -> list[int]:
        client = api(user)
        with clock_off_by(hours):
            answer = client.post(address, {"count": 1}, format="json")
        assert answer.status_code == 200, answer.content
        return [one["id"] for one in answer.json()["sentences"]]

    assert ask(ana) == [sentence.pk]
    slot = Slot.objects.get(sentence=sentence)
    assert 60 < seconds_left("labelling_slot", slot.pk) < 3600
    assert ask(bo) == []  # not early
    shorten("labelling_slot", slot.pk)
    assert ask(bo) == [sentence.pk]  # not late


@WRONG
def test_a_save_keeps_its_order_whatever_the_clock_says(
    project: Project, add_sentences: AddSentences, api: Api, ana: User, put: Put, hours: int
) -> None:
    sentence, client = add_sentences(project, [TEXT])[0], api(ana)
    keys: list[UUID] = [uuid4(), uuid4()]
    assert put(client, sentence, key=keys[0], **LABELS).status_code == 200
    with clock_off_by(hours):
        assert put(client, sentence, version=1, key=keys[1], **LABELS).status_code == 200
    times = list(
        Revision.objects.filter(annotation__sentence=sentence)
        .order_by("version")
        .values_list("at", flat=True)
    )
    assert timedelta(0) <= times[1] - times[0] < timedelta(minutes=1)
    assert not list(findings(project.pk))
