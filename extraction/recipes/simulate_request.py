"""What a simulation is asked for: the options of the command, and the same as a frozen value."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from extraction.active.strategies import DEFAULT_STRATEGY, STRATEGIES
from extraction.catalogue import DEFAULT_ENCODER, DEFAULT_MODEL
from extraction.config import read_assignments
from extraction.errors import ExtractionError
from extraction.recipes.arguments import count, counts, names
from extraction.training.settings import Speed

DEFAULT_OUT = Path("simulation-results")
DEFAULT_STRATEGIES = (DEFAULT_STRATEGY, "random.v1", "least_confidence.v1")
DEFAULT_BUDGETS = (50, 100, 150, 200, 300, 400, 500)
CONTROL_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class SimulateRequest:
    """All that a simulation is told.

    `budgets` are the numbers of labels after which a model is trained; those past the end of
    the data are cut to it.
    """

    data: Path
    sets: tuple[str, ...] = ()
    out: Path = DEFAULT_OUT
    strategies: tuple[str, ...] = DEFAULT_STRATEGIES
    budgets: tuple[int, ...] = DEFAULT_BUDGETS
    seeds: int = 3
    control_share: float = CONTROL_SHARE
    model: str = DEFAULT_MODEL
    encoder: str = DEFAULT_ENCODER
    speed: Speed = "quick"
    settings: Mapping[str, Any] = field(default_factory=dict)
    limit: int | None = None
    device: str = "auto"
    encoder_home: Path | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options to its parser."""
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="folder with NAME.train.jsonl and NAME.dev.jsonl, or train.jsonl and dev.jsonl",
    )
    parser.add_argument("--sets", type=names, default=(), help="NAME,NAME (default: all)")
    parser.add_argument(
        "--strategies", type=names, default=DEFAULT_STRATEGIES, help=",".join(STRATEGIES)
    )
    parser.add_argument(
        "--budgets", type=counts, default=DEFAULT_BUDGETS, help="labels, such as 50,100,200"
    )
    parser.add_argument("--seeds", type=count, default=3, help="replays of each, seeds 1 to N")
    parser.add_argument(
        "--control-share", type=float, default=CONTROL_SHARE, help="drawn by chance in each batch"
    )
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--encoder", default=DEFAULT_ENCODER, help="a name or a folder")
    parser.add_argument("--speed", choices=("quick", "full"), default="quick")
    parser.add_argument("--set", action="extend", nargs="+", default=[], metavar="KEY=VALUE")
    parser.add_argument("--limit", type=count, help="use the first N sentences of each file")
    parser.add_argument(
        "--out", type=Path, default=DEFAULT_OUT, help=f"folder of results (default: {DEFAULT_OUT})"
    )


def request_of(chosen: argparse.Namespace, encoder_home: Path) -> SimulateRequest:
    """The request that the parsed options make; raises ExtractionError where it cannot work."""
    unknown = [name for name in chosen.strategies if name not in STRATEGIES]
    if unknown:
        raise ExtractionError(
            "unknown_strategy",
            f"There is no strategy {unknown[0]!r}; choose from {', '.join(STRATEGIES)}",
            {"known": list(STRATEGIES)},
        )
    if not 0.0 <= chosen.control_share <= 1.0:
        raise ExtractionError(
            "bad_arguments", "--control-share is a share, so choose a number from 0 to 1"
        )
    return SimulateRequest(
        data=chosen.data,
        sets=chosen.sets,
        out=chosen.out,
        strategies=chosen.strategies,
        budgets=chosen.budgets,
        seeds=chosen.seeds,
        control_share=chosen.control_share,
        model=chosen.model,
        encoder=chosen.encoder,
        speed=chosen.speed,
        settings=read_assignments(chosen.set),
        limit=chosen.limit,
        device=chosen.device,
        encoder_home=encoder_home,
    )
