"""The command line: `python -m extraction train | evaluate | predict | pretrain | benchmark | …`.

With --json, stdout carries JSON lines and nothing else. Bad input: one clear sentence, exit 2.
SIGTERM stops a training within seconds and exits 143; what is needed to resume is kept.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from extraction.catalogue import DEFAULT_ENCODER, DEFAULT_MODEL
from extraction.config import read_assignments
from extraction.errors import ExtractionError
from extraction.recipes.benchmark_request import add_arguments as add_benchmark_arguments
from extraction.recipes.benchmark_request import request_of as benchmark_request_of
from extraction.recipes.pretrain_request import add_arguments as add_pretrain_arguments
from extraction.recipes.pretrain_request import request_of as pretrain_request_of
from extraction.recipes.simulate_request import add_arguments as add_simulate_arguments
from extraction.recipes.simulate_request import request_of as simulate_request_of
from extraction.training.settings import KEEP_SECONDS

SOME_FAILED = 1
BAD_INPUT = 2
SIGNALLED = 128

Tell = Callable[[Mapping[str, Any]], None]


class _Parser(argparse.ArgumentParser):
    """Refuses bad arguments in the same manner as everything else."""

    def error(self, message: str) -> NoReturn:
        raise ExtractionError("bad_arguments", f"{message}; see python -m extraction --help")


class _Stop:
    """Remembers which signal asked us to stop."""

    def __init__(self) -> None:
        self.number = 0
        self.asked = threading.Event()

    def listen(self) -> None:
        """Hear SIGTERM and SIGINT from now on."""
        signal.signal(signal.SIGTERM, self._hear)
        signal.signal(signal.SIGINT, self._hear)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        self.asked.set()


@dataclass(frozen=True, slots=True)
class _Call:
    """One command: what was chosen, where to speak, when to stop."""

    chosen: argparse.Namespace
    tell: Tell
    stop: _Stop


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    tell = _tell_json if "--json" in words else _tell_people
    stop = _Stop()
    stop.listen()
    try:
        chosen = make_parser().parse_args(words)
        return int(chosen.command(_Call(chosen, tell, stop)))
    except ExtractionError as error:
        event = {"code": error.code, "message": error.message, "context": error.context}
        tell({"event": "error", **event})
        return BAD_INPUT
    except Exception as error:
        if not is_disk_full(error):
            raise
        message = "The disk is full: make room, or write to another one; what was there is whole"
        tell({"event": "error", "code": "disk_full", "message": message, "context": {}})
        return BAD_INPUT


def is_disk_full(error: Exception) -> bool:
    """Say whether there was no room; safetensors says so in words only."""
    numbers = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    said = str(error)
    return getattr(error, "errno", None) in numbers or any(os.strerror(n) in said for n in numbers)


def make_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = _Parser(prog="python -m extraction", description="Joint entities and relations.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    _add_train(commands.add_parser("train", help="train a model into a checkpoint"))
    evaluate = commands.add_parser("evaluate", help="measure a checkpoint on labelled data")
    evaluate.set_defaults(command=_evaluate)
    evaluate.add_argument(
        "--resamples", type=_natural, default=1000, help="of the bootstrap intervals; 0: none"
    )
    evaluate.add_argument(
        "--no-overlapping", action="store_true", help="leave out entities that overlap others"
    )
    evaluate.add_argument(
        "--predictions", type=Path, help="native JSONL to write: what the model says"
    )
    predict = commands.add_parser("predict", help="predict a file into another one")
    predict.set_defaults(command=_predict)
    predict.add_argument("--out", type=Path, required=True, help="native JSONL to write")
    for one in (evaluate, predict):
        one.add_argument("--checkpoint", type=Path, required=True)
        one.add_argument("--data", type=Path, required=True, help="native JSONL")
        one.add_argument("--schema", type=Path, help="JSON; replaces the checkpoint's schema")
        one.add_argument("--int8", action="store_true", help="8-bit layers, on a CPU")
        one.add_argument("--bf16", action="store_true", help="bfloat16, on a CPU that has it")
        one.add_argument("--compile", action="store_true", help="pays on a GPU and large files")
    docbin = commands.add_parser("docbin", help="turn native JSONL into spaCy's DocBin")
    docbin.set_defaults(command=_docbin)
    docbin.add_argument("--data", type=Path, required=True, help="native JSONL")
    docbin.add_argument("--out", type=Path, required=True, help="zip to write")
    docbin.add_argument("--language", default="zh", help="of spaCy's blank pipeline")
    _add_long_ones(commands)
    models = commands.add_parser("models", help="list what can be chosen")
    models.set_defaults(command=_models)
    for one in commands.choices.values():
        one.add_argument("--json", action="store_true", help="JSON lines on stdout")
        one.add_argument("--device", default="auto", help="auto, cpu, cuda")
        one.add_argument("--threads", type=_positive, help="default: all cores but one")
    return parser


def _add_long_ones(commands: Any) -> None:
    """Add the commands whose options stand in modules of their own."""
    pretrain = commands.add_parser("pretrain", help="make an encoder from plain text")
    pretrain.set_defaults(command=_pretrain)
    add_pretrain_arguments(pretrain)
    bench = commands.add_parser("benchmark", help="models x data x seeds into a table")
    bench.set_defaults(command=_benchmark)
    add_benchmark_arguments(bench)
    simulate = commands.add_parser("simulate", help="replay labelled data, strategy by strategy")
    simulate.set_defaults(command=_simulate)
    add_simulate_arguments(simulate)


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_train)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--train", type=Path, required=True, help="native JSONL")
    parser.add_argument("--dev", type=Path, help="native JSONL to measure on")
    parser.add_argument("--encoder", default=DEFAULT_ENCODER, help="a name or a folder")
    parser.add_argument("--out", type=Path, required=True, help="folder that will appear")
    parser.add_argument("--schema", type=Path, help="JSON with entity_types and relation_types")
    parser.add_argument("--speed", choices=("quick", "full"), default="full")
    parser.add_argument("--seed", type=_natural, default=1)
    parser.add_argument("--set", action="extend", nargs="+", default=[], metavar="KEY=VALUE")
    parser.add_argument("--init-from", type=Path, help="checkpoint to begin from")
    parser.add_argument("--resume", action="store_true", help="go on where a kill ended it")
    parser.add_argument(
        "--keep-every",
        type=_seconds,
        default=KEEP_SECONDS,
        help="seconds between the states that --resume goes on from (%(default)g)",
    )
    parser.add_argument(
        "--predictions", type=Path, help="native JSONL to write: what the model says of --dev"
    )


def _train(call: _Call) -> int:
    chosen = call.chosen
    from extraction.recipes import train  # noqa: PLC0415  torch only where it is needed

    train.use_threads(chosen.threads)
    request = train.TrainRequest(
        model=chosen.model,
        train=chosen.train,
        dev=chosen.dev,
        encoder=chosen.encoder,
        out=chosen.out,
        schema=chosen.schema,
        speed=chosen.speed,
        seed=chosen.seed,
        settings=read_assignments(chosen.set),
        init_from=chosen.init_from,
        is_resumed=chosen.resume,
        device=chosen.device,
        encoder_home=encoder_home(),
        predictions=chosen.predictions,
        keep_every=chosen.keep_every,
    )
    try:
        metrics = train.run(request, call.tell, call.stop.asked.is_set)
    except train.StoppedError:
        return SIGNALLED + call.stop.number
    call.tell({"event": "done", "checkpoint": str(chosen.out), "metrics": metrics})
    return 0


def _pretrain(call: _Call) -> int:
    chosen = call.chosen
    from extraction.recipes import pretrain  # noqa: PLC0415
    from extraction.recipes.train import use_threads  # noqa: PLC0415

    use_threads(chosen.threads)
    request = pretrain_request_of(chosen, encoder_home())
    try:
        card = pretrain.run(request, call.tell, call.stop.asked.is_set)
    except pretrain.StoppedError:
        return SIGNALLED + call.stop.number
    call.tell({"event": "done", "encoder": str(chosen.out), "metrics": card})
    return 0


def _evaluate(call: _Call) -> int:
    chosen = call.chosen
    from extraction.evaluation.significance import Sampling  # noqa: PLC0415
    from extraction.evaluation.table import report_table  # noqa: PLC0415
    from extraction.recipes.evaluate import Rules, evaluate_file  # noqa: PLC0415
    from extraction.recipes.predict import Computing  # noqa: PLC0415
    from extraction.recipes.train import use_threads  # noqa: PLC0415

    use_threads(chosen.threads)
    metrics = evaluate_file(
        chosen.checkpoint,
        chosen.data,
        schema_file=chosen.schema,
        computing=Computing(chosen.device, chosen.int8, chosen.bf16, chosen.compile),
        rules=Rules(chosen.no_overlapping, Sampling(chosen.resamples)),
        predictions=chosen.predictions,
    )
    if chosen.json:
        call.tell({"event": "done", "checkpoint": str(chosen.checkpoint), "metrics": metrics})
    else:
        print(report_table(metrics))
    return 0


def _predict(call: _Call) -> int:
    chosen = call.chosen
    from extraction.recipes.predict import Computing, predict_file  # noqa: PLC0415
    from extraction.recipes.train import use_threads  # noqa: PLC0415

    use_threads(chosen.threads)
    try:
        done = predict_file(
            chosen.checkpoint,
            chosen.data,
            chosen.out,
            schema_file=chosen.schema,
            computing=Computing(chosen.device, chosen.int8, chosen.bf16, chosen.compile),
            should_stop=call.stop.asked.is_set,
        )
    except InterruptedError:
        return SIGNALLED + call.stop.number
    call.tell({"event": "done", "checkpoint": str(chosen.checkpoint), **done})
    return 0


def _docbin(call: _Call) -> int:
    from extraction.recipes.docbin import write_docbin  # noqa: PLC0415  spaCy only where needed

    chosen = call.chosen
    call.tell({"event": "done", **write_docbin(chosen.data, chosen.out, chosen.language)})
    return 0


def _benchmark(call: _Call) -> int:
    from extraction.recipes import benchmark  # noqa: PLC0415
    from extraction.recipes.benchmark_progress import screen  # noqa: PLC0415

    tell = call.tell if call.chosen.json else screen().tell
    request = benchmark_request_of(call.chosen, encoder_home())
    try:
        outcome = benchmark.run(request, tell, call.stop.asked.is_set)
    except InterruptedError:
        return SIGNALLED + call.stop.number
    results = {"out": str(request.out), "table": outcome.table, "results": outcome.collected}
    tell({"event": "done", **results})
    return SOME_FAILED if outcome.has_failures else 0


def _simulate(call: _Call) -> int:
    request = simulate_request_of(call.chosen, encoder_home())
    from extraction.recipes import simulate  # noqa: PLC0415
    from extraction.recipes.train import use_threads  # noqa: PLC0415

    use_threads(call.chosen.threads)
    try:
        done = simulate.run(request, call.tell, call.stop.asked.is_set)
    except simulate.StoppedError:
        return SIGNALLED + call.stop.number
    call.tell({"event": "done", **done})
    return 0


def _models(call: _Call) -> int:
    from extraction.recipes.models import catalogue  # noqa: PLC0415

    call.tell({"event": "done", **catalogue(encoder_home())})
    return 0


def encoder_home() -> Path:
    """Where encoders are installed: RELATA_HOME/encoders."""
    return Path(os.environ.get("RELATA_HOME", "var")) / "encoders"


def _natural(word: str) -> int:
    number = int(word)
    if number < 0:
        raise ValueError(word)
    return number


def _positive(word: str) -> int:
    number = int(word)
    if number < 1:
        raise ValueError(word)
    return number


def _seconds(word: str) -> float:
    number = float(word)
    if not number >= 0:
        raise ValueError(word)
    return number


def _tell_json(event: Mapping[str, Any]) -> None:
    print(json.dumps(event, ensure_ascii=True), flush=True)


def _tell_people(event: Mapping[str, Any]) -> None:
    if event["event"] == "error":
        print(event["message"], file=sys.stderr)
    elif event["event"] == "progress":
        known = {k: v for k, v in event.items() if v is not None and k != "event"}
        line = " ".join(f"{name}={value}" for name, value in known.items())
        print(line, file=sys.stderr, flush=True)
    else:
        plain = {name: value for name, value in event.items() if name != "event"}
        print(json.dumps(plain, ensure_ascii=False, indent=1))
