"""Native data: what is read, and how bad lines are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.data.native import (
    TEXT_LIMIT,
    LineError,
    parse_line,
    read_native,
    read_predictions,
    write_predictions,
)
from extraction.errors import ExtractionError
from extraction.types import (
    Candidate,
    Entity,
    Example,
    Graph,
    Prediction,
    Relation,
    ScoredEntity,
    ScoredRelation,
)
from tests.extraction.corpus import corpus, write_native

LINE: dict[str, Any] = {
    "id": "s1",
    "text": "𠮷药与👍药",
    "entities": [
        {"start": 0, "end": 2, "type": "药物"},
        {"start": 3, "end": 5, "type": "药物"},
    ],
    "relations": [{"head": 1, "tail": 0, "type": "协同"}],
    "negatives": [{"head": 0, "tail": 1}],
    "meta": {"source": "test"},
}


def refusal(path: Path, content: bytes) -> ExtractionError:
    path.write_bytes(content)
    with pytest.raises(ExtractionError) as caught:
        read_native(path)
    return caught.value


def changed(**fields: Any) -> bytes:
    return json.dumps({**LINE, **fields}, ensure_ascii=False).encode()


def test_a_whole_line_is_read_in_code_points() -> None:
    one = parse_line(changed(), default_id="1")
    assert one == Example(
        "s1",
        "𠮷药与👍药",
        Graph((Entity(0, 2, "药物"), Entity(3, 5, "药物")), (Relation(1, 0, "协同"),), ((0, 1),)),
        {"source": "test"},
    )
    assert [one.text[e.start : e.end] for e in one.graph.entities] == ["𠮷药", "👍药"]


def test_a_line_with_text_alone_is_enough() -> None:
    one = parse_line(b'{"text": "abc"}', default_id="7")
    assert (one.id, one.graph) == ("7", Graph())


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    examples = corpus()
    assert read_native(write_native(tmp_path / "a.jsonl", examples)) == examples


def test_a_byte_order_mark_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + changed() + b"\r\n\n")
    assert len(read_native(path)) == 1


@pytest.mark.parametrize(
    ("content", "field", "words"),
    [
        (b"{", "line", "not JSON"),
        (b"\xff{}", "line", "not UTF-8"),
        (b"[1]", "line", "no object"),
        (b'{"text": "a", "text": "b"}', "line", "twice"),
        (b'{"text": ' + b"[" * 100_000, "line", "nested too deeply"),
        (b'{"id": "x"}', "text", "missing"),
        (b'{"text": " "}', "text", "empty"),
        (b'{"text": 3}', "text", "no text"),
        (b'{"text": "a\\u0000b"}', "text", "NUL at 1"),
        (b'{"text": "a\\ud800"}', "text", "surrogate"),
        (changed(text="长" * (TEXT_LIMIT + 1)), "text", "cut it into sentences"),
        (changed(id=True), "id", "use a text"),
        (changed(entities={}), "entities", "no list"),
        (changed(entities=[3]), "entities[0]", "no object"),
        (
            changed(entities=[{"start": 0, "end": 6, "type": "药物"}]),
            "entities[0]",
            "does not lie inside the text of 5 characters",
        ),
        (changed(entities=[{"start": 2, "end": 2, "type": "x"}]), "entities[0]", "[2, 2)"),
        (changed(entities=[{"start": -1, "end": 2, "type": "x"}]), "entities[0]", "[-1, 2)"),
        (changed(entities=[{"start": 1.0, "end": 2}]), "entities[0].start", "whole number"),
        (changed(entities=[{"start": True, "end": 2}]), "entities[0].start", "whole number"),
        (changed(entities=[{"start": 0, "end": 2}]), "entities[0].type", "missing"),
        (changed(relations=[{"head": 0, "tail": 2, "type": "x"}]), "relations[0].tail", "is 2"),
        (changed(relations=[{"head": 1, "tail": 1, "type": "x"}]), "relations[0]", "itself"),
        (changed(relations=[{"head": 1, "tail": 0}]), "relations[0].type", "missing"),
        (changed(negatives=[{"head": 1}]), "negatives[0].tail", "missing"),
    ],
)
def test_a_bad_line_is_refused_by_file_line_field_and_remedy(
    tmp_path: Path, content: bytes, field: str, words: str
) -> None:
    path = tmp_path / "bad.jsonl"
    error = refusal(path, b'{"text": "good"}\n' + content + b"\n")
    assert error.code == "bad_data"
    assert f"{path}, line 2, {field}: " in error.message
    assert words in error.message
    assert error.context["problems"][0]["field"] == field


def test_all_bad_lines_are_counted(tmp_path: Path) -> None:
    error = refusal(tmp_path / "bad.jsonl", b'{}\n{"text": "good"}\n{}\n')
    assert error.context["count"] == 2
    assert "1 more" in error.message


def test_an_id_used_twice_is_refused_unless_the_reader_does_not_mind(tmp_path: Path) -> None:
    path = tmp_path / "twice.jsonl"
    error = refusal(path, changed() + b"\n" + changed())
    assert "line 2, id: 's1' was used in line 1 already" in error.message
    assert len(read_native(path, may_repeat_ids=True)) == 2


def test_a_file_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ExtractionError, match="cannot be read") as caught:
        read_native(tmp_path / "none.jsonl")
    assert caught.value.code == "unreadable_file"


@given(st.binary(max_size=200))
def test_no_bytes_whatsoever_break_the_reader(content: bytes) -> None:
    refused = False
    try:
        parse_line(content, default_id="1")
    except LineError:
        refused = True
    assert refused or json.loads(content)["text"]


def test_predictions_are_native_lines_with_confidence_and_score(tmp_path: Path) -> None:
    one = corpus()[0]
    said = Prediction(
        (ScoredEntity(0, 3, "药物", 0.9), ScoredEntity(5, 7, "药物", 0.8)),
        (ScoredRelation(1, 0, "协同", 0.5),),
    )
    path = tmp_path / "deep" / "p.jsonl"
    write_predictions(path, [one], [said], [0.25])
    plain = json.loads(path.read_text(encoding="utf-8"))
    assert plain == {
        "id": one.id,
        "text": one.text,
        "entities": [
            {"start": 0, "end": 3, "type": "药物", "confidence": 0.9},
            {"start": 5, "end": 7, "type": "药物", "confidence": 0.8},
        ],
        "relations": [{"head": 1, "tail": 0, "type": "协同", "confidence": 0.5}],
        "score": 0.25,
    }
    assert read_native(path)[0].graph == said.graph()


def test_a_whole_record_comes_back_with_what_was_weighed(tmp_path: Path) -> None:
    said = Prediction(
        (ScoredEntity(0, 3, "药物", 0.9), ScoredEntity(5, 7, "药物", 0.8)),
        (ScoredRelation(1, 0, "协同", 0.5),),
        (Candidate("entity", "药物", 0.25, (8, 9)),),
        (Candidate("relation", "相加", 0.125, (5, 7), (0, 3)),),
    )
    path = tmp_path / "p.jsonl"
    write_predictions(path, corpus()[:2], [said, Prediction()], [0.25, 0.0], is_whole=True)
    ids = [one.id for one in corpus()[:2]]
    assert list(read_predictions(path)) == list(zip(ids, (said, Prediction()), strict=True))
    write_predictions(path, corpus()[:1], [said], [0.25])
    ((_, plain),) = read_predictions(path)
    assert (plain.graph(), plain.refused, plain.alternatives) == (said.graph(), (), ())
