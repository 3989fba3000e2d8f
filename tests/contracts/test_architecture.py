"""Promises about the whole tree: sizes, doors, forbidden names, and a web process without torch."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("annotator", "extraction", "worker", "launch")
MODULE_LINES = 400
FUNCTION_LINES = 60
PARAMETERS = 6
ATTICS = {"utils", "helpers", "mixins", "signals", "managers", "misc"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def test_no_module_grows_past_its_limit() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in modules()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MODULE_LINES
    }
    assert not long


def test_no_function_grows_past_its_limit() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for path in modules()
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION_LINES
    ]
    assert not long


def test_nine_functions_of_ten_are_short() -> None:
    lengths = sorted(
        (function.end_lineno or 0) - function.lineno + 1
        for path in modules()
        for function in functions(path)
    )
    assert lengths[len(lengths) * 9 // 10] <= 34


def test_there_is_no_attic() -> None:
    assert not [path for path in modules() if path.stem in ATTICS]


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in modules()
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not silent


def test_no_view_goes_past_the_doors() -> None:
    """Objects below a project are reached through its access functions, never by a bare query."""
    past = [
        f"{path.relative_to(ROOT)}: {name}.objects"
        for path in modules()
        if path.name == "api.py" or "api" in path.parts or path.name == "consumers.py"
        for name in ("Project", "Membership", "Sentence", "Annotation", "Run", "ImportJob")
        if f"{name}.objects" in path.read_text(encoding="utf-8")
    ]
    assert not past


@pytest.mark.parametrize(
    ("statement", "stranger"),
    [
        (
            "import django; django.setup(); import annotator.config.urls, annotator.config.asgi",
            "torch",
        ),
        ("import django; django.setup(); import annotator.config.asgi", "boto3"),
        ("import extraction.types, extraction.catalogue, extraction.active.scores", "torch"),
        ("import extraction.evaluation.report", "torch"),
        ("import extraction.recipes.cli", "django"),
    ],
)
def test_a_room_starts_without_the_weight_of_another(statement: str, stranger: str) -> None:
    code = f"import sys; {statement}; sys.exit({stranger!r} in sys.modules)"
    process = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert process.returncode == 0
