"""Running one cell in a child process and keeping its result as one JSON file."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from extraction import config
from extraction.data.files import write_text_atomically
from extraction.recipes.benchmark_plan import Cell
from extraction.recipes.benchmark_request import BenchmarkRequest

FORMAT = 1
LOOK_EVERY = 0.2  # seconds between two looks whether to stop
CHILD = "extraction.recipes.benchmark_child"

Tell = Callable[[Mapping[str, Any]], None]
Lines = queue.SimpleQueue[str | None]


@dataclass(frozen=True, slots=True)
class Desk:
    """The folder of a benchmark: finished cells, logs of failed ones, checkpoints, work."""

    out: Path

    @property
    def work(self) -> Path:
        """What only the running cell needs."""
        return self.out / "work"

    def result_file(self, cell: Cell) -> Path:
        """Where a cell's result lies."""
        return self.out / "cells" / f"{cell.name}.json"

    def log_file(self, cell: Cell) -> Path:
        """Where the trace of a failed cell lies."""
        return self.out / "logs" / f"{cell.name}.txt"

    def finished(self, cell: Cell) -> dict[str, Any] | None:
        """The result of a cell that was measured before; a failed one counts as not there."""
        try:
            result = json.loads(self.result_file(cell).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(result, dict) or result.get("format") != FORMAT:
            return None
        is_same = result.get("key") == cell.key and result.get("state") == "done"
        return result if is_same else None

    def keep(self, cell: Cell, result: Mapping[str, Any]) -> None:
        """Write a cell's result, whole or not at all."""
        text = json.dumps(result, ensure_ascii=False, indent=1, sort_keys=True)
        write_text_atomically(self.result_file(cell), [text, "\n"])

    def sweep(self) -> None:
        """Remove what a cell that was stopped or killed left behind."""
        shutil.rmtree(self.work, ignore_errors=True)


def run_cell(
    cell: Cell,
    request: BenchmarkRequest,
    tell: Tell,
    should_stop: Callable[[], bool],
) -> dict[str, Any]:
    """Train and measure a cell, keep and return its result; raises InterruptedError when stopped.

    Whatever goes wrong in the child becomes a result with the state "failed" and a sentence.
    """
    desk = Desk(request.out)
    desk.sweep()
    files = cell.data.cut(desk.work / "data")
    log = desk.log_file(cell)
    log.parent.mkdir(parents=True, exist_ok=True)
    checkpoint = desk.work / "checkpoint"
    order = {
        "model": cell.model,
        "train": str(files.train.resolve()),
        "dev": str(files.dev.resolve()),
        "schema": str(files.schema.resolve()) if files.schema else None,
        "encoder": cell.encoder,
        "encoder_home": str(request.encoder_home) if request.encoder_home else None,
        "out": str(checkpoint.resolve()),
        "speed": request.speed,
        "seed": cell.seed,
        "settings": dict(cell.settings),
        "device": request.device,
        "threads": request.threads,
    }
    with log.open("w", encoding="utf-8") as errors:
        last, status = _attend(order, errors, tell, should_stop)
    result = {**_described(cell, request), **_outcome(last, status, log)}
    if result["state"] == "done":
        log.unlink()
        _settle(checkpoint, request.out / "checkpoints" / cell.name if request.is_kept else None)
    desk.keep(cell, result)
    desk.sweep()
    return result


def _settle(checkpoint: Path, place: Path | None) -> None:
    """Move a checkpoint to where it is kept, if it is."""
    if place is not None:
        shutil.rmtree(place, ignore_errors=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        checkpoint.replace(place)


def _described(cell: Cell, request: BenchmarkRequest) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "key": cell.key,
        "set": cell.data.name,
        "data": cell.data.facts,
        "limit": request.limit,
        "model": cell.model,
        "row": cell.row,
        "seed": cell.seed,
        "encoder": cell.encoder,
        "speed": request.speed,
        "settings": dict(cell.settings),
    }


def _attend(
    order: Mapping[str, Any], errors: IO[str], tell: Tell, should_stop: Callable[[], bool]
) -> tuple[Mapping[str, Any], int]:
    """Listen to a child until it ends; returns its last word and its exit status."""
    root = str(Path(config.__file__).parents[1])
    paths = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    last: Mapping[str, Any] = {}
    with subprocess.Popen(  # noqa: S603  our own module, by our own Python
        [sys.executable, "-m", CHILD, json.dumps(order)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": paths},
        start_new_session=True,
    ) as child:
        lines: Lines = queue.SimpleQueue()
        reader = threading.Thread(target=_collect, args=(child.stdout, lines), daemon=True)
        reader.start()
        try:
            for event in _events(lines, should_stop):
                if event["event"] == "progress":
                    tell(event)
                else:
                    last = event
        except BaseException:
            child.kill()
            raise
        finally:
            reader.join()
        return last, child.wait()


def _events(lines: Lines, should_stop: Callable[[], bool]) -> Iterator[Mapping[str, Any]]:
    """The child's JSON lines until it closes its output; raises InterruptedError when stopped."""
    while True:
        if should_stop():
            raise InterruptedError
        try:
            line = lines.get(timeout=LOOK_EVERY)
        except queue.Empty:
            continue
        if line is None:
            return
        if line.startswith('{"event"'):
            yield json.loads(line)


def _collect(source: IO[str], lines: Lines) -> None:
    for line in source:
        lines.put(line)
    lines.put(None)


def _outcome(last: Mapping[str, Any], status: int, log: Path) -> dict[str, Any]:
    """What a child's last word comes to, or its exit status if it left without one."""
    if last.get("event") == "measured":
        return {"state": "done", **{n: last[n] for n in ("metrics", "costs", "machine")}}
    if last.get("event") == "error":
        return {"state": "failed", "error": {n: last[n] for n in ("code", "message")}}
    return {"state": "failed", "error": _crash(status, log)}


def _crash(status: int, log: Path) -> dict[str, str]:
    if status < 0:
        sentence = f"The process was ended by signal {-status}, often for want of memory"
        return {"code": "killed", "message": f"{sentence}; lower batch_tokens or use --limit"}
    words = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    reason = words[-1] if words else f"exit status {status}"
    return {"code": "crashed", "message": f"The process failed: {reason}; the trace is in {log}"}
