"""How near each model comes to its floor, the bare encoder, and how far it left its plain form.

python -m bench.models [--data F.jsonl] [--encoder NAME_OR_DIR] [--models all] [--rounds 3]

In one run, model by model, each in a process of its own: CPU seconds of the bare encoder on the
very batches of prediction and of training, of `predict`, of a training step, and of the plain
form kept in bench/plain/; ratios are taken round by round. The plain form predicts a share of
the sentences one by one, as the reference implementations do, and trains on a share of the very
batches. A model is fitted a little first, so that what is decoded is about as dense as gold.
Writes bench/results/models.json and a table.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from extraction.catalogue import CATALOGUE, ENCODERS, EncoderSpec
from extraction.data.batches import length_batches
from extraction.data.encoders import find_encoder
from extraction.data.native import read_native
from extraction.data.schema_file import schema_of
from extraction.models.common.encoder import Features
from extraction.models.common.model import PaperModel
from extraction.protocol import Blueprint
from extraction.recipes.predict import BATCH_TOKENS, model_module
from extraction.training.loop import Listener, train
from extraction.training.settings import TrainingSettings, preset_for, resolved
from extraction.types import Example

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
SHAPES = {  # encoders of random weights, for machines without any checkpoint
    "minilm-shape": EncoderSpec("minilm-shape", "6 x 384", layers=6, width=384, heads=12),
    "base-shape": EncoderSpec("base-shape", "12 x 768", layers=12, width=768, heads=12),
}
TRAIN_TOKENS = 512
PLAIN_SHARE = 8  # the plain form, which is slow, does every eighth sentence or batch
COLUMNS = (
    ("predict_per_s", "predict, sentences/CPU s"),
    ("predict_to_bare", "to bare encoder"),
    ("predict_to_plain", "to plain form"),
    ("train_per_s", "train, sentences/CPU s"),
    ("train_to_bare", "to bare encoder's training"),
    ("train_to_plain", "to plain form"),
    ("peak_predict_mb", "peak MB, predict"),
    ("peak_train_mb", "peak MB, train"),
)


def main() -> None:
    """Measure every model in a child of its own, print and write the table."""
    chosen = arguments()
    if chosen.one:
        print(json.dumps(measure(chosen)))
        return
    names = list(CATALOGUE) if chosen.models == "all" else chosen.models.split(",")
    rows = [measured_in_child(name) for name in names]
    report = {
        "data": chosen.data.name,
        "encoder": chosen.encoder,
        "threads": chosen.threads,
        "rounds": chosen.rounds,
        "torch": torch.__version__,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "models": rows,
    }
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    (RESULTS / "models.json").write_text(text, encoding="utf-8")
    print(table(rows))


def measured_in_child(name: str) -> dict[str, Any]:
    """Run this program for one model."""
    words = [*sys.argv[1:], "--one", name]
    done = subprocess.run(
        [sys.executable, "-m", "bench.models", *words],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{name} could not be measured")
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"  {name}: predict {row['predict_to_bare']} x bare encoder", file=sys.stderr)
    return row


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The Markdown table."""
    lines = [
        "| model | " + " | ".join(title for _, title in COLUMNS) + " |",
        "|---" * (len(COLUMNS) + 1) + "|",
    ]
    for row in rows:
        cells = ["" if row.get(key) is None else f"{row[key]:g}" for key, _ in COLUMNS]
        lines.append(f"| `{row['model']}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    """What to measure on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT / "demo" / "chddi.labelled.jsonl")
    parser.add_argument("--encoder", default="minilm-shape", help="a shape, a name or a folder")
    parser.add_argument("--models", default="all")
    parser.add_argument("--sentences", type=int, default=240)
    parser.add_argument("--fit", type=int, default=6, help="epochs with the encoder at rest")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """All figures of one model."""
    torch.set_num_threads(chosen.threads)
    examples = read_native(chosen.data, may_repeat_ids=True)[: chosen.sentences]
    with tempfile.TemporaryDirectory() as home:
        model = fitted(chosen, examples, Path(home))
    plain = plain_of(chosen.one)
    items = model.prepare(examples)
    row: dict[str, Any] = {"model": chosen.one, "sentences": len(items)}
    row |= predicting(model, plain, items, chosen.rounds)
    row["peak_predict_mb"] = peak_mb()
    row |= learning(model, plain, items, chosen.rounds)
    row["peak_train_mb"] = peak_mb()
    return row


def fitted(chosen: argparse.Namespace, examples: Sequence[Example], home: Path) -> Any:
    """A model whose heads have seen the data, and whose encoder is free again."""
    module, cpu = model_module(chosen.one), torch.device("cpu")
    blueprint = Blueprint(
        settings={},
        schema=schema_of(examples),
        encoder=encoder_for(chosen.encoder),
        examples=examples,
        seed=1,
        is_frozen=True,
    )
    model = module.create(blueprint, cpu)
    own = getattr(CATALOGUE[chosen.one].settings_module, "PRESETS", {})
    settings = resolved(TrainingSettings(epochs=chosen.fit), preset_for("pretrained", "quick", own))
    nothing = Listener(lambda _: None, lambda _: None, lambda: False, lambda _: None)
    train(model, model.prepare(examples), settings, 1, nothing)
    model.save(home)
    loaded = module.load(home, model.card(), cpu)
    loaded.network.requires_grad_()
    return loaded


def encoder_for(name: str) -> EncoderSpec | Path:
    """A shape of random weights, a built-in encoder or a folder."""
    return SHAPES.get(name) or ENCODERS.get(name) or find_encoder(name)


def plain_of(name: str) -> Any:
    """The module of the plain form, or None if there is none."""
    paper = CATALOGUE[name].module.split(".")[2]
    where = f"bench.plain.{paper}"
    return importlib.import_module(where) if importlib.util.find_spec(where) else None


def predicting(
    model: PaperModel[Any], plain: Any, items: Sequence[Any], rounds: int
) -> dict[str, Any]:
    """Sentences a CPU second of prediction, and its ratios."""
    groups = grouped(items, length_batches([one.length for one in items], BATCH_TOKENS))
    batches = [model.backbone.batch([one.tokens for one in group]) for group in groups]
    model.network.eval()

    def bare() -> None:
        with torch.inference_mode():
            for batch in batches:
                model.backbone.encoder(batch)

    roads: dict[str, Callable[[], object]] = {
        "bare": bare,
        "ours": lambda: [model.predict(group, None) for group in groups],
    }
    if hasattr(plain, "predict"):
        some = items[::PLAIN_SHARE]
        roads["plain"] = lambda: [plain.predict(model, [item]) for item in some]
    return told("predict", items, rounds, roads)


def learning(
    model: PaperModel[Any], plain: Any, items: Sequence[Any], rounds: int
) -> dict[str, Any]:
    """Sentences a CPU second of training, optimiser included, and its ratios."""
    lengths = [one.length for one in items]
    groups = grouped(items, length_batches(lengths, TRAIN_TOKENS, np.random.default_rng(1)))
    parameters = [p for p in model.network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=1e-6, fused=True)
    model.network.train()

    def bare_loss(group: Sequence[Any], rng: np.random.Generator) -> Tensor:  # noqa: ARG001
        batch = model.backbone.batch([one.tokens for one in group])
        features: Features = model.backbone.encoder(batch)
        return features.units.mean() + features.sentences.mean()

    def epoch(
        loss_of: Callable[[Sequence[Any], np.random.Generator], Tensor], step: int = 1
    ) -> None:
        for number, group in enumerate(groups[::step]):
            optimizer.zero_grad()
            loss_of(group, np.random.default_rng(number)).backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()

    roads: dict[str, Callable[[], object]] = {
        "bare": lambda: epoch(bare_loss),
        "ours": lambda: epoch(model.loss),
    }
    if hasattr(plain, "loss"):
        roads["plain"] = lambda: epoch(
            lambda group, rng: plain.loss(model, group, rng), PLAIN_SHARE
        )
    return told("train", [one for group in groups for one in group], rounds, roads)


def told(
    what: str, items: Sequence[Any], rounds: int, roads: dict[str, Callable[[], object]]
) -> dict[str, Any]:
    """Go every road in turn, round by round; the plain one only once."""
    seconds: dict[str, list[float]] = {name: [] for name in roads}
    for number in range(rounds):
        for name, road in roads.items():
            if name != "plain" or number == 0:
                seconds[name].append(cpu_seconds(road))
    to_bare = [a / b for a, b in zip(seconds["bare"], seconds["ours"], strict=True)]
    ours = statistics.median(seconds["ours"])
    plain = seconds["plain"][0] * PLAIN_SHARE if "plain" in seconds else None
    return {
        f"{what}_per_s": round(len(items) / ours, 1),
        f"{what}_bare_per_s": round(len(items) / statistics.median(seconds["bare"]), 1),
        f"{what}_to_bare": round(statistics.median(to_bare), 3),
        f"{what}_to_plain": round(plain / ours, 2) if plain else None,
    }


def grouped(items: Sequence[Any], batches: Sequence[Sequence[int]]) -> list[list[Any]]:
    """The items of each batch."""
    return [[items[position] for position in batch] for batch in batches]


def cpu_seconds(work: Callable[[], object]) -> float:
    """The CPU seconds, of all threads, that some work takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def peak_mb() -> float:
    """The most memory this process has held so far."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 0)


if __name__ == "__main__":
    main()
