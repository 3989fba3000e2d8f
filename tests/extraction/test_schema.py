"""The schema: what is legal, and how its file is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from extraction.data.schema_file import parse_schema, read_schema, schema_of, schema_record
from extraction.errors import ExtractionError
from extraction.types import RelationRule, Schema
from tests.extraction.corpus import corpus

SCHEMA = Schema(
    ("药物", "疾病"),
    (
        RelationRule("协同", symmetric=True, pairs=(("药物", "疾病"),)),
        RelationRule("治疗", pairs=(("药物", "疾病"),)),
        RelationRule("任意"),
    ),
)


def test_a_directed_pair_is_legal_one_way_and_a_symmetric_one_both_ways() -> None:
    assert SCHEMA.types_for("药物", "疾病") == ("协同", "治疗", "任意")
    assert SCHEMA.types_for("疾病", "药物") == ("协同", "任意")
    assert SCHEMA.types_for("药物", "药物") == ("任意",)
    assert SCHEMA.is_legal("药物", "治疗", "疾病")
    assert not SCHEMA.is_legal("疾病", "治疗", "药物")
    assert SCHEMA.symmetric == {"协同"}


def test_types_that_the_schema_does_not_know_are_never_legal() -> None:
    assert SCHEMA.types_for("药物", "食物") == ()
    assert not SCHEMA.is_legal("药物", "新", "疾病")


def test_a_schema_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(schema_record(SCHEMA)), encoding="utf-8")
    assert read_schema(path) == SCHEMA


def test_the_loosest_schema_is_read_off_the_examples() -> None:
    seen = schema_of(corpus())
    assert seen.entity_types == ("疾病", "药物")
    assert {rule.name for rule in seen.relations} == {"协同", "拮抗", "禁忌", "促进"}
    assert seen.is_legal("疾病", "协同", "疾病")


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        ({}, "entity_types: missing"),
        ({"entity_types": "药物"}, "should be a list"),
        ({"entity_types": ["a", "a"]}, "named twice"),
        ({"entity_types": ["a"], "relation_types": [{"name": "r", "pairs": [["a"]]}]}, "pair"),
        (
            {"entity_types": ["a"], "relation_types": [{"name": "r", "pairs": [["a", "b"]]}]},
            "named",
        ),
        ({"entity_types": ["a"], "relation_types": [{"name": "r"}, {"name": "r"}]}, "twice"),
        ({"entity_types": ["a"], "colour": 1}, "unknown"),
        ([], "should be an object"),
    ],
)
def test_a_bad_schema_is_refused_with_its_reason(plain: Any, words: str) -> None:
    with pytest.raises(ExtractionError, match=words) as caught:
        parse_schema(plain)
    assert caught.value.code == "bad_schema"


def test_a_schema_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text("{", encoding="utf-8")
    for name in ("s.json", "none.json"):
        with pytest.raises(ExtractionError, match="is no schema"):
            read_schema(tmp_path / name)
