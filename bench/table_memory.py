"""What OneRel's table costs in memory while training: the plain form against ours.

python -m bench.table_memory [--units 100] [--relations 48] [--sentences 4]

Each form takes one training step in a process of its own over an encoder of random weights
(6 x 384); its cost is the peak above that of a step of the encoder alone. Writes
bench/results/table_memory.json.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from bench.models import SHAPES
from bench.plain import onerel as plain
from extraction.models.onerel import model as onerel
from extraction.protocol import Blueprint
from extraction.types import Entity, Example, Graph, Relation, RelationRule, Schema

RESULTS = Path(__file__).resolve().parent / "results"
PAPER = {"pair_size": 3.0, "pair_dropout": "cell", "adapter": 0, "context": "none"}
FORMS = ("encoder", "ours", "plain")


def main() -> None:
    """Measure the three forms and write what they cost."""
    chosen = arguments()
    if chosen.one:
        print(step(chosen))
        return
    peaks = {form: peak_of(form) for form in FORMS}
    floor = peaks["encoder"]
    report: Mapping[str, object] = {
        "units": chosen.units,
        "relations": chosen.relations,
        "sentences": chosen.sentences,
        "peak_mb": peaks,
        "plain_to_ours": round((peaks["plain"] - floor) / max(peaks["ours"] - floor, 1.0), 1),
    }
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(report, indent=1)
    (RESULTS / "table_memory.json").write_text(text + "\n", encoding="utf-8")
    print(text)


def arguments() -> argparse.Namespace:
    """How large the table is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=100)
    parser.add_argument("--relations", type=int, default=48)
    parser.add_argument("--sentences", type=int, default=4)
    parser.add_argument("--one", choices=FORMS, help=argparse.SUPPRESS)
    return parser.parse_args()


def peak_of(form: str) -> float:
    """The peak, in MB, of a process that takes one step in this form."""
    command = [sys.executable, "-m", "bench.table_memory", *sys.argv[1:], "--one", form]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


def step(chosen: argparse.Namespace) -> float:
    """One training step; returns the most memory that this process has held, in MB."""
    torch.set_num_threads(1)
    examples = [sentence(chosen.units, number) for number in range(chosen.sentences)]
    rules = tuple(RelationRule(f"r{number}") for number in range(chosen.relations))
    schema = Schema(("t",), rules)
    blueprint = Blueprint(PAPER, schema, SHAPES["minilm-shape"], examples, seed=1)
    model = onerel.create(blueprint, torch.device("cpu"))
    items = model.prepare(examples)
    rng = np.random.default_rng(1)
    model.network.train()
    losses: dict[str, Callable[[], Tensor]] = {
        "encoder": lambda: torch.mean(model.features(items).units),
        "ours": lambda: model.loss(items, rng),
        "plain": lambda: plain.loss(model, items, rng),
    }
    losses[chosen.one]().backward()  # type: ignore[no-untyped-call]
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 0)


def sentence(units: int, number: int) -> Example:
    """A sentence of so many characters with one triple."""
    text = "".join(chr(0x4E00 + (7 * number + place) % 500) for place in range(units))
    graph = Graph((Entity(0, 2, "t"), Entity(5, 8, "t")), (Relation(0, 1, "r0"),))
    return Example(str(number), text, graph)


if __name__ == "__main__":
    main()
