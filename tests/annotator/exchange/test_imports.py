"""Imports through the API: who may, what is refused, what becomes of labels and duplicates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotator.accounts.models import User
from annotator.core.models import AuditEntry, Event, Job
from annotator.corpus.models import Document, Sentence
from annotator.exchange.models import ImportJob
from annotator.exchange.services import run_import
from annotator.labelling.models import GoldRevision, Slot
from annotator.projects.models import Project
from tests.annotator.conftest import entity
from tests.annotator.exchange.conftest import Api, Bring, claim_of, upload

TEXT = "甲药片@与乙药合用，作用增强"
LABELS: dict[str, Any] = {
    "entities": [{"start": 0, "end": 3, "type": "药物"}, {"start": 5, "end": 7, "type": "药物"}],
    "relations": [{"head": 1, "tail": 0, "type": "协同"}],
}


def line(text: str = TEXT, **more: Any) -> str:
    return json.dumps({"text": text, **more}, ensure_ascii=False)


def codes(report: dict[str, Any]) -> list[tuple[int, str]]:
    return [(problem["line"], problem["code"]) for problem in report["problems"]]


def counts(report: dict[str, Any]) -> tuple[int, int, int]:
    return report["accepted"], report["refused"], report["duplicates"]


class TestWhoMay:
    """A manager imports; others are told no, strangers that there is nothing."""

    def test_an_outsider_is_told_that_there_is_no_such_project(
        self, api: Api, outsider: User, project: Project, uploads: Path
    ) -> None:
        answer = upload(api(outsider), project, "一\n")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert not ImportJob.objects.exists()
        assert not uploads.exists()

    def test_annotators_and_reviewers_may_not(
        self, api: Api, ana: User, reviewer: User, project: Project
    ) -> None:
        for person in (ana, reviewer):
            answer = upload(api(person), project, "一\n")
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert not ImportJob.objects.exists()

    @pytest.mark.parametrize("rest", ["imports/", "imports/1/", "imports/1/cancel/", "export/"])
    def test_nobody_else_reads_or_stops_one(
        self, api: Api, outsider: User, ana: User, project: Project, bring: Bring, rest: str
    ) -> None:
        number = bring(project, "一\n")["id"]
        address = f"/api/v1/projects/{project.pk}/{rest.replace('1', str(number))}"
        act = "post" if "cancel" in rest else "get"
        assert getattr(api(outsider), act)(address).status_code == 404
        assert getattr(api(ana), act)(address).status_code == 403
        assert getattr(api(None), act)(address).status_code == 401

    def test_an_import_of_another_project_is_not_found(
        self, api: Api, manager: User, project: Project, bring: Bring
    ) -> None:
        client = api(manager)
        form = {"name": "Other", "template": "ch-ddi", "language": "zh"}
        other = client.post("/api/v1/projects/", form).json()["id"]
        number = bring(project, "一\n")["id"]
        assert client.get(f"/api/v1/projects/{other}/imports/{number}/").status_code == 404


class TestTheRequest:
    """What is wrong with the request is said at once."""

    def test_it_is_answered_with_the_import_and_keeps_the_file_private(
        self, api: Api, manager: User, project: Project, uploads: Path
    ) -> None:
        answer = upload(api(manager), project, "一\n", name="../../etc/说明.txt", labels="ignore")
        assert answer.status_code == 202
        body = answer.json()
        assert (body["state"], body["filename"], body["format"]) == ("queued", "说明.txt", "auto")
        assert (body["labels"], body["split"], body["error"]) == ("ignore", "auto", None)
        [kept] = uploads.iterdir()
        assert kept.stat().st_mode & 0o777 == 0o600
        assert kept.name == ImportJob.objects.get().stored_name.hex
        assert Job.objects.get(kind="import").subject_id == body["id"]
        assert AuditEntry.objects.filter(action="import.requested").count() == 1

    @pytest.mark.parametrize(
        "form",
        [{"format": "xml"}, {"labels": "all"}, {"split": "test"}, {"colour": "red"}],
    )
    def test_what_it_does_not_know_is_refused(
        self, api: Api, manager: User, project: Project, form: dict[str, str]
    ) -> None:
        assert upload(api(manager), project, "一\n", **form).status_code == 400
        assert not ImportJob.objects.exists()

    def test_an_empty_file_and_none_are_refused(
        self, api: Api, manager: User, project: Project, uploads: Path
    ) -> None:
        answer = upload(api(manager), project, b"")
        assert (answer.status_code, answer.json()["code"]) == (400, "empty_file")
        client = api(manager)
        none = client.post(f"/api/v1/projects/{project.pk}/imports/", {}, format="multipart")
        assert none.status_code == 400
        assert list(uploads.iterdir()) == []

    def test_a_giant_is_refused(
        self, api: Api, manager: User, project: Project, settings: Any
    ) -> None:
        settings.MAX_UPLOAD_BYTES = -1_000_000
        answer = upload(api(manager), project, "一\n")
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")

    def test_json_is_not_a_form(self, api: Api, manager: User, project: Project) -> None:
        address = f"/api/v1/projects/{project.pk}/imports/"
        answer = api(manager).post(address, {"file": "x"}, format="json")
        assert answer.status_code == 415


class TestTheReport:
    """Good lines are kept, bad ones are named."""

    def test_plain_sentences_wait_in_their_order(self, project: Project, bring: Bring) -> None:
        report = bring(project, "\ufeff一号句子\r\n\r\n二号句子\r\n一号句子\r\n")
        assert (report["state"], report["format"], report["progress"]) == ("done", "text", 1.0)
        assert counts(report) == (2, 0, 1)
        rows = Sentence.objects.order_by("position").values_list("position", "text", "state")
        assert list(rows) == [(0, "一号句子", "pending"), (1, "二号句子", "pending")]
        assert Slot.objects.filter(state="open").count() == 2

    def test_labels_become_gold_and_need_nobody(self, project: Project, bring: Bring) -> None:
        report = bring(project, line(id="a", **LABELS))
        assert (report["format"], counts(report)) == ("native", (1, 0, 0))
        sentence = Sentence.objects.get()
        assert (sentence.state, sentence.gold_version) == ("gold", 1)
        gold = GoldRevision.objects.get()
        assert (gold.origin, gold.version) == ("imported", 1)
        assert gold.graph["entities"][0] == {
            "id": "e1", "start": 0, "end": 3, "type": "药物", "source": "imported",
        }  # fmt: skip
        assert Slot.objects.get().state == "done"

    def test_refusals_name_line_field_and_remedy(self, project: Project, bring: Bring) -> None:
        drug, bird = LABELS["entities"][0], {"start": 0, "end": 1, "type": "鸟"}
        lines = [
            line(**LABELS),
            line("二", entities=[{**drug, "end": 50}]),
            line("三号句", entities=[bird]),
            line("四号句", entities=[drug, {**drug, "end": 2}],
                 relations=[{"head": 0, "tail": 1, "type": "吃"}]),
            "{",
            line("五号句"),
            line("六号句", entities=[drug]) + "x",
        ]  # fmt: skip
        report = bring(project, "\n".join(lines))
        assert counts(report) == (2, 5, 0)
        assert codes(report) == [
            (2, "span_outside_text"),
            (3, "unknown_type"),
            (4, "unknown_type"),
            (5, "unreadable_json"),
            (7, "half_written"),
        ]
        messages = [problem["message"] for problem in report["problems"]]
        assert messages[0].startswith("entities[0]: [0, 50) does not lie inside")
        assert messages[1].startswith("entities[0]: ")
        assert "鸟" in messages[1]
        assert "药物" in messages[1]
        assert messages[2].startswith("relations[0]: ")
        assert all("; " in message for message in messages)

    def test_an_illegal_pair_is_refused(
        self, api: Api, manager: User, project: Project, bring: Bring
    ) -> None:
        looks = {"label": "x", "color": "#123456", "key": ""}
        kinds = [{"name": "药物", **looks}, {"name": "食物", **looks}]
        rule = {"name": "协同", **looks, "symmetric": False, "pairs": [["药物", "食物"]]}
        schema = {"entity_types": kinds, "relation_types": [rule]}
        address = f"/api/v1/projects/{project.pk}/schema/"
        assert api(manager).put(address, schema).status_code == 200
        report = bring(project, line(**LABELS))
        assert codes(report) == [(1, "illegal_relation")]

    def test_an_id_belongs_to_one_text(self, project: Project, bring: Bring) -> None:
        bring(project, line("早先的句子", id="a"))
        report = bring(
            project,
            "\n".join([line("新的句子", id="a"), line("又一句", id="b"), line("再一句", id="b")]),
        )
        assert codes(report) == [(1, "duplicate_id"), (3, "duplicate_id")]
        assert counts(report) == (1, 2, 0)

    def test_the_same_line_again_is_a_duplicate(self, project: Project, bring: Bring) -> None:
        raw = line(id="a", **LABELS)
        bring(project, raw)
        assert counts(bring(project, f"{raw}\n{raw}\n")) == (0, 0, 2)
        assert GoldRevision.objects.count() == 1

    def test_the_list_of_problems_is_bounded_and_the_count_exact(
        self, project: Project, bring: Bring
    ) -> None:
        report = bring(project, "{}\n" * 1500 + line())
        assert counts(report) == (1, 1500, 0)
        assert len(report["problems"]) == 1000

    def test_documents_are_named_once(self, project: Project, bring: Bring) -> None:
        rows = "text,document,section\n一句,甲,禁忌\n二句,甲,禁忌\n三句,甲,\n四句,,\n"
        assert counts(bring(project, rows)) == (4, 0, 0)
        assert set(Document.objects.values_list("name", "section")) == {("甲", "禁忌"), ("甲", "")}
        assert Sentence.objects.filter(document=None).count() == 1

    def test_another_encoding_is_converted_and_said(self, project: Project, bring: Bring) -> None:
        report = bring(project, ("与华法林合用\n可增强作用\n" * 5).encode("gb18030"))
        assert counts(report) == (2, 0, 8)
        assert codes(report) == [(1, "converted")]
        assert Sentence.objects.filter(text="与华法林合用").exists()

    def test_an_ambiguous_string_is_noted(self, project: Project, bring: Bring) -> None:
        triple = {
            "predicate": "协同", "subject": "甲药", "subject_type": "药物",
            "object": {"@value": "乙药"}, "object_type": {"@value": "药物"},
        }  # fmt: skip
        report = bring(project, f"[{line('甲药与乙药，甲药', spo_list=[triple])}]")
        assert (report["format"], counts(report)) == ("ch-ddi-array", (1, 0, 0))
        assert codes(report) == [(1, "ambiguous_string")]


class TestFailures:
    """A file that cannot be taken at all ends as failed, with a code; nothing stays behind."""

    @pytest.mark.parametrize(
        ("raw", "form", "code"),
        [
            (b" \r\n \r\n", {}, "empty_file"),
            (b"\xef\xbb\xbf", {}, "empty_file"),
            (b"a,b\n1,2\n", {"format": "csv"}, "missing_column"),
            (b"one\ntwo\n", {"format": "ch-ddi-array"}, "not_an_array"),
            ("é à ü\n".encode("latin-1") * 9, {}, "unknown_encoding"),
        ],
    )
    def test_it_says_why(
        self, project: Project, bring: Bring, raw: bytes, form: dict[str, str], code: str
    ) -> None:
        report = bring(project, raw, **form)
        assert (report["state"], report["error"]["code"]) == ("failed", code)
        assert report["error"]["message"]
        assert report["finished_at"]
        job = Job.objects.get()
        assert (job.state, job.error_code) == ("failed", code)
        assert not Sentence.objects.exists()

    def test_the_file_is_gone_afterwards(
        self, project: Project, bring: Bring, uploads: Path
    ) -> None:
        bring(project, "一\n")
        bring(project, b" \n")
        assert list(uploads.iterdir()) == []

    def test_a_lost_file_is_told(
        self, api: Api, manager: User, project: Project, uploads: Path
    ) -> None:
        number = upload(api(manager), project, "一\n").json()["id"]
        next(uploads.iterdir()).unlink()
        run_import(claim_of(number))
        assert ImportJob.objects.get().error_code == "file_missing"


class TestLabels:
    """What becomes of labels."""

    def test_they_are_attached_to_a_waiting_sentence(self, project: Project, bring: Bring) -> None:
        bring(project, f"{TEXT}\n另一句话\n")
        assert counts(bring(project, line(**LABELS))) == (1, 0, 0)
        sentence = Sentence.objects.get(text=TEXT)
        assert (sentence.state, sentence.gold_version) == ("gold", 1)
        assert Slot.objects.get(sentence=sentence).state == "done"

    def test_they_are_attached_within_one_file(self, project: Project, bring: Bring) -> None:
        report = bring(project, "\n".join([line(), line(**LABELS), line(**LABELS)]))
        assert counts(report) == (2, 0, 1)
        assert Sentence.objects.get().state == "gold"
        assert GoldRevision.objects.count() == 1

    def test_peoples_work_stays(
        self, api: Api, ana: User, project: Project, bring: Bring, put: Any
    ) -> None:
        bring(project, TEXT)
        sentence = Sentence.objects.get()
        put(api(ana), sentence, entities=[entity("e1", 0, 3)])
        report = bring(project, line(**LABELS))
        assert counts(report) == (0, 0, 1)
        assert codes(report) == [(1, "labels_not_taken")]
        assert not GoldRevision.objects.exists()

    def test_ignored_labels_are_not_even_read(self, project: Project, bring: Bring) -> None:
        report = bring(project, line(entities=[{"bad": 1}]), labels="ignore")
        assert counts(report) == (1, 0, 0)
        assert Sentence.objects.get().state == "pending"

    def test_suggestions_need_somebody_who_stores_them(
        self, project: Project, bring: Bring
    ) -> None:
        report = bring(project, line(**LABELS), labels="suggestions")
        assert report["error"]["code"] == "no_suggestions_here"


def test_events_tell_numbers_and_no_text(project: Project, bring: Bring) -> None:
    bring(project, "一号句子\n二号句子\n")
    events = list(Event.objects.filter(kind="import.progress").order_by("pk"))
    assert [event.payload["state"] for event in events] == ["running", "running", "done"]
    assert events[-1].payload["accepted"] == 2
    assert "句子" not in json.dumps([event.payload for event in events], ensure_ascii=False)


def test_the_newest_import_comes_first_and_lists_stay_small(
    api: Api, manager: User, project: Project, bring: Bring, django_assert_max_num_queries: Any
) -> None:
    first = bring(project, "{}\n" * 50)["id"]
    second = bring(project, "一\n")["id"]
    client = api(manager)
    with django_assert_max_num_queries(4):
        listed = client.get(f"/api/v1/projects/{project.pk}/imports/").json()
    assert [row["id"] for row in listed["results"]] == [second, first]
    assert len(listed["results"][1]["problems"]) == 20
    assert listed["results"][1]["refused"] == 50
