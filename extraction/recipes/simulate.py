"""Simulation: labelled data is labelled again, as each strategy would have had it labelled.

The output folder keeps `curves.jsonl` (one replay a line; finished ones are not run again),
`results.json`, `results.md` and one plot a set (`NAME.svg`).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from extraction.catalogue import model_spec
from extraction.data.files import write_text_atomically
from extraction.errors import ExtractionError
from extraction.recipes.benchmark_sets import open_sets
from extraction.recipes.simulate_plot import plot
from extraction.recipes.simulate_replay import Corpus, Replay, fit, open_corpus
from extraction.recipes.simulate_request import SimulateRequest
from extraction.recipes.simulate_table import Summary, markdown, summarize
from extraction.training.loop import StoppedError

Tell = Callable[[Mapping[str, Any]], None]
ALL_LABELS = "all"


def run(request: SimulateRequest, tell: Tell, should_stop: Callable[[], bool]) -> dict[str, Any]:
    """Replay every strategy and seed on every set; returns the summaries.

    Raises ExtractionError before anything runs if the request cannot work, StoppedError when
    told to stop; finished replays are kept then.
    """
    if model_spec(request.model).given_entities:
        raise ExtractionError(
            "unfit_model", f"{request.model} finds no entities itself; choose another --model"
        )
    sets = open_sets(request.data, request.sets, request.limit)
    return _Simulation(request, tell, should_stop).run(
        [open_corpus(one, request.limit) for one in sets]
    )


class _Simulation:
    """A simulation at work, and what of it is kept."""

    def __init__(
        self, request: SimulateRequest, tell: Tell, should_stop: Callable[[], bool]
    ) -> None:
        self.request, self.tell, self.should_stop = request, tell, should_stop
        self.file = request.out / "curves.jsonl"
        self.records = self._read()

    def run(self, corpora: list[Corpus]) -> dict[str, Any]:
        for corpus in corpora:
            for seed in range(1, self.request.seeds + 1):
                for strategy in (ALL_LABELS, *self.request.strategies):
                    self._once(corpus, strategy, seed)
            self._write()
        return {"out": str(self.request.out), "results": [asdict(one) for one in self._write()]}

    def _once(self, corpus: Corpus, strategy: str, seed: int) -> None:
        key = {**self._make(), "data": corpus.name, "strategy": strategy, "seed": seed}
        if any(all(one.get(k) == v for k, v in key.items()) for one in self.records):
            return

        def hear(point: Mapping[str, float]) -> None:
            if self.should_stop():
                raise StoppedError
            self.tell(
                {
                    "event": "progress",
                    "data": corpus.name,
                    "strategy": strategy,
                    "seed": seed,
                    **point,
                }
            )

        if strategy == ALL_LABELS:
            points = [self._all_labels(corpus, seed)]
            hear(points[0])
        else:
            replay = Replay(corpus, strategy, seed, self.request, self.should_stop)
            points = replay.run(hear)
        self.records.append({**key, "points": points})
        self._keep()

    def _all_labels(self, corpus: Corpus, seed: int) -> dict[str, float]:
        """What the model comes to with every label there is."""
        places = range(len(corpus.examples))
        with tempfile.TemporaryDirectory(prefix="relata-simulate-") as name:
            _, metrics = fit(corpus, places, seed, self.request, Path(name), self.should_stop)
        figures = {name: float(metrics[name]) for name in ("entity_f1", "triple_f1")}
        return {**figures, "labels": len(places), "seconds": 0.0}

    def _make(self) -> dict[str, Any]:
        """What a replay kept from before must have been asked for to count."""
        asked = self.request
        return {
            "model": asked.model,
            "encoder": asked.encoder,
            "speed": asked.speed,
            "settings": dict(asked.settings),
            "budgets": list(asked.budgets),
            "control_share": asked.control_share,
            "limit": asked.limit,
        }

    def _read(self) -> list[dict[str, Any]]:
        if not self.file.is_file():
            return []
        with self.file.open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def _keep(self) -> None:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            lines = [json.dumps(one, ensure_ascii=False) + "\n" for one in self.records]
            write_text_atomically(self.file, lines)
        except OSError as error:
            raise ExtractionError(
                "unwritable_folder",
                f"{self.request.out} cannot be written ({error.strerror}); choose another --out",
                {"out": str(self.request.out)},
            ) from error

    def _write(self) -> list[Summary]:
        make = self._make()
        mine = [one for one in self.records if all(one.get(k) == v for k, v in make.items())]
        summaries = summarize(mine)
        out = self.request.out
        text = json.dumps([asdict(one) for one in summaries], ensure_ascii=False, indent=1)
        write_text_atomically(out / "results.json", [text, "\n"])
        write_text_atomically(out / "results.md", [markdown(summaries)])
        for one in summaries:
            write_text_atomically(out / f"{one.data}.svg", [plot(one)])
        return summaries


__all__ = ["SimulateRequest", "StoppedError", "run"]
