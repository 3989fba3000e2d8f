"""Native JSONL: labels with offsets, and every way a line can be wrong."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.exchange.formats import READABLE
from annotator.exchange.formats.drafts import FileError, Options
from extraction.types import Entity, Graph, Relation
from tests.annotator.exchange.reading import read_all

DRUG = {"start": 0, "end": 2, "type": "药物"}
DRUGS = [DRUG, {"start": 3, "end": 5, "type": "药物"}]


def native(**line: Any) -> str:
    return json.dumps({"text": "甲药和乙药合用", **line}, ensure_ascii=False)


def related(*ends: int, kind: str = "relations", **more: Any) -> str:
    rows = [
        {"head": head, "tail": tail, "type": "协同", **more}
        for head, tail in zip(ends[::2], ends[1::2], strict=True)
    ]
    return native(entities=DRUGS, **{kind: rows})


def spanned(start: Any, end: Any) -> str:
    return native(entities=[{"start": start, "end": end, "type": "药物"}])


class TestGoodLines:
    """What a line may say."""

    def test_all_of_it(self) -> None:
        line = native(
            id="a",
            entities=DRUGS,
            relations=[{"head": 1, "tail": 0, "type": "协同"}],
            negatives=[{"head": 0, "tail": 1}],
            meta={"document": "说明书", "section": "相互作用", "k": [1]},
            source="book",
        )
        [(_, draft)] = read_all("native", line)
        assert draft.graph == Graph(
            (Entity(0, 2, "药物"), Entity(3, 5, "药物")), (Relation(1, 0, "协同"),), ((0, 1),)
        )
        assert (draft.id, draft.document, draft.section) == ("a", "说明书", "相互作用")
        assert draft.meta == {"k": [1], "source": "book"}

    def test_without_entities_it_is_unlabelled_and_with_none_it_is_labelled(self) -> None:
        [(_, bare), (_, empty)] = read_all("native", native() + "\n" + native(entities=[]))
        assert bare.graph is None
        assert empty.graph == Graph()

    def test_labels_can_be_ignored_however_wrong(self) -> None:
        [(_, draft)] = read_all("native", native(entities="no"), Options(labels="ignore"))
        assert draft.graph is None

    def test_a_number_may_be_an_id(self) -> None:
        [(_, draft)] = read_all("native", native(id=7))
        assert draft.id == "7"

    def test_confidences_come_with_suggestions(self) -> None:
        line = native(
            entities=[{**DRUG, "confidence": 0.25}, DRUGS[1]],
            relations=[{"head": 0, "tail": 1, "type": "协同", "confidence": 1}],
            score=0.75,
        )
        [(_, draft)] = read_all("native", line, Options(labels="suggestions"))
        assert draft.confidences.entities == (0.25, 1.0)
        assert draft.confidences.relations == (1.0,)
        assert draft.confidences.score == 0.75

    def test_what_stands_twice_is_taken_once_with_a_note(self) -> None:
        rows = [{"head": h, "tail": t, "type": "协同"} for h, t in ((0, 2), (1, 2), (2, 0))]
        line = native(entities=[DRUG, DRUG, DRUGS[1]], relations=rows)
        [(_, directed)] = read_all("native", line)
        [(_, symmetric)] = read_all("native", line, Options(symmetric=frozenset({"协同"})))
        assert len(directed.graph.entities) == 2
        assert directed.graph.relations == (Relation(0, 1, "协同"), Relation(1, 0, "协同"))
        assert symmetric.graph.relations == (Relation(0, 1, "协同"),)
        assert [note.code for note in directed.notes] == ["repeated_label"]


BAD_JSON = [
    ("[1]", "wrong_type"),
    ('{"text": "x"} extra', "unreadable_json"),
    ('{"text": "x", "text": "y"}', "duplicate_key"),
    ('{"text": "x", "a": NaN}', "unreadable_json"),
    ('{"text": "x", "a": 1e999}', "wrong_type"),
    ('{"text": "x", "a": ' + "9" * 5000 + "}", "unreadable_json"),
    ('{"text": "x", "a": ' + "[" * 40 + "]" * 40 + "}", "too_deep"),
    ('{"text": "x", "a": ' + "[" * 9999 + "]" * 9999 + "}", "too_deep"),
    ('{"text": "x\\u0000"}', "forbidden_character"),
    ('{"text": "x\\ud800"}', "forbidden_character"),
    ('{"text": "x", "a": {"\\udfff": 1}}', "forbidden_character"),
]
BAD_FIELDS = [
    ('{"text": ""}', "empty_text"),
    ('{"text": "  "}', "empty_text"),
    ('{"text": 3}', "wrong_type"),
    ('{"id": "a"}', "missing_field"),
    (native(id=[1]), "wrong_type"),
    (native(id="x" * 201), "id_too_long"),
    (native(meta=3), "wrong_type"),
    (native(spo_list=[]), "wrong_format"),
    (native(meta={"a": "x" * 30_000}), "meta_too_large"),
    (native(meta={"document": "x" * 301}), "name_too_long"),
]
BAD_LABELS = [
    (native(entities={}), "wrong_type"),
    (native(entities=[1]), "wrong_type"),
    (spanned(0, 99), "span_outside_text"),
    (spanned(2, 2), "span_outside_text"),
    (spanned(-1, 2), "span_outside_text"),
    (spanned(0.0, 2), "wrong_type"),
    (spanned(True, 2), "wrong_type"),  # noqa: FBT003 - JSON has it
    (native(entities=[{"start": 0, "end": 2}]), "wrong_type"),
    (native(entities=[DRUG] * 2001), "too_many"),
    (related(0, 2), "unknown_end"),
    (related(-1, 0), "unknown_end"),
    (related(0, 0), "unknown_end"),
    (related(0, 1, type=None), "wrong_type"),
    (related(0, 5, kind="negatives"), "unknown_end"),
]


@pytest.mark.parametrize(("line", "code"), [*BAD_JSON, *BAD_FIELDS, *BAD_LABELS])
def test_a_bad_line_is_refused_with_its_code_and_the_next_is_read(line: str, code: str) -> None:
    found = read_all("native", f"{line}\n{native(id='good')}\n")
    assert found[0] == (1, code)
    assert (found[1][0], found[1][1].id) == (2, "good")


def test_a_half_written_last_line_is_told_from_a_broken_one() -> None:
    half = native(id="b")[:-9]
    assert read_all("native", f"{native(id='a')}\n{half}")[1] == (2, "half_written")
    assert read_all("native", f"{native(id='a')}\n{half}\n")[1] == (2, "unreadable_json")


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_no_file_brings_a_reader_down(raw: str | bytes) -> None:
    plain = raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass")
    for name in READABLE:
        with suppress(FileError):
            read_all(name, plain)
