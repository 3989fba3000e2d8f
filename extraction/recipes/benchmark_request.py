"""What a benchmark is asked for: the options of the command, and the same as a frozen value."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from extraction.catalogue import DEFAULT_ENCODER
from extraction.config import read_assignments
from extraction.errors import ExtractionError
from extraction.recipes.arguments import count, names
from extraction.training.settings import Speed

DEFAULT_OUT = Path("benchmark-results")
ALL = "all"


@dataclass(frozen=True, slots=True)
class BenchmarkRequest:
    """All that a benchmark is told; no models or no sets mean all of them."""

    data: Path
    out: Path = DEFAULT_OUT
    models: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    encoder: str = DEFAULT_ENCODER
    encoder_for: Mapping[str, str] = field(default_factory=dict)
    seeds: int = 1
    speed: Speed = "full"
    settings: Mapping[str, Any] = field(default_factory=dict)
    limit: int | None = None
    has_ablations: bool = False
    is_kept: bool = False
    device: str = "auto"
    threads: int | None = None
    encoder_home: Path | None = None

    @property
    def command(self) -> str:
        """The command line that asks for the same figures."""
        words = ["python", "-m", "extraction", "benchmark", "--data", str(self.data)]
        words += ["--sets", ",".join(self.sets)] if self.sets else []
        words += ["--models", ",".join(self.models) or ALL, "--encoder", self.encoder]
        for model, encoder in self.encoder_for.items():
            words += ["--encoder-for", f"{model}={encoder}"]
        words += ["--seeds", str(self.seeds), "--speed", self.speed]
        words += ["--limit", str(self.limit)] if self.limit else []
        words += ["--ablations"] if self.has_ablations else []
        pairs = [f"{name}={_plain(value)}" for name, value in self.settings.items()]
        words += ["--set", *pairs] if pairs else []
        words += ["--device", self.device]
        words += ["--threads", str(self.threads)] if self.threads else []
        return shlex.join(words)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options to its parser."""
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="folder with NAME.train.jsonl and NAME.dev.jsonl, or train.jsonl and dev.jsonl",
    )
    parser.add_argument("--sets", type=names, default=(), help="NAME,NAME (default: all)")
    parser.add_argument("--models", type=names, default=(ALL,), help="all, or NAME,NAME")
    parser.add_argument("--encoder", default=DEFAULT_ENCODER, help="a name or a folder")
    parser.add_argument(
        "--encoder-for",
        action="extend",
        nargs="+",
        default=[],
        metavar="MODEL=ENCODER",
        help="another encoder for one model",
    )
    parser.add_argument("--seeds", type=count, default=1, help="runs of each, seeds 1 to N")
    parser.add_argument("--speed", choices=("quick", "full"), default="full")
    parser.add_argument("--set", action="extend", nargs="+", default=[], metavar="KEY=VALUE")
    parser.add_argument("--limit", type=count, help="use the first N sentences of each file")
    parser.add_argument("--ablations", action="store_true", help="every row of ablation tables")
    parser.add_argument("--keep", action="store_true", help="keep the checkpoints")
    parser.add_argument(
        "--out", type=Path, default=DEFAULT_OUT, help=f"folder of results (default: {DEFAULT_OUT})"
    )


def request_of(chosen: argparse.Namespace, encoder_home: Path) -> BenchmarkRequest:
    """The request that the parsed options make."""
    return BenchmarkRequest(
        data=chosen.data,
        out=chosen.out,
        models=() if ALL in chosen.models else chosen.models,
        sets=chosen.sets,
        encoder=chosen.encoder,
        encoder_for=_encoders(chosen.encoder_for),
        seeds=chosen.seeds,
        speed=chosen.speed,
        settings=read_assignments(chosen.set),
        limit=chosen.limit,
        has_ablations=chosen.ablations,
        is_kept=chosen.keep,
        device=chosen.device,
        threads=chosen.threads,
        encoder_home=encoder_home,
    )


def _encoders(pairs: Sequence[str]) -> dict[str, str]:
    encoders: dict[str, str] = {}
    for pair in pairs:
        model, sign, encoder = pair.partition("=")
        if not (model and sign and encoder):
            raise ExtractionError(
                "bad_arguments",
                f"--encoder-for {pair!r} is not of the form MODEL=ENCODER,"
                f" such as spert.v1={DEFAULT_ENCODER}",
            )
        encoders[model] = encoder
    return encoders


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
