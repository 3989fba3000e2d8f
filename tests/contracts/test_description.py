"""The published description helps people: summaries, rooms, refusals, examples that are true."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from annotator.config.answers import REFUSALS
from annotator.config.examples import ANSWERS, REQUESTS

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = ROOT / "frontend" / "openapi.json"
FRAMEWORKS = {"permission_denied"}  # codes that Django REST framework chose
MAIN = {  # what the page about the API promises to outside programs
    "auth_token_create",
    "projects_create",
    "projects_schema_update",
    "projects_imports_create",
    "projects_imports_retrieve",
    "projects_next_create",
    "projects_sentences_list",
    "sentences_annotation_retrieve",
    "sentences_annotation_update",
    "projects_runs_create",
    "projects_runs_retrieve",
    "projects_models_list",
    "projects_progress_retrieve",
}
FORMS = {"multipart/form-data"}  # files have no example


@cache
def contract() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(CONTRACT.read_text(encoding="utf-8"))
    return read


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in contract()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def answer(described: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference to a shared answer."""
    name = described.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = contract()["components"]["responses"][name] if name else described
    return found


def media(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Everything with a schema that an operation takes or gives."""
    yield from operation.get("requestBody", {}).get("content", {}).values()
    for described in operation["responses"].values():
        yield from answer(described).get("content", {}).values()


def examples() -> Iterator[Any]:
    for where, operation in operations():
        for described in media(operation):
            for name, example in described.get("examples", {}).items():
                yield pytest.param(described["schema"], example["value"], id=f"{where} {name}")


def test_every_operation_says_what_it_does_and_in_which_room() -> None:
    rooms = {tag["name"] for tag in contract()["tags"]}
    for where, operation in operations():
        assert operation["summary"], where
        assert not operation["summary"].endswith("."), where
        assert set(operation["tags"]) <= rooms, where
    assert all(tag["description"] for tag in contract()["tags"])


def test_the_methods_of_an_address_say_different_things() -> None:
    """A docstring with fewer clauses than methods would say the same of all of them."""
    for path, methods in contract()["paths"].items():
        assert len({one["summary"] for one in methods.values()}) == len(methods), path


def test_every_refusal_has_code_message_and_context() -> None:
    for where, operation in operations():
        refusals = {code: one for code, one in operation["responses"].items() if code >= "400"}
        assert {"400", "503"} <= set(refusals), where
        for code, described in refusals.items():
            whole = answer(described)
            schema = whole["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Error"}, (where, code)
            assert "`" in whole["description"] or code in {"409", "422"}, (where, code)


def test_what_is_said_of_an_operation_is_said_of_one_that_is_there() -> None:
    there = {operation["operationId"] for _, operation in operations()}
    assert {*REFUSALS, *REQUESTS, *ANSWERS} <= there


def test_a_code_that_is_named_is_one_that_the_program_has() -> None:
    named = {
        code
        for refusals in REFUSALS.values()
        for said in refusals.values()
        for code in re.findall(r"`(\w+)`", said)
    }
    source = [path.read_text(encoding="utf-8") for path in (ROOT / "annotator").rglob("*.py")]
    program = "".join(text for text in source if "REFUSALS: Mapping" not in text)
    assert [code for code in sorted(named - FRAMEWORKS) if f'"{code}"' not in program] == []


def test_a_save_says_which_headers_it_wants() -> None:
    save = contract()["paths"]["/api/v1/sentences/{sentence_id}/annotation/"]["put"]
    headers = {one["name"]: one for one in save["parameters"] if one["in"] == "header"}
    assert set(headers) == {"If-Match", "Idempotency-Key"}
    assert all(one["required"] and one["description"] for one in headers.values())
    assert "ETag" in save["responses"]["200"]["headers"]


def test_the_main_operations_have_examples() -> None:
    for where, operation in operations():
        if operation["operationId"] not in MAIN:
            continue
        bodies = operation.get("requestBody", {}).get("content", {})
        wanted = [one for kind, one in bodies.items() if kind not in FORMS]
        done = next(one for code, one in operation["responses"].items() if code < "300")
        assert all(one.get("examples") for one in [*wanted, *done["content"].values()]), where


@pytest.mark.parametrize(("schema", "value"), list(examples()))
def test_an_example_is_as_the_schema_says(schema: dict[str, Any], value: Any) -> None:
    whole = {**schema, "components": contract()["components"]}
    jsonschema_rs.validator_for(whole).validate(value)


def test_the_spans_of_examples_are_words_of_their_sentence() -> None:
    spans = [span for one in examples() for span in spans_of(one.values[1])]
    assert {text[start:end] for text, start, end in spans} == {"利福平", "华法林"}


def spans_of(value: Any) -> Iterator[tuple[str, int, int]]:
    """Find sentences with suggestions in an example."""
    if isinstance(value, list):
        for one in value:
            yield from spans_of(one)
    elif isinstance(value, dict):
        if "text" in value and value.get("suggestion"):
            for entity in value["suggestion"]["entities"]:
                yield value["text"], entity["start"], entity["end"]
        for one in value.values():
            yield from spans_of(one)
