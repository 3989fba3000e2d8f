"""Models x data x seeds into a table like the papers': resumable, a process for each cell.

Results lie in the output folder: `cells/` one JSON file a cell, `results.json` and
`results.md` over all of them, `logs/` of what failed, `checkpoints/` if they are kept.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extraction.data.files import write_text_atomically
from extraction.errors import ExtractionError
from extraction.recipes.benchmark_cell import Desk, Tell, run_cell
from extraction.recipes.benchmark_plan import BenchmarkPlan, Cell, make_plan
from extraction.recipes.benchmark_progress import Clock
from extraction.recipes.benchmark_request import BenchmarkRequest
from extraction.recipes.benchmark_table import collect, markdown


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a whole benchmark came to."""

    collected: Mapping[str, Any]
    table: str

    @property
    def has_failures(self) -> bool:
        """Whether some cell could not be measured."""
        return bool(self.collected["failures"])


def run(
    request: BenchmarkRequest, tell: Tell, should_stop: Callable[[], bool] = lambda: False
) -> Outcome:
    """Run every cell that has no result yet; the tables are written after each.

    Raises ExtractionError before anything runs if the request cannot work, InterruptedError
    when told to stop; what is finished is kept then.
    """
    plan = make_plan(request)
    for note in plan.notes:
        tell({"event": "note", "message": note})
    with _alone_in(request.out):
        return _Bench(request, plan, tell, should_stop).run()


class _Bench:
    """A benchmark at work: what it has, and how it tells it."""

    def __init__(
        self,
        request: BenchmarkRequest,
        plan: BenchmarkPlan,
        tell: Tell,
        should_stop: Callable[[], bool],
    ) -> None:
        self.request, self.plan = request, plan
        self.tell, self.should_stop = tell, should_stop
        self.desk = Desk(request.out)
        old = {cell.name: self.desk.finished(cell) for cell in plan.cells}
        self.results = {name: result for name, result in old.items() if result is not None}
        self.clock = Clock(len(plan.cells), len(self.results))

    def run(self) -> Outcome:
        """Run what is missing, in the order of the plan."""
        for cell in self.plan.cells:
            if cell.name in self.results:
                self._tell_cell(cell, is_old=True)
        outcome = self._write()
        for cell in self.plan.cells:
            if cell.name not in self.results:
                self.results[cell.name] = self._measure(cell)
                self.clock.run += 1
                self._tell_cell(cell, is_old=False)
                outcome = self._write()
        return outcome

    def _measure(self, cell: Cell) -> dict[str, Any]:
        def hear(event: Mapping[str, Any]) -> None:
            fraction = event["fraction"]
            place = {"cell": cell.title, "phase": event["phase"], "cell_fraction": fraction}
            self.tell({"event": "progress", **place, **self.clock.state(fraction)})

        try:
            return run_cell(cell, self.request, hear, self.should_stop)
        except InterruptedError:
            self.desk.sweep()
            have, out = f"{self.clock.done} of {len(self.plan.cells)}", self.request.out
            again = f"Stopped; {have} cells are kept in {out}, the same command goes on from there"
            self.tell({"event": "note", "message": again})
            raise

    def _tell_cell(self, cell: Cell, *, is_old: bool) -> None:
        result = self.results[cell.name]
        metrics, costs = result.get("metrics", {}), result.get("costs", {})
        self.tell(
            {
                "event": "cell",
                "cell": cell.title,
                "state": result["state"],
                "is_old": is_old,
                "error": result.get("error"),
                "entity_f1": metrics.get("entity_f1"),
                "triple_f1": metrics.get("triple_f1"),
                **costs,
                "file": str(self.desk.result_file(cell)),
                **self.clock.state(0.0),
            }
        )

    def _write(self) -> Outcome:
        """Write the tables over what there is."""
        collected = collect(self.request, self.plan, self.results)
        outcome = Outcome(collected, markdown(collected, self.plan.sets))
        text = json.dumps(collected, ensure_ascii=False, indent=1)
        write_text_atomically(self.request.out / "results.json", [text, "\n"])
        write_text_atomically(self.request.out / "results.md", [outcome.table])
        return outcome


@contextmanager
def _alone_in(out: Path) -> Iterator[None]:
    """Hold the output folder; two benchmarks would sweep away each other's work."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = (out / ".lock").open("w")
    except OSError as error:
        raise ExtractionError(
            "unwritable_folder",
            f"{out} cannot be written ({error.strerror}); choose another --out",
            {"out": str(out)},
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ExtractionError(
                "folder_in_use",
                f"Another benchmark is writing into {out}; wait for it or choose another --out",
                {"out": str(out)},
            ) from error
        yield
