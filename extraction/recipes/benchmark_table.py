"""From the results of cells to rows over seeds, and to tables in the manner of the papers."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from extraction.catalogue import model_spec
from extraction.recipes.benchmark_plan import FULL, BenchmarkPlan, Cell
from extraction.recipes.benchmark_request import BenchmarkRequest
from extraction.recipes.benchmark_sets import DataSet

Figures = dict[str, float]
Results = Mapping[str, Mapping[str, Any]]  # by the name of the cell

RATES: Mapping[str, tuple[str, ...]] = {  # name of a figure -> its place in the metrics
    f"{short}_{title}": (measure, average, rate)
    for short, measure in (
        ("ner", "ner_strict"),
        ("re_strict", "re_strict"),
        ("re_boundary", "re_boundary"),
        ("text", "triple_text"),
    )
    for title, average, rate in (
        ("precision", "micro", "precision"),
        ("recall", "micro", "recall"),
        ("f1", "micro", "f1"),
        ("macro_f1", "macro", "f1"),
    )
}
CLASSES: Mapping[str, str] = {"normal": "Normal", "seo": "SEO", "epo": "EPO"}
SHARES = (  # heading, figure
    ("NER P", "ner_precision"),
    ("NER R", "ner_recall"),
    ("NER F1", "ner_f1"),
    ("NER macro F1", "ner_macro_f1"),
    ("RE strict P", "re_strict_precision"),
    ("RE strict R", "re_strict_recall"),
    ("RE strict F1", "re_strict_f1"),
    ("RE strict macro F1", "re_strict_macro_f1"),
    ("RE boundary F1", "re_boundary_f1"),
    ("RE boundary macro F1", "re_boundary_macro_f1"),
    ("triple text F1", "text_f1"),
)
COSTS = (  # heading, figure, decimals
    ("training s", "train_seconds", 1),
    ("CPU s", "train_cpu_seconds", 1),
    ("sentences/s", "sentences_per_second", 0),
    ("CPU ms a sentence", "predict_cpu_ms", 2),
    ("peak MB", "peak_memory_mb", 0),
    ("GPU MB", "peak_gpu_memory_mb", 0),
    ("million parameters", "parameters", 2),
)
LEGEND = (
    "Rates in percent, on the dev part; mean ± standard deviation over seeds where there are"
    " several. Training: from the first sentence's encoding to the last step, seconds of the"
    " wall and of the processor. Memory: the process's peak, libraries included."
)


def collect(request: BenchmarkRequest, plan: BenchmarkPlan, results: Results) -> dict[str, Any]:
    """Everything in one JSON value: the sets, a row for each model and setting, the failures."""
    groups: dict[tuple[str, str, str], list[Cell]] = {}
    for cell in plan.cells:
        groups.setdefault((cell.data.name, cell.model, cell.row), []).append(cell)
    known = [results[cell.name] for cell in plan.cells if cell.name in results]
    return {
        "format": 1,
        "command": request.command,
        "machine": next((one["machine"] for one in known if "machine" in one), None),
        "limit": request.limit,
        "sets": {one.name: dict(one.facts or {}) for one in plan.sets},
        "cells": {"done": _count(known, "done"), "planned": len(plan.cells)},
        "rows": [_row(cells, results) for cells in groups.values()],
        "failures": [
            {"cell": cell.title, "set": cell.data.name, **results[cell.name]["error"]}
            for cell in plan.cells
            if cell.name in results and results[cell.name]["state"] == "failed"
        ],
        "notes": list(plan.notes),
    }


def figures_of(result: Mapping[str, Any]) -> Figures:
    """The figures of a finished cell by name; rates are shares of one."""
    metrics = result["metrics"]
    figures = {name: float(metrics[m][a][r]) for name, (m, a, r) in RATES.items()}
    for name, one in metrics["by_overlap"].items():
        if one["sentences"]:
            figures[f"{name}_f1"] = float(one["f1"])
    return {**figures, **{name: float(one) for name, one in result["costs"].items()}}


def _row(cells: Sequence[Cell], results: Results) -> dict[str, Any]:
    """Mean and sample standard deviation of each figure over the seeds that were measured."""
    done = [one for one in cells if results.get(one.name, {}).get("state") == "done"]
    found = [figures_of(results[one.name]) for one in done]
    names = list(dict.fromkeys(name for figures in found for name in figures))
    values = {name: [one[name] for one in found if name in one] for name in names}
    first = cells[0]
    return {
        "set": first.data.name,
        "model": first.model,
        "row": first.row,
        "encoder": first.encoder,
        "settings": dict(first.settings),
        "given_entities": model_spec(first.model).given_entities,
        "seeds": [one.seed for one in done],
        "planned": len(cells),
        "mean": {name: statistics.fmean(values[name]) for name in names},
        "sd": {name: statistics.stdev(values[name]) for name in names if len(values[name]) > 1},
    }


def markdown(collected: Mapping[str, Any], sets: Iterable[DataSet]) -> str:
    """All tables, a heading for each set, with the command and what the reader must know."""
    lines = ["# Benchmark", "", f"`{collected['command']}`", ""]
    machine = collected["machine"]
    if machine:
        lines.append(
            f"{machine['architecture']} with {machine['cores']} cores, threads used:"
            f" {machine['threads']}, device: {machine['device']};"
            f" Python {machine['python']}, torch {machine['torch']}."
        )
    done, planned = collected["cells"]["done"], collected["cells"]["planned"]
    lines += [f"{LEGEND} {done} of {planned} cells are measured."]
    for one in sets:
        rows = [row for row in collected["rows"] if row["set"] == one.name]
        failures = [f for f in collected["failures"] if f["set"] == one.name]
        lines += ["", *_section(one.name, collected["sets"][one.name], rows)]
        if failures:
            lines += ["", *(f"* {f['cell']}: {f['message']}" for f in failures)]
    if collected["notes"]:
        lines += ["", *(f"* {note}" for note in collected["notes"])]
    return "\n".join(lines) + "\n"


def _section(
    name: str, facts: Mapping[str, Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> list[str]:
    sizes = "; ".join(
        f"{part} {one['sentences']} sentences, {one['entities']} entities,"
        f" {one['relations']} relations"
        for part, one in facts.items()
        if "sentences" in one
    )
    lines = [f"## {name}", "", f"{sizes}.", "", *_table(_main_table(rows))]
    classes = _class_table(rows)
    if len(classes[0]) > 2:  # noqa: PLR2004  the model's name and a single class say nothing new
        lines += ["", "RE strict F1 by the overlap of gold triples:", "", *_table(classes)]
    return lines


def _main_table(rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    costs = [one for one in COSTS if any(one[1] in row["mean"] for row in rows)]
    head = ["model", *(heading for heading, _ in SHARES), *(one[0] for one in costs), "seeds"]
    table = [head]
    for row in rows:
        shares = [
            "given" if row["given_entities"] and name.startswith("ner_") else _share(row, name)
            for _, name in SHARES
        ]
        prices = [_cost(row, name, decimals) for _, name, decimals in costs]
        seeds, planned = len(row["seeds"]), row["planned"]
        count = str(seeds) if seeds == planned else f"{seeds} of {planned}"
        table.append([_title(row), *shares, *prices, count])
    return table


def _class_table(rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    present = [name for name in CLASSES if any(f"{name}_f1" in row["mean"] for row in rows)]
    table = [["model", *(CLASSES[name] for name in present)]]
    return table + [[_title(row), *(_share(row, f"{n}_f1") for n in present)] for row in rows]


def _title(row: Mapping[str, Any]) -> str:
    return row["model"] if row["row"] == FULL else f"{row['model']}: {row['row']}"


def _share(row: Mapping[str, Any], name: str) -> str:
    return _spread(row, name, 100.0, 2)


def _cost(row: Mapping[str, Any], name: str, decimals: int) -> str:
    return _spread(row, name, 1e-6 if name == "parameters" else 1.0, decimals)


def _spread(row: Mapping[str, Any], name: str, scale: float, decimals: int) -> str:
    if name not in row["mean"]:
        return "–"
    mean = f"{scale * row['mean'][name]:.{decimals}f}"
    spread = scale * row["sd"].get(name, 0.0)
    is_shown = name in row["sd"] and name != "parameters"
    return f"{mean} ± {spread:.{decimals}f}" if is_shown else mean


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table; the first column to the left, the others to the right."""
    safe = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    rule = ["---", *["---:"] * (len(safe[0]) - 1)]
    return [f"| {' | '.join(row)} |" for row in (safe[0], rule, *safe[1:])]


def _count(results: Iterable[Mapping[str, Any]], state: str) -> int:
    return sum(one["state"] == state for one in results)
