"""G4: work that died with its worker is soon taken up again; an engine's death stops nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
import pytest

from launch import redis, trial
from launch.client import Api, RefusedError
from launch.places import places
from tests.safety.test_g01_saves import processes
from tests.safety.tiers import size
from tests.worker.conftest import sentence_of

pytestmark = pytest.mark.slow

Record = Callable[[str, object], None]
TIMES = size(1, 4, 20)
LEASE = size(9.0, 45.0, 45.0)  # 45 s is what the product comes with
SWEEP = LEASE / 4.5
RESTART = 20.0  # of a worker, beside everything else on the machine
TAKEN_AGAIN_SECONDS = min(75.0, LEASE + SWEEP + RESTART)
DONE_SECONDS = 30.0
PATIENCE = 90.0
QUEUED = 4
LONG = {"settings": {"epochs": 100, "dev_checks": 0}}
BROKER, DATABASE, TRAINER = "redis-server", "bin/postgres -D", "-n train@"
RUN = """
SELECT r.phase = 'training' AND r.progress > 0.1, r.state, j.attempt, j.state
  FROM learning_run AS r JOIN core_job AS j ON j.kind = 'train' AND j.subject_id = r.id
 WHERE r.id = %s
"""
LEFT = """
SELECT count(*) FROM core_job WHERE state IN ('queued', 'running') AND kind <> 'train'
"""
FAILED = "SELECT kind, error_code FROM core_job WHERE state NOT IN ('done', 'cancelled')"
Row = tuple[Any, ...]


@dataclass
class Desk:
    """A running product with somebody who uses it."""

    product: trial.Trial
    api: Api
    project: int
    folder: Path
    sent: int = 0

    def ask(self, query: str, *values: Any) -> list[Row] | None:
        """Ask the product's database; None when it is away."""
        try:
            folder = str(places(self.product.home).postgres_sockets)
            line = psycopg2.connect(host=folder, user="relata", dbname="relata")
            with closing(line), line.cursor() as cursor:
                cursor.execute(query, values)
                return list(cursor.fetchall())
        except psycopg2.OperationalError:
            return None

    def import_some(self) -> bool:
        """Send a file with new sentences; False when it was not taken."""
        self.sent += 1
        text, _ = sentence_of(self.sent)
        file = self.folder / f"{self.sent}.jsonl"
        lines = (
            json.dumps({"text": f"{text}{uuid4().hex}", "entities": [], "relations": []})
            for _ in range(3)
        )
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        door = f"projects/{self.project}/imports/"
        try:
            self.api.upload(door, file, format="native", labels="ignore", split="pool")
        except (RefusedError, OSError):
            return False
        return True

    def kill(self, words: str) -> float:
        """Kill -9 the process with these words; return when."""
        next(processes(self.product, words)).kill()
        return time.monotonic()


def wait_for(what: Callable[[], object], seconds: float = PATIENCE) -> float:
    """Wait until something is so; return when."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.02)
    return time.monotonic()


def labelled(folder: Path) -> Path:
    """A file with eight labelled sentences and four more."""
    lines = []
    for number in range(8):
        text, graph = sentence_of(number)
        entities = [{"start": e.start, "end": e.end, "type": e.type} for e in graph.entities]
        relations = [{"head": r.head, "tail": r.tail, "type": r.type} for r in graph.relations]
        lines.append({"text": text, "entities": entities, "relations": relations})
    file = folder / "gold.jsonl"
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    file.write_text(f"{text}\n", encoding="utf-8")
    return file


def sit_down(product: trial.Trial, folder: Path) -> Desk:
    """A manager with a project that can be trained on."""
    api = Api(product.address)
    api.log_in("manager", product.password("manager"))
    project = api.call("POST", "projects/", {"name": "G4", "template": "ch-ddi"})["id"]
    door = f"projects/{project}/imports/"
    sent = api.upload(door, labelled(folder), format="native", labels="gold", split="pool")
    wait_for(lambda: api.call("GET", f"{door}{sent['id']}/")["state"] == "done")
    return Desk(product, api, project, folder)


@dataclass
class Loss:
    """A training whose worker was killed, and when."""

    desk: Desk
    run: int
    killed: float = 0.0

    def now(self) -> Row:
        """Whether it is on its way, its state, the attempt and the state of its job."""
        return (self.desk.ask(RUN, self.run) or [(False, "", 0, "")])[0]

    def wait(self) -> tuple[float, float]:
        """Return after how long another worker had the job, and after how long it was done."""
        taken = wait_for(lambda: self.now()[2] == 2)
        done = wait_for(lambda: self.now()[1] == "done")
        assert self.now()[2:] == (2, "done")
        wait_for(lambda: self.desk.ask(LEFT) == [(0,)])
        return taken - self.killed, done - self.killed


def lose_worker(desk: Desk) -> Loss:
    """Kill a worker while it trains."""
    loss = Loss(desk, desk.api.call("POST", f"projects/{desk.project}/runs/", LONG)["id"])
    wait_for(lambda: loss.now()[0])
    loss.killed = desk.kill(TRAINER)
    assert loss.now()[2:] == (1, "running")
    return loss


def lose_engine(desk: Desk, words: str, is_back: Callable[[], bool]) -> tuple[float, int]:
    """Kill an engine while files come in; return how long after its return all were done."""
    sent = sum(desk.import_some() for _ in range(QUEUED))
    desk.kill(words)
    while not is_back():
        sent += desk.import_some()
    back = time.monotonic()
    done = wait_for(lambda: desk.ask(LEFT) == [(0,)])
    return done - back, sent


def figures(seconds: Sequence[float]) -> str:
    return f"{max(seconds):.1f} s at most" if len(seconds) > 1 else f"{seconds[0]:.1f} s"


def test_work_goes_on_when_something_dies(tmp_path: Path, record_property: Record) -> None:
    with trial.running(RELATA_LEASE_SECONDS=str(LEASE)) as product:
        desk = sit_down(product, tmp_path)
        found = places(product.home)
        lost, broker, base = [], [], []
        for _ in range(TIMES):
            loss = lose_worker(desk)  # while its lease runs out, the others go on
            broker.append(lose_engine(desk, BROKER, lambda: redis.is_ready(found)))
            base.append(lose_engine(desk, DATABASE, lambda: desk.ask("SELECT 1") is not None))
            lost.append(loss.wait())
        assert desk.ask(FAILED) == []
    taken = [one for one, _ in lost]
    assert max(taken) <= TAKEN_AGAIN_SECONDS
    assert max(one for one, _ in (*broker, *base)) <= DONE_SECONDS
    record_property(
        "safety",
        f"G4: {TIMES} kill -9 of a training's worker: taken again after {figures(taken)} (lease"
        f" {LEASE:.0f} s), done after {figures([one for _, one in lost])}; {TIMES} of the broker,"
        f" {sum(count for _, count in broker)} files: done"
        f" {figures([one for one, _ in broker])} after its return; {TIMES} of the database,"
        f" {sum(count for _, count in base)} files: {figures([one for one, _ in base])}",
    )
