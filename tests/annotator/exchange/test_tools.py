"""Files of other tools, written by hand to their published forms, are taken as they are meant."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook, load_workbook

from annotator.accounts.models import User
from annotator.exchange.formats import FORMATS
from annotator.exchange.formats.detect import detect
from annotator.exchange.formats.drafts import Draft, FileError, LineError, Options
from annotator.exchange.formats.sources import open_source
from annotator.exchange.formats.writing import About, Code, Record
from annotator.projects.models import Project
from extraction.types import Entity, Example, Graph, Relation, RelationRule, Schema
from tests.annotator.conftest import AddSentences
from tests.annotator.exchange.conftest import Api, Bring

TEXT = "甲药与乙药合用"
TRIPLE = (frozenset({(0, 2, "药物"), (3, 5, "药物")}), [((0, 2), "协同", (3, 5))])
SCHEMA = Schema(("药物", "Drug"), (RelationRule("协同"), RelationRule("相近", symmetric=True)))


def said(draft: Draft) -> tuple[Any, Any]:
    """Return entities and triples of a draft by their places."""
    assert draft.graph is not None
    spans = [(one.start, one.end, one.type) for one in draft.graph.entities]
    arrows = [(spans[one.head][:2], one.type, spans[one.tail][:2]) for one in draft.graph.relations]
    return frozenset(spans), arrows


def drafts(name: str, raw: bytes | str, **options: Any) -> list[Draft | LineError]:
    """Read a file; what is refused stands as its error."""
    source = open_source(io.BytesIO(raw if isinstance(raw, bytes) else raw.encode()))
    reading = FORMATS[name].reading
    assert reading is not None
    found: list[Draft | LineError] = []
    for piece in reading.split(source, Options(**options)):
        try:
            if isinstance(piece.content, LineError):
                raise piece.content
            found.append(reading.parse(piece, Options(**options)))
        except LineError as error:
            found.append(error)
    return found


def draft(name: str, raw: bytes | str, **options: Any) -> Draft:
    """Read a file of one sentence."""
    (found,) = drafts(name, raw, **options)
    assert isinstance(found, Draft), found
    return found


def code(name: str, raw: bytes | str) -> str:
    """Return why the one sentence of a file is refused."""
    (found,) = drafts(name, raw)
    assert isinstance(found, LineError)
    return found.code


def zipped(files: dict[str, str]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return raw.getvalue()


def workbook(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def written(
    name: str, *examples: Example, codes: dict[tuple[str, str], Code] | None = None
) -> bytes:
    writing = FORMATS[name].writing
    assert writing is not None
    records = [Record(one, codes=codes or {}) for one in examples]
    return b"".join(writing.write([records], About(SCHEMA)))


EXAMPLE = Example(
    "s1", TEXT, Graph((Entity(0, 2, "药物"), Entity(3, 5, "药物")), (Relation(0, 1, "协同"),))
)


def test_what_is_written_is_told_by_its_content() -> None:
    """DuIE without complex objects is CH-DDI, which reads it as well."""
    for name, format_ in FORMATS.items():
        if format_.reading and format_.writing and name != "duie":
            source = open_source(io.BytesIO(written(name, EXAMPLE)))
            assert detect(source) == name


class TestDoccano:
    """doccano 1.8: JSONL with relations, and the older lists of labels."""

    LINE = json.dumps(
        {
            "id": 12,
            "text": TEXT,
            "entities": [
                {"id": 71, "label": "药物", "start_offset": 0, "end_offset": 2},
                {"id": 75, "label": "药物", "start_offset": 3, "end_offset": 5},
            ],
            "relations": [{"id": 3, "from_id": 71, "to_id": 75, "type": "协同"}],
            "Comments": ["?"],
        }
    )

    def test_relations_follow_the_ids(self) -> None:
        found = draft("doccano", self.LINE)
        assert said(found) == TRIPLE
        assert (found.id, found.meta) == ("12", {"Comments": ["?"]})

    @pytest.mark.parametrize("key", ["label", "labels"])
    def test_lists_of_labels(self, key: str) -> None:
        line = json.dumps({"id": 1, "data": TEXT, key: [[0, 2, "药物"], [3, 5, "药物"]]})
        assert said(draft("doccano", line)) == (TRIPLE[0], [])

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ('"to_id": 75', '"to_id": 76', "unknown_end"),
            ('"end_offset": 5', '"end_offset": 50', "span_outside_text"),
            ('"start_offset": 3', '"start_offset": "3"', "wrong_type"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, old: str, new: str, expected: str) -> None:
        assert code("doccano", self.LINE.replace(old, new)) == expected


class TestLabelStudio:
    """Label Studio 1.x: the JSON export."""

    @staticmethod
    def task(text: str, *spans: tuple[int, int, str], **more: Any) -> str:
        result: list[Any] = [
            {
                "id": f"id{i}",
                "type": "labels",
                "from_name": "label",
                "to_name": "text",
                "value": {"start": start, "end": end, "text": said, "labels": ["药物"]},
            }
            for i, (start, end, said) in enumerate(spans)
        ]
        arrow: dict[str, Any] = {
            "type": "relation",
            "from_id": "id0",
            "to_id": "id1",
            "direction": "right",
        }
        arrow |= {"labels": ["协同"], **more.pop("arrow", {})}
        result += [arrow] if len(spans) > 1 else []
        task = {"id": 5, "data": {"text": text}, "annotations": [{"result": result}], **more}
        return json.dumps([task])

    def test_regions_and_relations(self) -> None:
        assert (
            said(draft("label-studio", self.task(TEXT, (0, 2, "甲药"), (3, 5, "乙药")))) == TRIPLE
        )

    def test_an_arrow_to_the_left_points_back(self) -> None:
        task = self.task(TEXT, (0, 2, "甲药"), (3, 5, "乙药"), arrow={"direction": "left"})
        assert said(draft("label-studio", task))[1] == [((3, 5), "协同", (0, 2))]

    def test_offsets_in_utf16_units_are_put_right(self) -> None:
        found = draft("label-studio", self.task("🌿𠮷药与乙药", (2, 5, "𠮷药"), (6, 8, "乙药")))
        assert said(found)[0] == {(1, 3, "药物"), (4, 6, "药物")}
        assert [note.code for note in found.notes] == ["offsets_corrected"]

    def test_offsets_in_code_points_stay(self) -> None:
        found = draft("label-studio", self.task("🌿𠮷药与乙药", (1, 3, "𠮷药"), (4, 6, "乙药")))
        assert said(found)[0] == {(1, 3, "药物"), (4, 6, "药物")}
        assert not found.notes

    def test_the_first_annotation_that_was_not_cancelled_is_taken(self) -> None:
        whole = json.loads(self.task(TEXT, (0, 2, "甲药"), (3, 5, "乙药")))
        kept = whole[0]["annotations"][0]
        whole[0]["annotations"] = [{"result": [], "was_cancelled": True}, kept, {"result": []}]
        found = draft("label-studio", json.dumps(whole))
        assert said(found) == TRIPLE
        assert [note.code for note in found.notes] == ["more_annotations"]

    def test_predictions_are_suggestions(self) -> None:
        whole = json.loads(self.task(TEXT, (0, 2, "甲药"), (3, 5, "乙药")))
        result = whole[0]["annotations"][0]["result"]
        result[0]["score"] = 0.25
        whole[0]["predictions"] = [{"result": result, "score": 0.5}]
        whole[0]["annotations"] = []
        found = draft("label-studio", json.dumps(whole), labels="suggestions")
        assert said(found) == TRIPLE
        assert found.confidences is not None
        assert found.confidences.entities == (0.25, 1.0)

    def test_the_short_form_is_refused_with_what_to_do(self) -> None:
        short = json.dumps([{"text": TEXT, "label": [{"start": 0, "end": 2, "labels": ["药物"]}]}])
        assert code("label-studio", short) == "wrong_format"


class TestBrat:
    """brat's standoff files."""

    ANN = "T1\t药物 0 2\t甲药\nT2\t药物 3 5\t乙药\nR1\t协同 Arg1:T1 Arg2:T2\t\n"

    def test_a_pair_of_files(self) -> None:
        found = draft("brat", zipped({"a/1.txt": TEXT, "a/1.ann": self.ANN}))
        assert said(found) == TRIPLE
        assert found.document == "1"

    def test_lines_are_sentences_and_relations_stay_within_them(self) -> None:
        ann = self.ANN + "T3\t药物 8 10\t丙药\nR2\t协同 Arg1:T3 Arg2:T1\n#1\tNote T1\t?\n"
        first, second = drafts("brat", zipped({"x.txt": f"{TEXT}\n丙药慎用\n", "x.ann": ann}))
        assert isinstance(first, Draft)
        assert isinstance(second, Draft)
        assert said(first) == TRIPLE
        assert said(second) == ({(0, 2, "药物")}, [])
        assert {note.code for note in second.notes} == {"relation_across_lines", "left_out"}

    @pytest.mark.parametrize(
        ("ann", "expected"),
        [
            ("T1\t药物 0 1;3 4\t甲乙\n", "discontinuous_span"),
            ("T1\t药物 0 200\t甲\n", "span_outside_text"),
            ("R1\t协同\n", "unreadable_line"),
            ("T1 药物\n", "unreadable_line"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, ann: str, expected: str) -> None:
        assert code("brat", zipped({"1.txt": TEXT, "1.ann": ann})) == expected

    def test_types_are_written_as_brat_allows_them_and_shown_as_they_are(self) -> None:
        with zipfile.ZipFile(io.BytesIO(written("brat", EXAMPLE))) as archive:
            ann = archive.read("00000001.ann").decode()
            conf, visual = (
                archive.read(f"{one}.conf").decode() for one in ("annotation", "visual")
            )
        coded = f"x{'药物'.encode().hex().upper()}"
        assert ann.splitlines()[0] == f"T1\t{coded} 0 2\t甲药"
        assert f"{coded} | 药物" in visual
        assert "\nDrug\n" in conf

    def test_a_zip_without_standoff_files_has_no_format(self) -> None:
        with pytest.raises(FileError) as caught:
            detect(open_source(io.BytesIO(zipped({"readme.md": "x"}))))
        assert caught.value.code == "unknown_archive"


class TestConll:
    """Token files: the five columns of multi-head selection, BIO, BIOES."""

    MULTI = (
        "#doc 17\n0\t甲\tB-药物\t['N']\t[0]\n1\t药\tI-药物\t['协同']\t[4]\n2\t与\tO\t['N']\t[2]\n"
        "3\t乙\tB-药物\t['N']\t[3]\n4\t药\tI-药物\t['N']\t[4]\n5\t合\tO\t['N']\t[5]\n"
        "6\t用\tO\t['N']\t[6]\n"
    )

    def test_relations_join_last_tokens(self) -> None:
        found = draft("conll", self.MULTI)
        assert (found.text, found.id) == (TEXT, "17")
        assert said(found) == TRIPLE

    def test_plain_tags_of_both_schemes(self) -> None:
        words = zip(TEXT, ["B", "E", "O", "B", "E", "O", "O"], strict=True)
        lines = [f"{word} {tag if tag == 'O' else f'{tag}-药物'}" for word, tag in words]
        english = ["ACE\tS-Drug", "inhibitors\tO", "", "aspirin\tB-Drug", "tablets\tI-Drug"]
        first, second, third = drafts("conll", "\n".join([*lines, "", *english]))
        assert isinstance(first, Draft)
        assert isinstance(second, Draft)
        assert isinstance(third, Draft)
        assert (first.text, said(first)) == (TEXT, (TRIPLE[0], []))
        assert (second.text, said(second)[0]) == ("ACE inhibitors", {(0, 3, "Drug")})
        assert said(third)[0] == {(0, 15, "Drug")}

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("甲\tQ-药物", "unknown_tag"),
            ("0\t甲\tB-药物\t['协同']\t[9]", "unknown_end"),
            ("0\t甲\tB-药物\t['协同', 'N']\t[0]", "wrong_columns"),
            ("甲", "wrong_columns"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, line: str, expected: str) -> None:
        assert code("conll", line) == expected

    def test_overlapping_entities_are_refused_before_a_byte_is_sent(
        self,
        api: Api,
        reviewer: User,
        project: Project,
        add_sentences: AddSentences,
        tmp_path: Path,
    ) -> None:
        nested = Graph((Entity(0, 5, "药物"), Entity(3, 5, "药物")))
        add_sentences(project, [TEXT, "丙药"], gold={0: nested, 1: Graph((Entity(0, 2, "药物"),))})
        for rest in ("export/", "export/check/"):
            address = f"/api/v1/projects/{project.pk}/{rest}?format=conll"
            refused = api(reviewer).get(address)
            assert (refused.status_code, refused.json()["code"]) == (422, "labels_do_not_fit")
            assert refused.json()["context"]["count"] == 1
            assert len(refused.json()["context"]["sentences"]) == 1
        out = tmp_path / "out.conll"
        with pytest.raises(CommandError, match="overlap"):
            call_command("export", project.pk, format="conll", out=out)
        assert not out.exists()
        fits = api(reviewer).get(f"/api/v1/projects/{project.pk}/export/check/?format=brat")
        assert fits.status_code == 204


class TestSpert:
    """SpERT's sets: tokens joined by blanks."""

    def test_tokens_without_a_text(self) -> None:
        item = {
            "tokens": ["ACE", "inhibitors", "enhance", "insulin"],
            "entities": [
                {"type": "Drug", "start": 0, "end": 2},
                {"type": "Drug", "start": 3, "end": 4},
            ],
            "relations": [{"type": "协同", "head": 0, "tail": 1}],
            "orig_id": -77,
        }
        found = draft("spert", json.dumps([item]))
        assert (found.text, found.id) == ("ACE inhibitors enhance insulin", "-77")
        assert said(found) == (
            {(0, 14, "Drug"), (23, 30, "Drug")},
            [((0, 14), "协同", (23, 30))],
        )

    def test_tokens_that_do_not_spell_the_text_are_refused(self) -> None:
        item = {"tokens": ["甲", "乙"], "text": "甲丙", "entities": [], "relations": []}
        assert code("spert", json.dumps([item])) == "tokens_differ"


class TestDuie:
    """DuIE 2.0's complex objects."""

    TRIPLE = {
        "predicate": "协同",
        "subject": "甲药",
        "subject_type": "药物",
        "object": {"@value": "乙药", "onDose": "合用", "inPlace": ""},
        "object_type": {"@value": "药物", "onDose": "Drug", "inPlace": "Drug"},
    }

    def test_each_part_is_a_relation_of_its_own(self) -> None:
        line = json.dumps({"text": TEXT, "spo_list": [self.TRIPLE]})
        assert said(draft("duie", line))[1] == [
            ((0, 2), "协同", (3, 5)),
            ((0, 2), "协同_onDose", (5, 7)),
        ]
        assert detect(open_source(io.BytesIO(line.encode()))) == "duie"

    def test_parts_go_back_to_their_object(self) -> None:
        graph = Graph(
            (Entity(0, 2, "药物"), Entity(3, 5, "药物"), Entity(5, 7, "Drug")),
            (Relation(0, 1, "协同"), Relation(0, 2, "协同_onDose"), Relation(1, 2, "相近_x")),
        )
        line = json.loads(written("duie", Example("1", TEXT, graph)))
        first, second = line["spo_list"]
        assert first["object"] == {"@value": "乙药", "onDose": "合用"}
        assert first["object_type"] == {"@value": "药物", "onDose": "Drug"}
        assert second["predicate"] == "相近_x"  # there is no object that it could go to


class TestTriples:
    """Tables for people with a spreadsheet."""

    def test_strings_are_enough(self) -> None:
        rows = "text,head,head_type,predicate,tail,tail_type\n"
        assert said(draft("triples-csv", f"{rows}{TEXT},甲药,药物,协同,乙药,药物\n")) == TRIPLE

    def test_an_offset_that_does_not_fit_its_string_is_refused(self) -> None:
        raw = written("triples-csv", EXAMPLE).decode().replace(",0,2,", ",1,3,")
        assert code("triples-csv", raw) == "string_not_found"

    @pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "'=1", "'"])
    def test_no_cell_is_a_formula_and_none_is_changed(self, start: str) -> None:
        text = f"{start}与乙药"
        example = Example(start, text, Graph((Entity(0, len(start), "药物"),)))
        raw = written("triples-csv", example).decode("utf-8-sig")
        cells = raw.splitlines()[1].replace('"', "").split(",")
        assert not any(cell[:1] in "=+-@" for cell in cells if cell)
        found = draft("triples-csv", raw)
        assert (found.id, found.text) == (start, text)
        assert said(found)[0] == {(0, len(start), "药物")}

    def test_codes_stand_beside_the_ends(self) -> None:
        codes = {("甲药", "药物"): Code("D001", "甲药"), ("乙药", "药物"): Code("D002", "乙药片")}
        raw = written("triples-csv", EXAMPLE, codes=codes).decode("utf-8-sig")
        assert raw.splitlines()[1].endswith(",D001,D002")

    def test_a_workbook_holds_text_and_never_a_formula(self) -> None:
        example = Example("=1", "=1+\x07_x0041_", Graph((Entity(0, 2, "药物"),)))
        raw = written("xlsx", example)
        sheet: Any = load_workbook(io.BytesIO(raw)).active
        assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}
        found = draft("xlsx", raw)
        assert (found.id, found.text) == (example.id, example.text)

    def test_a_formula_that_comes_is_refused_and_numbers_are_text(self) -> None:
        raw = workbook([["text", "id"], [TEXT, 7.0], ["=1+1", 8], [3.5, None]])
        first, second, third = drafts("xlsx", raw)
        assert isinstance(first, Draft)
        assert isinstance(second, LineError)
        assert isinstance(third, Draft)
        assert (first.text, first.id, second.code, third.text) == (TEXT, "7", "formula", "3.5")

    def test_inserts_in_a_workbook(self, project: Project, bring: Bring) -> None:
        raw = workbook(
            [["药名", "章节", "内容"], ["甲药片", "药物相互作用", "1.与乙药合用。2.避免饮酒。"]]
        )
        report = bring(project, raw, format="inserts")
        assert (report["state"], report["accepted"]) == ("done", 2)


@pytest.mark.parametrize(
    ("name", "make", "expected"),
    [
        ("native", lambda: zipped({"a.txt": "x"}), "is_archive"),
        ("brat", lambda: b"text", "not_an_archive"),
        ("xlsx", lambda: b"text", "not_a_workbook"),
        ("xlsx", lambda: zipped({"a.txt": "x"}), "not_a_workbook"),
        ("brat", lambda: zipped({"a.txt": "x" * 4_000_000}), "archive_too_large"),
        ("brat", lambda: zipped({"a.txt": "x"})[:-30], "unreadable_archive"),
    ],
)
def test_a_container_that_is_none_ends_the_import(
    name: str, make: Callable[[], bytes], expected: str, project: Project, bring: Bring
) -> None:
    report = bring(project, make(), format=name)
    assert (report["state"], report["error"]["code"]) == ("failed", expected)
