"""Evaluating a checkpoint on labelled data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extraction.data.native import read_native
from extraction.data.schema_file import read_schema
from extraction.errors import ExtractionError
from extraction.evaluation.report import evaluate
from extraction.evaluation.significance import DEFAULT_SAMPLING, Sampling
from extraction.evaluation.trust import calibrate
from extraction.recipes.costs import Stopwatch, prediction_costs
from extraction.recipes.predict import PLAINLY, Computing, load, write_said

WARM_UP = 16  # sentences predicted before the clock runs


@dataclass(frozen=True, slots=True)
class Rules:
    """How to compare: with overlaps or without, and how often to resample for intervals."""

    no_overlapping: bool = False
    sampling: Sampling = DEFAULT_SAMPLING


PLAIN = Rules()


def evaluate_file(
    checkpoint: Path,
    source: Path,
    *,
    schema_file: Path | None = None,
    computing: Computing = PLAINLY,
    rules: Rules = PLAIN,
    predictions: Path | None = None,
) -> dict[str, Any]:
    """The whole report of a checkpoint on a native file; what it says goes to `predictions`."""
    schema = read_schema(schema_file) if schema_file else None
    examples = read_native(source)
    if not examples:
        raise ExtractionError(
            "empty_data",
            f"{source} holds no sentence; evaluate on labelled native lines",
            {"file": str(source)},
        )
    predictor = load(checkpoint, computing=computing)
    predictor.predict_examples(examples[:WARM_UP], schema=schema)
    with Stopwatch() as watch:
        said = predictor.predict_examples(examples, schema=schema)
    if predictions is not None:
        write_said(predictions, examples, said, is_whole=True)
    symmetric = (schema or predictor.schema).symmetric
    report = evaluate(
        examples,
        [one.graph() for one in said],
        symmetric,
        no_overlapping=rules.no_overlapping,
        sampling=rules.sampling,
    )
    _, trust = calibrate(examples, said, symmetric)
    costs = prediction_costs(len(examples), watch)
    return {**report, "calibration": trust, "costs": costs}
