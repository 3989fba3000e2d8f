"""`next` while a new model re-scores 100,000 pending sentences: `python -m bench.queue`.

Starts the product with `./run` in a throw-away folder, imports sentences made here and a few
labelled ones, trains a tiny model, and times `POST next/` over HTTP: while the workers score the
pool, and again when all is quiet. What counts is the ratio of the 95th percentiles (goal: 1.3).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.import_export import sentences
from launch.client import Api
from launch.trial import Trial, running

ROOT = Path(__file__).resolve().parent.parent
GOAL = 1.3
LABELLED = 60
PATIENCE = 1800.0
PAUSE = 0.05  # a person asks less often than a loop


def main() -> int:
    """Run it; the exit status says whether the goal is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=600)
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results" / "queue.json")
    chosen = parser.parse_args()
    with running() as trial:
        result = measure(trial, chosen.sentences, chosen.calls)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))
    return 0 if result["ratio_p95"] <= GOAL else 1


def measure(trial: Trial, count: int, calls: int) -> dict[str, Any]:
    """Fill a project, train, and time `next` during the pre-annotation and after it."""
    api = Api(trial.address)
    api.log_in("manager", trial.password("manager"))
    project = api.call("POST", "projects/", {"name": "queue", "template": "ch-ddi"})["id"]
    api.call("PATCH", f"projects/{project}/", {"blind_share": 0.0})
    with tempfile.TemporaryDirectory() as folder:
        plain, labelled = write(Path(folder), count)
        bring(api, project, labelled, format="native", labels="gold", split="pool")
        bring(api, project, plain, format="text", labels="ignore", split="pool")
    before = latencies(api, project, calls)
    api.call("POST", f"projects/{project}/runs/", {"settings": {"epochs": 3}})
    wait(lambda: scored(api, project) > 0, "the first suggestions")
    begun, first = time.monotonic(), scored(api, project)
    busy = latencies(api, project, calls)
    done = scored(api, project)
    rate = (done - first) / (time.monotonic() - begun)
    was_busy = done < count
    wait(lambda: scored(api, project) >= count, "the last suggestion")
    time.sleep(10.0)  # the next batch is chosen
    quiet = latencies(api, project, calls)
    return {
        "sentences": count,
        "without_model_ms": figures(before),
        "while_scoring_ms": figures(busy),
        "quiet_ms": figures(quiet),
        "ratio_p95": round(p95(busy) / p95(quiet), 2),
        "scored_per_second_meanwhile": round(rate, 1),
        "was_scoring_to_the_end": was_busy,
        "cores": len(os.sched_getaffinity(0)),
        "machine": platform.processor() or platform.machine(),
    }


def write(folder: Path, count: int) -> tuple[Path, Path]:
    """Write the sentences to score, and a few labelled ones to learn from."""
    plain, labelled = folder / "plain.txt", folder / "labelled.jsonl"
    with plain.open("w", encoding="utf-8") as file:
        file.writelines(one["text"] + "\n" for one in sentences(count, seed=1))
    with labelled.open("w", encoding="utf-8") as file:
        made = sentences(LABELLED, seed=2)
        file.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in made)
    return plain, labelled


def bring(api: Api, project: int, file: Path, **how: str) -> None:
    """Import a file and wait for it."""
    sent = api.upload(f"projects/{project}/imports/", file, **how)
    address = f"projects/{project}/imports/{sent['id']}/"
    wait(lambda: api.call("GET", address)["state"] not in {"queued", "running"}, "the import")
    report = api.call("GET", address)
    if report["state"] != "done":
        sys.exit(f"the import of {file.name} ended {report['state']}")


def scored(api: Api, project: int) -> int:
    """How many pending sentences the active model has looked at."""
    models = api.call("GET", f"projects/{project}/models/")["results"]
    return sum(one["suggested"]["done"] for one in models if one["state"] == "active")


def latencies(api: Api, project: int, calls: int) -> list[float]:
    """Milliseconds of each call; the sentence is handed back, so that all calls are alike."""
    taken = []
    for _ in range(calls):
        begun = time.perf_counter()
        given = api.call("POST", f"projects/{project}/next/", {"count": 1})["sentences"]
        taken.append(1000 * (time.perf_counter() - begun))
        for one in given:
            api.call("DELETE", f"sentences/{one['id']}/lease/")
        time.sleep(PAUSE)
    return taken


def wait(is_done: Callable[[], bool], what: str) -> None:
    """Ask once a second until it is done."""
    deadline = time.monotonic() + PATIENCE
    while not is_done():
        if time.monotonic() > deadline:
            sys.exit(f"{what} did not come within {PATIENCE:.0f} s")
        time.sleep(1.0)


def p95(taken: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(taken, n=20)[-1]


def figures(taken: list[float]) -> dict[str, float]:
    """Median, 95th percentile and worst."""
    return {
        "median": round(statistics.median(taken), 1),
        "p95": round(p95(taken), 1),
        "worst": round(max(taken), 1),
    }


if __name__ == "__main__":
    sys.exit(main())
