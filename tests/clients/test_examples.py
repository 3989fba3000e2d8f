"""The programs of the recipes, run as their readers run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from relata_client import Labels, Relata

from launch import trial
from tests.clients.conftest import CLIENT, OTHER, TEXT, write_lines

pytestmark = pytest.mark.slow

DOCCANO: list[dict[str, Any]] = [
    {
        "id": 31,
        "text": "呋塞米与庆大霉素合用可加重耳毒性。",
        "entities": [
            {"id": 5, "label": "药物", "start_offset": 0, "end_offset": 3},
            {"id": 6, "label": "药物", "start_offset": 4, "end_offset": 8},
            {"id": 7, "label": "不良反应", "start_offset": 13, "end_offset": 16},
            {"id": 8, "label": "部位", "start_offset": 13, "end_offset": 14},
        ],
        "relations": [
            {"id": 1, "from_id": 5, "to_id": 6, "type": "协同"},
            {"id": 2, "from_id": 6, "to_id": 7, "type": "引起"},
        ],
        "Comments": [],
    },
    {"id": 32, "text": "地高辛应空腹服用。", "entities": [], "relations": [], "Comments": ["再看"]},
]


def span(ident: str, start: int, end: int, kind: str) -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": [kind]}
    return {"id": ident, "type": "labels", "from_name": "label", "to_name": "text", "value": value}


ARROW = {"type": "relation", "from_id": "q", "to_id": "p", "direction": "left", "labels": ["拮抗"]}
TASKS: list[dict[str, Any]] = [
    {
        "id": 4,
        "data": {"text": TEXT},
        "annotations": [
            {"was_cancelled": True, "result": []},
            {"result": [span("p", 0, 3, "药物"), span("q", 12, 15, "药物"), ARROW]},
        ],
    }
]


class Readers:
    """Runs the programs with a token."""

    def __init__(self, address: str, token: str) -> None:
        self.address = address
        self.environment = {
            **os.environ,
            "RELATA_TOKEN": token,
            "PYTHONPATH": str(CLIENT / "src"),
        }

    def run(self, name: str, *words: object) -> subprocess.CompletedProcess[str]:
        """Run a program to its end."""
        return subprocess.run(
            [sys.executable, CLIENT / "examples" / name, *map(str, words)],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.fixture
def reader(product: trial.Trial, manager: Relata) -> Readers:
    """The manager, who reads the recipes."""
    return Readers(product.address, manager.api.token)


def test_predictions_of_ones_own_model_become_suggestions(
    reader: Readers, manager: Relata, tmp_path: Path
) -> None:
    project = manager.create_project("Own model").id
    sentences = tmp_path / "sentences.txt"
    sentences.write_text(f"{TEXT}\n\n{OTHER}\n", encoding="utf-8")
    done = reader.run("pre_annotate.py", reader.address, project, sentences)
    assert (done.returncode, done.stdout) == (0, "2 accepted, 0 known, 0 refused\n"), done.stderr
    found = {one.text: manager.sentence(one.id) for one in manager.sentences(project)}
    suggestion = found[TEXT].suggestion
    assert suggestion is not None
    assert [TEXT[one.start : one.end] for one in suggestion.entities] == ["利福平", "华法林"]
    assert [(one.type_, one.confidence) for one in suggestion.relations] == [("拮抗", 0.7)]
    assert found[TEXT].annotation is None


def settle(manager: Relata, project: int) -> None:
    """Submit every sentence, without labels."""
    while leased := manager.next(project):
        manager.save(leased[0].id, Labels(leased[0].text), version=0, action="submit")


def test_gold_is_fetched_whole_or_not_at_all(
    reader: Readers, manager: Relata, project: int, tmp_path: Path
) -> None:
    settle(manager, project)
    gold = tmp_path / "gold.jsonl"
    words = ("nightly_gold.py", reader.address, project, gold)
    first = reader.run(*words)
    assert first.returncode == 0, first.stderr
    kept = gold.read_bytes()
    assert [json.loads(line)["text"] for line in kept.splitlines()] == [TEXT, OTHER]
    manifest = json.loads((tmp_path / "gold.jsonl.manifest.json").read_text(encoding="utf-8"))
    assert manifest["lines"] == 2
    assert reader.run(*words).stdout == "unchanged, 2 lines\n"
    assert reader.run("nightly_gold.py", "--check", gold).returncode == 0

    empty = manager.create_project("Nothing yet").id
    odd = reader.run("nightly_gold.py", reader.address, empty, gold)
    assert (odd.returncode, gold.read_bytes()) == (4, kept), odd.stderr
    refused = reader.run("nightly_gold.py", reader.address, 999_999, gold)
    assert (refused.returncode, gold.read_bytes()) == (1, kept), refused.stderr
    assert {one.name for one in tmp_path.iterdir() if "gold" in one.name} == {
        "gold.jsonl",
        "gold.jsonl.manifest.json",
    }

    gold.write_bytes(kept[:-9])
    assert reader.run("nightly_gold.py", "--check", gold).returncode == 4
    assert reader.run(*words).returncode == 0
    assert gold.read_bytes() == kept


def test_a_project_comes_over_from_doccano(
    reader: Readers, manager: Relata, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "admin.jsonl", *DOCCANO)
    done = reader.run("bring_over.py", reader.address, "doccano", path, "From doccano")
    assert done.returncode == 0, done.stdout + done.stderr
    project = next(one.id for one in manager.projects() if one.name == "From doccano")
    first, second = (json.loads(line) for line in manager.export(project))
    words = [first["text"][one["start"] : one["end"]] for one in first["entities"]]
    assert sorted(words) == sorted(["呋塞米", "庆大霉素", "耳毒性", "耳"])
    assert [(one["head"], one["tail"], one["type"]) for one in first["relations"]] == [
        (0, 1, "协同"),
        (1, 2, "引起"),
    ]
    assert second["entities"] == []
    assert second["meta"] == {"Comments": ["再看"]}
    pairs = {one.name: one.pairs for one in manager.schema(project).relation_types}
    assert pairs == {"协同": [["药物", "药物"]], "引起": [["药物", "不良反应"]]}


def test_a_project_comes_over_from_label_studio(
    reader: Readers, manager: Relata, tmp_path: Path
) -> None:
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps(TASKS, ensure_ascii=False), encoding="utf-8")
    done = reader.run("bring_over.py", reader.address, "label-studio", path, "From Label Studio")
    assert done.returncode == 0, done.stdout + done.stderr
    project = next(one.id for one in manager.projects() if one.name == "From Label Studio")
    (line,) = (json.loads(line) for line in manager.export(project))
    assert [(one["start"], one["end"]) for one in line["entities"]] == [(0, 3), (12, 15)]
    assert line["relations"] == [{"head": 0, "tail": 1, "type": "拮抗"}]
