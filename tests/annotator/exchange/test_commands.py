"""`manage.py import_file` and `manage.py export`."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from annotator.core.models import Job
from annotator.corpus.models import Sentence
from annotator.projects.models import Project

LINE = (
    '{"id": "a", "text": "甲药片", "entities": [{"start": 0, "end": 2, "type": "药物"}],'
    ' "relations": []}\n'
)


def run(name: str, *words: Any, **options: Any) -> str:
    out = io.StringIO()
    call_command(name, *map(str, words), stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def test_a_file_goes_in_and_comes_out_the_same(project: Project, tmp_path: Path) -> None:
    given, taken = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    given.write_text(LINE + "{\n", encoding="utf-8")
    printed = run("import_file", project.pk, given)
    assert "line 2: unreadable_json" in printed
    assert "native: 1 accepted, 1 refused, 0 duplicates" in printed
    assert Job.objects.get().state == "done"
    run("export", project.pk, "--out", taken)
    assert taken.read_text(encoding="utf-8") == LINE
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []


def test_the_export_goes_to_standard_output(
    project: Project, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(LINE, encoding="utf-8")
    run("import_file", project.pk, path)
    capfdbinary.readouterr()
    call_command("export", str(project.pk), "--format", "ch-ddi")
    assert capfdbinary.readouterr().out.decode() == '{"text": "甲药片", "spo_list": []}\n'


def test_split_and_labels_are_taken_from_the_command_line(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(LINE, encoding="utf-8")
    run("import_file", project.pk, path, "--labels", "ignore", "--split", "holdout")
    sentence = Sentence.objects.get()
    assert (sentence.state, sentence.split) == ("pending", "holdout")


@pytest.mark.parametrize("content", [b"", b"\xe9\xe0\xfc bad \xe9\xe8\n" * 3])
def test_what_cannot_be_imported_is_said_with_an_exit_code(
    project: Project, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "in.txt"
    path.write_bytes(content)
    with pytest.raises(CommandError):
        run("import_file", project.pk, path)


def test_what_is_not_there_is_named(project: Project, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no file"):
        run("import_file", project.pk, tmp_path / "none")
    with pytest.raises(CommandError, match="There is no project"):
        run("export", 10**6)
    with pytest.raises(CommandError, match="There is no project"):
        run("import_file", 10**6, tmp_path)
