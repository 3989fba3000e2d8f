"""Imports that are interrupted: nothing lost, nothing twice, never left running."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from annotator.accounts.models import User
from annotator.core import jobs
from annotator.core.models import Job
from annotator.corpus.models import GroupBand, Sentence
from annotator.exchange.models import ImportJob
from annotator.exchange.services import ImportedSuggestion, import_now, run_import
from annotator.exchange.services.uploads import Wish, clear_uploads
from annotator.labelling.models import Slot
from annotator.projects.models import Project
from tests.annotator.exchange.conftest import Api, claim_of, upload

WORDS = "与华法林合用可增强抗凝作用应当监测凝血酶原时间并调整剂量如有出血立即停药"


def many(count: int) -> str:
    """Return sentences some of which are near duplicates, exact ones, or not JSON at all."""
    return "\n".join(
        f"第{chr(0x4E00 + number // 3)}药{WORDS[number % 30 :]}{number}" for number in range(count)
    )


FIVE = [f'{{"text": "第{number}句话"}}' for number in "一二三四五"]


class KilledError(Exception):
    """Stands for kill -9: nobody catches it."""


def killed_after(batches: int) -> Any:
    """Return a heartbeat that ends the process after some batches."""
    left = iter(range(batches))

    def beat() -> jobs.Standing:
        if next(left, None) is None:
            raise KilledError
        return jobs.Standing.HELD

    return beat


def give_up_for_dead() -> None:
    """Let the lease run out and the sweeper put the job back."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_job SET lease_until = now() - interval '1 minute'")
    jobs.sweep()


def everything(project: Project) -> list[tuple[Any, ...]]:
    """Return what an import leaves behind, without ids and times."""
    rows = Sentence.objects.filter(project=project).order_by("position")
    slots = Slot.objects.filter(project=project).order_by("position")
    return [
        *rows.values_list("position", "text", "group", "split", "state"),
        *slots.values_list("position", "is_holdout", "number"),
        *GroupBand.objects.filter(project=project).order_by("key").values_list("key", "group"),
    ]


@pytest.mark.parametrize("batches", [0, 1, 3])
def test_a_killed_import_goes_on_and_ends_as_if_nothing_had_happened(
    api: Api, manager: User, project: Project, tmp_path: Path, batches: int
) -> None:
    content = "{broken\n" + many(70) + "\n" + many(5)
    number = upload(api(manager), project, content, format="text").json()["id"]
    with pytest.raises(KilledError):
        run_import(claim_of(number), beat=killed_after(batches), batch_lines=10)
    half = ImportJob.objects.get()
    assert (half.state, half.accepted) == ("running", 10 * (batches + 1))
    give_up_for_dead()
    run_import(claim_of(number), batch_lines=10)
    whole = ImportJob.objects.get()
    assert (whole.state, whole.accepted, whole.duplicates) == ("done", 71, 5)
    assert Job.objects.get().attempt == 2

    path = tmp_path / "again.txt"
    path.write_text(content, encoding="utf-8")
    form = {"name": "Twin", "template": "ch-ddi", "language": "zh"}
    twin = Project.objects.get(pk=api(manager).post("/api/v1/projects/", form).json()["id"])
    Project.objects.filter(pk=twin.pk).update(seed=project.seed)
    twin.refresh_from_db()
    import_now(project=twin, path=path, wish=Wish(filename="x", format="text"))
    assert [row[:3] for row in everything(twin)] == [row[:3] for row in everything(project)]


@pytest.mark.parametrize(
    ("format_name", "content"),
    [
        ("csv", 'text,id\n"一\n\n句",1\n二句,2\n"三\n句",3\n四句,4\n五句,5\n'),
        ("ch-ddi-array", "[" + ",\n\n".join(FIVE) + "]"),
        ("native", "\n" + "\n\n".join(FIVE)),
    ],
)
def test_every_format_goes_on_at_the_right_place(
    api: Api, manager: User, project: Project, format_name: str, content: str
) -> None:
    number = upload(api(manager), project, content, format=format_name).json()["id"]
    for _ in range(4):
        with pytest.raises(KilledError):
            run_import(claim_of(number), beat=killed_after(0), batch_lines=1)
        give_up_for_dead()
    run_import(claim_of(number), batch_lines=1)
    report = ImportJob.objects.get()
    assert (report.accepted, report.duplicates, report.refused) == (5, 0, 0)


def test_a_worker_that_was_given_up_for_dead_stores_nothing_more(
    api: Api, manager: User, project: Project
) -> None:
    number = upload(api(manager), project, many(30)).json()["id"]
    slow = claim_of(number)

    def stall() -> jobs.Standing:
        give_up_for_dead()
        run_import(claim_of(number), batch_lines=10)
        return jobs.Standing.HELD

    with pytest.raises(jobs.JobLostError):
        run_import(slow, beat=stall, batch_lines=10)
    report = ImportJob.objects.get()
    assert (report.state, report.accepted, report.duplicates) == ("done", 30, 0)
    assert Sentence.objects.count() == 30


def test_an_import_that_always_dies_is_given_up(
    api: Api, manager: User, project: Project, uploads: Path
) -> None:
    number = upload(api(manager), project, many(3)).json()["id"]
    Job.objects.update(attempt=5)
    run_import(claim_of(number))
    report = ImportJob.objects.get()
    assert (report.state, report.error_code) == ("failed", "gave_up")
    assert list(uploads.iterdir()) == []


class TestCancelling:
    """Somebody thinks better of it."""

    def address(self, project: Project, number: int) -> str:
        return f"/api/v1/projects/{project.pk}/imports/{number}/cancel/"

    def test_what_waits_ends_at_once(
        self, api: Api, manager: User, project: Project, uploads: Path,
        django_capture_on_commit_callbacks: Any,
    ) -> None:  # fmt: skip
        client = api(manager)
        number = upload(client, project, many(3)).json()["id"]
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(self.address(project, number))
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
        assert Job.objects.get().state == "cancelled"
        assert list(uploads.iterdir()) == []
        again = client.post(self.address(project, number))
        assert (again.status_code, again.json()["code"]) == (409, "already_over")

    def test_what_runs_ends_after_the_batch_in_hand_and_keeps_it(
        self, api: Api, manager: User, project: Project, uploads: Path
    ) -> None:
        client = api(manager)
        number = upload(client, project, many(40)).json()["id"]

        def ask() -> jobs.Standing:
            if not Job.objects.get().is_cancel_requested:
                assert client.post(self.address(project, number)).status_code == 200
            return jobs.Standing.HELD

        run_import(claim_of(number), beat=ask, batch_lines=10)
        report = ImportJob.objects.get()
        assert (report.state, report.accepted) == ("cancelled", 20)
        assert Sentence.objects.count() == 20
        assert Job.objects.get().state == "cancelled"
        assert list(uploads.iterdir()) == []


def test_a_schema_that_changes_under_way_rules_the_rest(
    api: Api, manager: User, project: Project
) -> None:
    client = api(manager)
    birds = '{"text": "第%s只鸟在唱歌", "entities": [{"start": 0, "end": 2, "type": "鸟"}]}\n'
    content = "".join(birds % chr(0x4E00 + number) for number in range(6))
    number = upload(client, project, content).json()["id"]

    def allow_birds() -> jobs.Standing:
        address = f"/api/v1/projects/{project.pk}/schema/"
        schema = client.get(address).json()
        names = [kind["name"] for kind in schema["entity_types"]]
        if "鸟" not in names:
            bird = {"name": "鸟", "label": "鸟", "color": "#112233", "key": ""}
            schema["entity_types"].append(bird)
            assert client.put(address, schema).status_code == 200
        return jobs.Standing.HELD

    run_import(claim_of(number), beat=allow_birds, batch_lines=2)
    report = ImportJob.objects.get()
    assert (report.state, report.refused, report.accepted) == ("done", 2, 4)


def test_suggestions_of_a_file_go_to_whoever_stores_them(
    api: Api, manager: User, project: Project
) -> None:
    content = (
        '{"text": "甲药与乙药", "score": 0.5,'
        ' "entities": [{"start": 0, "end": 2, "type": "药物", "confidence": 0.75},'
        ' {"start": 3, "end": 5, "type": "药物"}],'
        ' "relations": [{"head": 0, "tail": 1, "type": "协同", "confidence": 0.5}]}\n'
    )
    kept: list[ImportedSuggestion] = []

    def bring(text: str) -> ImportJob:
        number = upload(api(manager), project, text, labels="suggestions").json()["id"]
        run_import(claim_of(number), store_suggestions=kept.extend)
        return ImportJob.objects.get(pk=number)

    first, again = bring(content), bring(content)
    assert (first.accepted, again.accepted) == (1, 1)
    assert [one.sentence.pk for one in kept] == [Sentence.objects.get().pk] * 2
    assert kept[0].score == 0.5
    assert [one["confidence"] for one in kept[0].graph["entities"]] == [0.75, 1.0]
    assert kept[0].graph["relations"] == [
        {"head": "s1", "tail": "s2", "type": "协同", "confidence": 0.5}
    ]
    assert Sentence.objects.get().state == "pending"


def test_files_that_nobody_needs_are_cleared(
    api: Api, manager: User, project: Project, uploads: Path
) -> None:
    upload(api(manager), project, "一\n")
    for name, age in (("00000000000000000000000000000001", 0), ("a" * 32, 2 * 24 * 3600)):
        path = uploads / name
        path.touch()
        stamp = path.stat().st_mtime - age
        os.utime(path, (stamp, stamp))
    clear_uploads()
    names = {path.name for path in uploads.iterdir()}
    assert "a" * 32 not in names
    assert len(names) == 2
