"""What a process costs: the most memory that it held, and how fast it predicts."""

from __future__ import annotations

import re
import resource
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import torch


class Stopwatch:
    """Adds up the seconds of the blocks that it is held around."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._begun = 0.0

    def __enter__(self) -> Stopwatch:
        self._begun = time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.seconds += time.perf_counter() - self._begun


def prediction_costs(sentences: int, watch: Stopwatch) -> dict[str, Any]:
    """Sentences a second, from text to decoded graph, and the peak memory of this process."""
    speed = round(sentences / watch.seconds, 2) if watch.seconds else None
    costs = {"sentences_per_second": speed, "peak_memory_bytes": peak_memory_bytes()}
    if torch.cuda.is_available():
        costs["peak_gpu_memory_bytes"] = torch.cuda.max_memory_allocated()
    return costs


def peak_memory_bytes() -> int:
    """The most memory that this process has held so far, the libraries' own share included.

    Linux keeps it in VmHWM; `ru_maxrss` there also remembers the process it was forked from.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if found:
            return int(found[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
