"""Bring sentences in with the predictions of a model of your own, as suggestions.

    RELATA_TOKEN=… python pre_annotate.py http://127.0.0.1:8000 7 sentences.txt

Put your model into `predict`. What stands there now knows a few drugs and one turn of phrase.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from relata_client import Relata, RelataError

DRUGS = ("华法林", "阿司匹林", "利福平", "地高辛", "呋塞米", "胺碘酮")
CUES = {"减弱": ("拮抗", 0.7), "加重": ("协同", 0.6), "升高": ("促进", 0.55)}


def predict(text: str) -> dict[str, Any]:
    """Return what a model sees in a sentence: offsets in code points, and how sure it is."""
    entities = [
        {"start": text.find(drug), "end": text.find(drug) + len(drug), "type": "药物",
         "confidence": 0.95}
        for drug in DRUGS if drug in text
    ]  # fmt: skip
    entities.sort(key=lambda one: one["start"])  # type: ignore[arg-type, return-value]
    relations = [
        {"head": 0, "tail": 1, "type": kind, "confidence": chance}
        for cue, (kind, chance) in CUES.items()
        if cue in text and len(entities) > 1
    ]
    return {"entities": entities, "relations": relations[:1]}


def write_native(sentences: list[str], path: Path) -> None:
    """Write one JSON object a line; `head` and `tail` are places in `entities`."""
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(sentences, 1):
            line = {"id": f"sentence-{number}", "text": text, **predict(text)}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def main() -> int:
    """Predict, import, and say what was refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("project", type=int)
    parser.add_argument("sentences", type=Path, help="one sentence a line")
    asked = parser.parse_args()
    lines = asked.sentences.read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "predicted.jsonl"
        write_native([line.strip() for line in lines if line.strip()], path)
        try:
            with Relata(asked.url, os.environ["RELATA_TOKEN"]) as relata:
                report = relata.import_file(
                    asked.project, path, format="native", labels="suggestions", split="pool"
                )
        except RelataError as error:
            print(error, file=sys.stderr)
            return 1
    print(f"{report.accepted} accepted, {report.duplicates} known, {report.refused} refused")
    for problem in report.problems:
        print(f"  line {problem.line}: {problem.code}: {problem.message}")
    return 1 if report.refused else 0


if __name__ == "__main__":
    sys.exit(main())
