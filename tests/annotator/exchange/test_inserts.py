"""Inserts through the doors: read in every form, previewed, imported with their documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.corpus.models import Document, Sentence
from annotator.exchange.models import ImportJob
from annotator.exchange.services import run_import
from annotator.projects.models import Project
from tests.annotator.exchange.conftest import Api, Bring, claim_of, upload

RAW = "1.与乙药合用,作用增强。\n2.避免与<b>丙药</b>合用。3.尚不明确。"
OTHER = "与丁药合用时禁忌。"
ROWS = [
    {"drug": "甲药片", "section": "药物相互作用", "text": RAW},
    {"drug": "甲药片", "section": "禁忌", "text": "孕妇禁用。"},
    {"drug": "戊药", "section": "【药物相互作用】", "text": OTHER},
]
CUT = ["甲药片@与乙药合用,作用增强", "甲药片@避免与丙药合用", "戊药@与丁药合用时禁忌"]


def jsonl(rows: list[dict[str, str]]) -> str:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n"


def csv_of(rows: list[dict[str, str]], header: str) -> str:
    cells = [[row["drug"], row["section"], row["text"].replace('"', '""')] for row in rows]
    return "\n".join([header, *(",".join(f'"{cell}"' for cell in row) for row in cells)]) + "\n"


FORMS = {
    "jsonl": jsonl(ROWS),
    "array": json.dumps(ROWS, ensure_ascii=False, indent=1),
    "csv": csv_of(ROWS, "drug,section,text"),
    "csv with Chinese names": csv_of(ROWS, "药名,章节,内容"),
    "tsv": "药品名称\t项目\t正文\n戊药\t药物相互作用\t" + OTHER + "\n",
    "the paper's": "".join(f"<{row['drug']}><{row['section']}><{row['text']}>\n" for row in ROWS),
}


def stored(project: Project) -> list[str]:
    rows = Sentence.objects.filter(project=project).order_by("position")
    return list(rows.values_list("text", flat=True))


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("asked", ["auto", "inserts"])
def test_every_form_gives_the_same_sentences(
    name: str, asked: str, project: Project, bring: Bring
) -> None:
    report = bring(project, FORMS[name], format=asked)
    assert (report["state"], report["format"], report["refused"]) == ("done", "inserts", 0), report
    assert stored(project) == (CUT[-1:] if name == "tsv" else CUT)


def test_the_report_says_what_was_cut_how(project: Project, bring: Bring) -> None:
    report = bring(project, FORMS["jsonl"])
    assert (report["accepted"], report["duplicates"], report["refused"]) == (3, 0, 0)
    assert report["summary"] == {
        "documents": 2,
        "section.药物相互作用": 1,
        "section.【药物相互作用】": 1,
        "left_out.documents": 1,
        "left_out.section.禁忌": 1,
        "sentences": 3,
        "cut.number": 2,
        "cut.full_stop": 2,
        "removed.markup": 2,
        "dropped.empty": 1,
    }


def test_a_line_that_is_no_insert_is_refused_with_its_place(project: Project, bring: Bring) -> None:
    bad = [
        '{"drug": "甲", "section": "药物相互作用"}',
        '{"section": "药物相互作用", "text": "与乙合用。"}',
        '{"drug": "甲", "section": 3, "text": "与乙合用。"}',
        "no JSON",
    ]
    report = bring(project, FORMS["jsonl"] + "\n".join(bad) + "\n", format="inserts")
    assert [(one["line"], one["code"]) for one in report["problems"]] == [
        (4, "empty_text"),
        (5, "missing_field"),
        (6, "wrong_type"),
        (7, "unreadable_json"),
    ]
    assert report["accepted"] == 3


def test_a_table_without_the_columns_is_refused_as_a_whole(project: Project, bring: Bring) -> None:
    report = bring(project, "a,b,c\n1,2,3\n", format="inserts")
    assert (report["state"], report["error"]["code"]) == ("failed", "missing_column")


class TestRules:
    """What is taken and where it is cut is the manager's choice, and kept with the import."""

    def test_sections_and_prefix(self, project: Project, bring: Bring) -> None:
        rules = json.dumps({"sections": ["禁忌"], "prefix_drug": False})
        report = bring(project, FORMS["jsonl"], rules=rules)
        assert stored(project) == ["孕妇禁用"]
        assert report["rules"]["sections"] == ["禁忌"]

    @pytest.mark.parametrize(
        ("rules", "named"),
        [('{"cut": 1}', "cut"), ('{"shortest": "4"}', "shortest"), ("[1]", None)],
    )
    def test_a_bad_rule_is_named_and_nothing_is_kept(
        self, rules: str, named: str | None, api: Api, manager: User, project: Project
    ) -> None:
        answer = upload(api(manager), project, FORMS["jsonl"], rules=rules)
        assert answer.status_code == 400
        assert answer.json()["context"].get("rule") == named
        assert answer.json()["context"]["field"] == "rules"
        assert not ImportJob.objects.exists()

    def test_a_command_takes_them_from_a_file(
        self, project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file, rules = tmp_path / "inserts.jsonl", tmp_path / "rules.json"
        file.write_text(FORMS["jsonl"], encoding="utf-8")
        rules.write_text('{"sections": ["禁忌"]}', encoding="utf-8")
        call_command("import_file", project.pk, file, rules=rules)
        assert "left_out.documents: 2" in capsys.readouterr().out
        rules.write_text("[]", encoding="utf-8")
        with pytest.raises(CommandError, match="holds no rules"):
            call_command("import_file", project.pk, file, rules=rules)


class TestDocuments:
    """The insert is kept, and each sentence knows where in it it stood."""

    def test_each_sentence_points_into_its_insert(self, project: Project, bring: Bring) -> None:
        bring(project, FORMS["jsonl"])
        first = Document.objects.get(project=project, name="甲药片")
        assert (first.section, first.text) == ("药物相互作用", RAW)
        places = [
            first.text[one.passage_start : one.passage_end]
            for one in first.sentences.order_by("position")
        ]
        assert places == ["与乙药合用,作用增强", "避免与<b>丙药</b>合用"]

    def test_two_texts_under_one_name_are_two_documents(
        self, project: Project, bring: Bring
    ) -> None:
        other = {**ROWS[0], "text": "与己药合用作用减弱。"}
        bring(project, jsonl([ROWS[0], other, ROWS[0]]))
        bring(project, jsonl([{**other, "text": other["text"] + "与庚药合用作用减弱。"}, other]))
        names = list(Document.objects.filter(project=project).values_list("name", flat=True))
        assert len(names) == 3
        assert all(name.startswith("甲药片") for name in names)

    def test_a_document_known_by_name_gets_the_text_that_comes(
        self, project: Project, bring: Bring
    ) -> None:
        bring(project, "text,document,section\n一句,甲药片,药物相互作用\n")
        bring(project, FORMS["jsonl"])
        found = Document.objects.get(project=project, name="甲药片")
        assert found.text == RAW
        assert found.sentences.count() == 3

    def test_members_read_it_beside_the_sentence(
        self, api: Api, project: Project, bring: Bring, ana: User, outsider: User
    ) -> None:
        bring(project, FORMS["jsonl"])
        second = Sentence.objects.get(project=project, text=CUT[1])
        shown = api(ana).get(f"/api/v1/sentences/{second.pk}/document/").json()
        assert (shown["name"], shown["text"]) == ("甲药片", RAW)
        assert RAW[shown["start"] : shown["end"]] == "避免与<b>丙药</b>合用"
        assert [one["text"] for one in shown["sentences"]] == CUT[:2]
        beside = api(ana).get(f"/api/v1/sentences/{second.pk}/").json()["document"]
        assert (beside["name"], beside["section"]) == ("甲药片", "药物相互作用")
        refused = api(outsider).get(f"/api/v1/sentences/{second.pk}/document/")
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")

    def test_a_sentence_without_one_says_so(
        self, api: Api, project: Project, bring: Bring, ana: User
    ) -> None:
        bring(project, "一句\n")
        sentence = Sentence.objects.get(project=project)
        assert api(ana).get(f"/api/v1/sentences/{sentence.pk}/").json()["document"] is None
        assert api(ana).get(f"/api/v1/sentences/{sentence.pk}/document/").status_code == 404


def test_an_import_that_died_within_an_insert_goes_on_there(
    api: Api, manager: User, project: Project
) -> None:
    many = "".join(f"{number}.与药物{number:03}合用作用增强。" for number in range(1, 99))
    rows = [{"drug": f"药{one}", "section": "药物相互作用", "text": many} for one in "甲乙丙"]
    number = upload(api(manager), project, jsonl(rows)).json()["id"]
    claim = claim_of(number)

    class Killed(BaseException):
        """A worker that is no more."""

    beats = iter(range(4))

    def beat() -> Any:
        if next(beats) == 3:
            raise Killed
        from annotator.core import jobs  # noqa: PLC0415

        return jobs.Standing.HELD

    with pytest.raises(Killed):
        run_import(claim, beat=beat, batch_lines=37)
    assert 0 < Sentence.objects.filter(project=project).count() < 294
    run_import(claim, batch_lines=37)
    report = ImportJob.objects.get(pk=number)
    assert (report.accepted, report.duplicates, report.refused) == (294, 0, 0)
    assert report.summary["sentences"] == 294
    assert report.summary["documents"] == 3


class TestPreview:
    """Every cut can be looked at before anything is stored."""

    @staticmethod
    def post(client: APIClient, project: Project, content: str | bytes, **form: str) -> Any:
        raw = content if isinstance(content, bytes) else content.encode()
        body = {"file": SimpleUploadedFile("inserts.jsonl", raw), **form}
        return client.post(
            f"/api/v1/projects/{project.pk}/imports/preview/", body, format="multipart"
        )

    def test_it_shows_sections_cuts_and_counts_and_stores_nothing(
        self, api: Api, manager: User, project: Project
    ) -> None:
        answer = self.post(api(manager), project, FORMS["jsonl"])
        assert answer.status_code == 200
        shown = answer.json()
        assert [(one["name"], one["count"], one["wanted"]) for one in shown["sections"]] == [
            ("药物相互作用", 1, True),
            ("禁忌", 1, False),
            ("【药物相互作用】", 1, True),
        ]
        first = shown["inserts"][0]
        assert (first["drug"], first["line"], first["text"]) == ("甲药片", 1, RAW)
        assert [(one["text"], one["cut"], one["drop"]) for one in first["pieces"]] == [
            (CUT[0], "number", None),
            (CUT[1], "number", None),
            ("尚不明确", "full_stop", "empty"),
        ]
        assert [RAW[one["start"] : one["end"]] for one in first["changes"]] == ["<b>", "</b>"]
        assert shown["summary"]["sentences"] == 3
        assert not Sentence.objects.exists()
        assert not ImportJob.objects.exists()

    def test_other_rules_show_other_cuts(self, api: Api, manager: User, project: Project) -> None:
        rules = json.dumps({"sections": ["禁忌"], "prefix_drug": False})
        shown = self.post(api(manager), project, FORMS["jsonl"], rules=rules).json()
        assert [one["text"] for one in shown["inserts"][0]["pieces"]] == ["孕妇禁用"]
        assert shown["rules"]["sections"] == ["禁忌"]

    def test_the_first_part_of_a_file_is_enough(
        self, api: Api, manager: User, project: Project
    ) -> None:
        torn = FORMS["jsonl"].encode()[:-40]
        shown = self.post(api(manager), project, torn).json()
        assert shown["problems"] == []
        assert len(shown["inserts"]) == 1

    @pytest.mark.parametrize("raw", ["a,b\n1,2\n", "只有一句\n"])
    def test_what_holds_no_inserts_is_said_to(
        self, raw: str, api: Api, manager: User, project: Project
    ) -> None:
        answer = self.post(api(manager), project, raw)
        assert (answer.status_code, answer.json()["code"]) == (422, "unreadable_file")
        assert answer.json()["context"]["reason"] == "missing_column"

    def test_only_managers_may(
        self, api: Api, ana: User, reviewer: User, outsider: User, project: Project
    ) -> None:
        codes = [
            self.post(api(person), project, FORMS["jsonl"]).status_code
            for person in (ana, reviewer, outsider)
        ]
        assert codes == [403, 403, 404]
