"""The whole loop through the public API, on data given by path: `python bench/loop.py DATA`.

Starts the product with `./run` in a throw-away folder, imports `chddi_like.train.jsonl` as gold and
`chddi_like.dev.jsonl` without labels, trains (quick), and checks what must hold: a suggestion on
every pending sentence, `next` in the order of the score, a measured F1, and an export that says
exactly what was imported. Prints each step with its seconds; exits 1 at the first broken promise.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from launch.client import Api, RefusedError  # noqa: E402 - found through the line above
from launch.trial import running  # noqa: E402

TRAIN_SECONDS = 300
BY_DOUBT = {"uncertain", "diverse", "rare_type"}
RESULT = ROOT / "bench" / "results" / "loop.json"


class BrokenPromiseError(Exception):
    """Something that must hold does not."""


def wait(is_done: Any, *, seconds: float, what: str) -> None:
    """Ask twice a second until it is done, or say what did not come."""
    deadline = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > deadline:
            raise BrokenPromiseError(f"{what} did not come within {seconds:.0f} s")
        time.sleep(0.5)


def promise(holds: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Stop when something that must hold does not."""
    if not holds:
        raise BrokenPromiseError(what)


def bring(api: Api, project: int, file: Path, **how: str) -> Any:
    """Import a file and wait for its report."""
    sent = api.upload(f"projects/{project}/imports/", file, **how)
    address = f"projects/{project}/imports/{sent['id']}/"
    ended = {"done", "failed", "cancelled"}
    wait(lambda: api.call("GET", address)["state"] in ended, seconds=120, what="the import")
    report = api.call("GET", address)
    promise(report["state"] == "done", f"import of {file.name}: {report['state']}")
    return report


def train(api: Api, project: int) -> Any:
    """Press Retrain and wait until every pending sentence has its suggestion."""
    run = api.call("POST", f"projects/{project}/runs/", {"speed": "quick"})
    address = f"projects/{project}/runs/{run['id']}/"
    ended = {"done", "failed", "cancelled"}
    wait(lambda: api.call("GET", address)["state"] in ended, seconds=TRAIN_SECONDS, what="the run")
    run = api.call("GET", address)
    promise(run["state"] == "done", f"the run ended {run['state']}: {run['error']}")
    return run


def is_suggested(api: Api, project: int) -> bool:
    """Say whether all pending sentences have a suggestion of the active model."""
    rows = api.pages(f"projects/{project}/sentences/?state=pending")
    return all(row["suggested"] for row in rows)


def is_up_to_date(api: Api, project: int) -> bool:
    """Say whether all pending sentences have a suggestion of the version that is active now."""
    models = api.call("GET", f"projects/{project}/models/")["results"]
    active = next(one for one in models if one["state"] == "active")
    return bool(active["suggested"]["done"] >= active["suggested"]["total"])


def check_order(api: Api, project: int) -> int:
    """Take the whole queue and compare its sampled part with the order of the scores."""
    handed: list[Any] = []
    while batch := api.call("POST", f"projects/{project}/next/", {"count": 5})["sentences"]:
        handed += batch
    ids = [sentence["id"] for sentence in handed]
    promise(len(set(ids)) == len(ids), "a sentence was handed out twice")
    sampled = [s["priority"] for s in handed if s["why"]["reason"] in BY_DOUBT]
    promise(len(sampled) > len(handed) / 2, "most sentences are not chosen by score")
    promise(sampled == sorted(sampled, reverse=True), "next does not follow the score")
    promise(all(s["suggestion"] for s in handed), "a sentence came without its suggestion")
    return len(handed)


def said(lines: bytes) -> Counter[str]:
    """Return what a native file says, regardless of ids and order."""
    found: Counter[str] = Counter()
    for line in lines.decode().splitlines():
        row = json.loads(line)
        spans = [(e["start"], e["end"], e["type"]) for e in row["entities"]]
        triples = sorted([spans[r["head"]], spans[r["tail"]], r["type"]] for r in row["relations"])
        found[json.dumps([row["text"], sorted(spans), triples], ensure_ascii=False)] += 1
    return found


def check_export(api: Api, project: int, source: Path) -> int:
    """Compare the gold export with the imported file, and two exports byte by byte."""
    address = f"projects/{project}/export/?format=native&state=gold"
    first = api.send("GET", address, None, "application/json")
    again = api.send("GET", address, None, "application/json")
    promise(first == again, "two exports of the same data differ")
    exported, imported = said(first), said(source.read_bytes())
    promise(set(exported) == set(imported), "the export does not say what was imported")
    return len(exported)


def new_project(api: Api) -> int:
    """Make a project in which no suggestion is hidden."""
    wanted = {"name": "Loop", "template": "ch-ddi", "language": "zh"}
    project: int = api.call("POST", "projects/", wanted)["id"]
    api.call("PATCH", f"projects/{project}/", {"blind_share": 0.0})
    return project


def retrain(api: Api, project: int, done: Callable[[str, str], None]) -> None:
    """Press Retrain once more, as somebody does who has labelled a few more sentences."""
    run = train(api, project)
    done("retraining", f"goes on from version 1: {bool(run['origin'])}")
    wait(lambda: is_up_to_date(api, project), seconds=120, what="every new suggestion")
    done("pre-annotation again", "every pending sentence has one of the active version")


def main() -> None:
    """Go once around."""
    data = Path(sys.argv[1]).resolve()
    gold, pending = data / "chddi_like.train.jsonl", data / "chddi_like.dev.jsonl"
    steps: dict[str, float] = {}
    began = time.monotonic()

    def done(name: str, said_: str) -> None:
        nonlocal began
        steps[name] = round(time.monotonic() - began, 2)
        print(f"{steps[name]:8.2f} s  {name}: {said_}", flush=True)
        began = time.monotonic()

    with running() as trial:
        api = Api(trial.address)
        done("start", api.address)
        api.log_in("manager", trial.password("manager"))
        project = new_project(api)
        report = bring(api, project, gold, format="native", labels="gold", split="auto")
        done("import gold", f"{report['accepted']} accepted, {report['duplicates']} duplicates")
        report = bring(api, project, pending, format="native", labels="ignore", split="pool")
        done("import pending", f"{report['accepted']} accepted")
        run = train(api, project)
        metrics = run["metrics"]
        done(
            "quick training",
            f"{run['gold_count']} gold sentences, {run['holdout_count']} in the hold-out, "
            f"entity F1 {metrics['entity_f1']:.3f}, triple F1 {metrics['triple_f1']:.3f}",
        )
        wait(lambda: is_suggested(api, project), seconds=120, what="every suggestion")
        done("pre-annotation", "every pending sentence has a suggestion")
        retrain(api, project, done)
        done("queue", f"{check_order(api, project)} sentences in the order of the score")
        done("export", f"{check_export(api, project, gold)} gold sentences, as imported")
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps({"seconds": steps, "metrics": metrics}, indent=1) + "\n")


if __name__ == "__main__":
    try:
        main()
    except (BrokenPromiseError, RefusedError) as broken:
        sys.exit(f"The loop is broken: {broken}")
