"""Bring a labelled project over from doccano or Label Studio: first its schema, then its labels.

    RELATA_TOKEN=… python bring_over.py http://127.0.0.1:8000 doccano admin.jsonl "Drug labels"
    RELATA_TOKEN=… python bring_over.py http://127.0.0.1:8000 label-studio tasks.json "Drug labels"

A new project is made whose schema allows exactly what the file has. Look at it before people work.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from relata_client import Relata, RelataError

COLORS = ("#2f6fab", "#b3541e", "#2e7d5b", "#8e44ad", "#a83250", "#5d6d1e", "#00728f", "#7a5c00")
Labels = tuple[dict[Any, str], list[tuple[Any, Any, str]]]  # types by id, relations between ids


def doccano(path: Path) -> Iterator[Labels]:
    """Yield the labels of each line of an export as JSONL with relations."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            kinds = {one["id"]: one["label"] for one in row.get("entities", [])}
            relations = row.get("relations", [])
            yield kinds, [(one["from_id"], one["to_id"], one["type"]) for one in relations]


def label_studio(path: Path) -> Iterator[Labels]:
    """Yield the labels of each task of an export as JSON, as far as they are taken."""
    for task in json.loads(path.read_text(encoding="utf-8")):
        done = [one for one in task.get("annotations", []) if not one.get("was_cancelled")]
        result = done[0]["result"] if done else []
        kinds = {one["id"]: one["value"]["labels"][0] for one in result if one["type"] == "labels"}
        yield kinds, list(_arrows(one for one in result if one["type"] == "relation"))


def _arrows(relations: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Any, Any, str]]:
    for one in relations:
        ends = (one["from_id"], one["to_id"])
        head, tail = ends[::-1] if one.get("direction") == "left" else ends
        for kind in one.get("labels", [])[:1]:
            yield head, tail, kind


READERS = {"doccano": doccano, "label-studio": label_studio}


def schema_of(rows: Iterable[Labels]) -> dict[str, Any]:
    """Return a schema with the types that occur, and for relations the pairs that occur."""
    entities: set[str] = set()
    pairs: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for kinds, relations in rows:
        entities.update(kinds.values())
        for head, tail, kind in relations:
            if head in kinds and tail in kinds:
                pairs[kind].add((kinds[head], kinds[tail]))
    return {
        "entity_types": [_look(name, place) for place, name in enumerate(sorted(entities))],
        "relation_types": [
            {
                **_look(name, place + len(entities)),
                "symmetric": False,
                "pairs": [list(pair) for pair in sorted(pairs[name])],
            }
            for place, name in enumerate(sorted(pairs))
        ],
    }


def _look(name: str, place: int) -> dict[str, str]:
    return {"name": name, "label": name, "color": COLORS[place % len(COLORS)], "key": ""}


def main() -> int:
    """Make the project, bring the labels, say what was refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("tool", choices=sorted(READERS))
    parser.add_argument("file", type=Path)
    parser.add_argument("name", help="of the new project")
    asked = parser.parse_args()
    schema = schema_of(READERS[asked.tool](asked.file))
    try:
        with Relata(asked.url, os.environ["RELATA_TOKEN"]) as relata:
            project = relata.create_project(asked.name, template="empty")
            relata.replace_schema(project.id, schema)
            report = relata.import_file(project.id, asked.file, format=asked.tool, labels="gold")
    except RelataError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Project {project.id}: {report.accepted} accepted, {report.refused} refused")
    for problem in report.problems:
        print(f"  line {problem.line}: {problem.code}: {problem.message}")
    return 1 if report.refused else 0


if __name__ == "__main__":
    sys.exit(main())
