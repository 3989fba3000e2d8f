"""The CH-DDI forms: strings that must be found, arrays that are cut while they are read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.exchange.formats.array import Cutter
from annotator.exchange.formats.drafts import MAX_LINE_BYTES, FileError, Options, Piece
from extraction.types import Entity, Graph, Relation
from tests.annotator.exchange.reading import read_all, texts


def triple(subject: str, object_: str, predicate: str = "协同") -> dict[str, Any]:
    return {
        "predicate": predicate,
        "subject": subject,
        "subject_type": "药物",
        "object": {"@value": object_},
        "object_type": {"@value": "药物"},
    }


def ch_ddi(text: str, *triples: dict[str, Any]) -> str:
    return json.dumps({"text": text, "spo_list": triples}, ensure_ascii=False)


def read_one(text: str, *triples: dict[str, Any], symmetric: frozenset[str] = frozenset()) -> Any:
    [(_, draft)] = read_all("ch-ddi", ch_ddi(text, *triples), Options(symmetric=symmetric))
    return draft


class TestStrings:
    """Where a string is found."""

    def test_the_example_of_the_paper(self) -> None:
        draft = read_one("布美他尼片@与多巴胺合用,利尿作用加强", triple("多巴胺", "布美他尼片"))
        assert draft.graph == Graph(
            (Entity(0, 5, "药物"), Entity(7, 10, "药物")), (Relation(1, 0, "协同"),)
        )
        assert draft.notes == ()

    def test_a_string_inside_a_longer_one_is_found_elsewhere(self) -> None:
        text = "美多芭片@美多芭与美多合用"
        draft = read_one(text, triple("美多", "美多芭片"))
        assert [text[e.start : e.end] for e in draft.graph.entities] == ["美多芭片", "美多"]
        assert draft.graph.entities[1].start == 5

    def test_a_string_that_occurs_again_is_noted_with_its_places(self) -> None:
        draft = read_one("甲药乙药甲药乙药", triple("甲药", "乙药"))
        assert [(note.code, note.message) for note in draft.notes] == [
            ("ambiguous_string", "“乙药” occurs 2 times, at 2, 6; taken: 2"),
            ("ambiguous_string", "“甲药” occurs 2 times, at 0, 4; taken: 0"),
        ]

    def test_a_drug_related_to_its_like_takes_two_places(self) -> None:
        draft = read_one("甲药与甲药合用", triple("甲药", "甲药"))
        assert [(e.start, e.end) for e in draft.graph.entities] == [(0, 2), (3, 5)]
        assert draft.graph.relations == (Relation(0, 1, "协同"),)

    def test_a_repeated_triple_is_taken_once(self) -> None:
        draft = read_one("甲药乙药", *[triple("甲药", "乙药")] * 3)
        assert len(draft.graph.relations) == 1
        assert [note.code for note in draft.notes] == ["repeated_triple"]

    def test_a_relation_without_direction_is_the_same_both_ways(self) -> None:
        both = (triple("甲药", "乙药"), triple("乙药", "甲药"))
        assert len(read_one("甲药乙药", *both).graph.relations) == 2
        symmetric = read_one("甲药乙药", *both, symmetric=frozenset({"协同"}))
        assert len(symmetric.graph.relations) == 1

    def test_the_older_form_with_plain_objects_is_read(self) -> None:
        old = {**triple("甲药", "x"), "object": "乙药", "object_type": "药物"}
        assert len(read_one("甲药乙药", old).graph.relations) == 1

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            (ch_ddi("甲药乙药", triple("丙药", "乙药")), "string_not_found"),
            (ch_ddi("甲药乙药", triple("甲药", "甲药")), "unknown_end"),
            (ch_ddi("甲药乙药", {"predicate": "协同"}), "wrong_type"),
            (ch_ddi("甲药", {**triple("甲药", "x"), "object": {"inWork": "书"}}), "complex_object"),
            ('{"text": "x", "spo_list": 1}', "wrong_type"),
            ('{"text": "x", "entities": []}', "wrong_format"),
        ],
    )
    def test_a_bad_line_is_refused(self, line: str, code: str) -> None:
        assert read_all("ch-ddi", line + "\n") == [(1, code)]


class TestArray:
    """One array, cut while it is read."""

    @pytest.mark.parametrize("indent", [None, 1, 4])
    def test_however_it_is_laid_out(self, indent: int | None) -> None:
        odd = '甲药{}"与[{{乙药\\'
        items = [json.loads(ch_ddi(odd.format(i), triple("甲药", "乙药"))) for i in range(300)]
        raw = "\ufeff \n" + json.dumps(items, ensure_ascii=False, indent=indent) + "\n"
        found = texts("ch-ddi-array", raw)
        assert found == [(i + 1, item["text"]) for i, item in enumerate(items)]

    @given(st.integers(1, 40), st.booleans(), st.lists(st.text(min_size=1, max_size=9), max_size=5))
    def test_wherever_blocks_end(self, size: int, is_ascii: bool, some: list[str]) -> None:  # noqa: FBT001 - drawn
        raw = json.dumps([{"text": one} for one in some], ensure_ascii=is_ascii)
        cutter = Cutter()
        pieces: list[Piece] = []
        for start in range(0, len(raw), size):
            pieces += cutter.feed(raw[start : start + size])
        pieces += cutter.finish()
        assert [json.loads(piece.content)["text"] for piece in pieces] == some

    @pytest.mark.parametrize(
        ("raw", "codes"),
        [
            ("[]", []),
            ("[{},]", ["missing_field"]),
            ('[{"text":"a"},,{"text":"b"}]', ["a", "unreadable_json", "b"]),
            ('[{"text":"a"}, 3, {"text":"b"}]', ["a", "wrong_type", "b"]),
            ('[{"text":"a"}, {"text":"b', ["a", "half_written"]),
            ('[{"text":"a"}, {"text":"b"}', ["a", "b", "half_written"]),
            ('[{"text":"a"},', ["a", "half_written"]),
            ('[{"text":"a"}] {"text":"b"}', ["a", "text_after_end"]),
            ('[{"text":"a"}, {"text": x}, {"text":"b"}]', ["a", "unreadable_json", "b"]),
        ],
    )
    def test_what_is_broken_is_told_and_the_rest_is_read(self, raw: str, codes: list[str]) -> None:
        assert [found.strip("<>") for _, found in texts("ch-ddi-array", raw)] == codes

    def test_a_giant_item_is_refused_by_itself(self) -> None:
        giant = "x" * (MAX_LINE_BYTES + 10)
        raw = json.dumps([{"text": "a"}, {"text": giant}, {"text": "b"}])
        assert texts("ch-ddi-array", raw) == [(1, "a"), (2, "<line_too_long>"), (3, "b")]

    @pytest.mark.parametrize("raw", ['{"text": "a"}', "x [1]", "plain"])
    def test_what_is_no_array_is_refused_as_a_whole(self, raw: str) -> None:
        with pytest.raises(FileError) as caught:
            read_all("ch-ddi-array", raw)
        assert caught.value.code == "not_an_array"
