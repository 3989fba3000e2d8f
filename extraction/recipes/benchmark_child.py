"""One cell of a benchmark in a process of its own: train, measure, tell it as JSON lines.

`python -m extraction.recipes.benchmark_child ORDER` with the order as JSON. Standard input
stays open as long as the benchmark lives; when it closes, this process ends at once.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from extraction.data.native import read_native
from extraction.errors import ExtractionError
from extraction.recipes.costs import peak_memory_bytes
from extraction.recipes.predict import Predictor, load
from extraction.recipes.train import TrainRequest, run, use_threads
from extraction.types import Example

WARM_UP = 64  # sentences predicted before the clock runs
AT_LEAST = 1.0  # seconds of predicting; a small dev set is predicted several times
ORPHANED = 3
PATHS = ("train", "dev", "schema", "out", "encoder_home")


class _Stopwatch:
    """Passes events on and notes when each phase of the training began."""

    def __init__(self) -> None:
        self.begun: dict[str, tuple[float, float]] = {}

    def tell(self, event: Mapping[str, Any]) -> None:
        """Print an event; the first of a phase starts its clocks."""
        self.begun.setdefault(str(event.get("phase")), _clocks())
        tell(event)

    def costs(self) -> dict[str, float]:
        """Seconds of the wall and of the processor, from the first encoding to the last step."""
        (wall, processor), (end, used) = self.begun["encoding"], self.begun["evaluating"]
        return {
            "train_seconds": round(end - wall, 3),
            "train_cpu_seconds": round(used - processor, 3),
        }


def main() -> int:
    """Carry out the order; returns 0 when it was measured, 1 when it was refused."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    order = json.loads(sys.argv[1])
    threads = order.pop("threads")
    use_threads(threads)
    paths = {name: Path(order[name]) for name in PATHS if order[name] is not None}
    try:
        measured = measure(TrainRequest(**{**order, **paths}))
    except ExtractionError as error:
        tell({"event": "error", "code": error.code, "message": error.message})
        return 1
    tell({"event": "measured", **measured})
    return 0


def measure(request: TrainRequest) -> dict[str, Any]:
    """Train and return metrics and costs.

    Memory is the process's peak up to the end of training, the libraries' own share included.
    """
    watch = _Stopwatch()
    metrics = run(request, watch.tell)
    costs = {**watch.costs(), "peak_memory_mb": round(peak_memory_bytes() / 2**20, 1)}
    if torch.cuda.is_available():
        costs["peak_gpu_memory_mb"] = round(torch.cuda.max_memory_allocated() / 2**20, 1)
    predictor = load(request.out, device=request.device)
    parameters = list(predictor.model.network.parameters())
    return {
        "metrics": metrics,
        "costs": {
            **costs,
            **prediction_costs(predictor, read_native(request.dev) if request.dev else []),
            "parameters": sum(one.numel() for one in parameters),
        },
        "machine": {
            "device": parameters[0].device.type,
            "threads": torch.get_num_threads(),
            "cores": os.cpu_count(),
            "architecture": platform.machine(),
            "python": platform.python_version(),
            "torch": torch.__version__,
        },
    }


def prediction_costs(predictor: Predictor, examples: Sequence[Example]) -> dict[str, float]:
    """How fast sentences become predictions, tokenising and decoding included."""
    if not examples:
        return {}
    predictor.predict_examples(examples[:WARM_UP])
    (begun, processor), done, seconds = _clocks(), 0, 0.0
    while seconds < AT_LEAST:
        predictor.predict_examples(examples)
        done += len(examples)
        seconds = time.perf_counter() - begun
    return {
        "sentences_per_second": round(done / seconds, 2),
        "predict_cpu_ms": round(1000 * (time.process_time() - processor) / done, 4),
    }


def _clocks() -> tuple[float, float]:
    """Seconds of the wall, and of the processor in all threads of this process."""
    return time.perf_counter(), time.process_time()


def tell(event: Mapping[str, Any]) -> None:
    """Print an event as a line of JSON."""
    print(json.dumps(event), flush=True)


def _end_with_parent() -> None:
    """Wait until nobody holds the other end of standard input, then end without ceremony."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(ORPHANED)


if __name__ == "__main__":
    sys.exit(main())
