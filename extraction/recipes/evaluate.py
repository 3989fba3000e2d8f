"""Evaluating a checkpoint on labelled data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from extraction.data.native import read_native
from extraction.data.schema_file import read_schema
from extraction.errors import ExtractionError
from extraction.evaluation.report import evaluate
from extraction.recipes.predict import load


def evaluate_file(
    checkpoint: Path, source: Path, *, schema_file: Path | None = None, device: str = "auto"
) -> dict[str, Any]:
    """The whole report of a checkpoint on a native file."""
    schema = read_schema(schema_file) if schema_file else None
    examples = read_native(source)
    if not examples:
        raise ExtractionError(
            "empty_data",
            f"{source} holds no sentence; evaluate on labelled native lines",
            {"file": str(source)},
        )
    predictor = load(checkpoint, device=device)
    said = predictor.predict([example.text for example in examples], schema=schema)
    symmetric = (schema or predictor.schema).symmetric
    return evaluate(examples, [one.graph() for one in said], symmetric)
