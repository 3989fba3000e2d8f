"""G5: a training that is killed goes on from its last whole state and comes to the same weights."""

from __future__ import annotations

import hashlib
import json
import math
import random
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import pytest

from annotator.learning.selectors.training import Order
from extraction.data.native import read_predictions
from tests.extraction.corpus import corpus, write_native
from tests.safety.tiers import size
from worker.child import Child
from worker.training import train_arguments
from worker.workplace import Workplace, take_workplace

pytestmark = pytest.mark.slow

Record = Callable[[str, object], None]
KILLS = size(10, 30, 50)
EPOCHS = 6
INTERVAL = 0.3
SLACK = 1.5  # a step, a state that is being written, and the time that a signal takes
PATIENCE = 60.0
BATCHES = 15  # in an epoch of these sentences
RESUME = "model.resume"
TENSORS, MANIFEST = "state.safetensors", "manifest.json"
ORDER = Order(
    run_id=1,
    project_id=1,
    model="spert.v1",
    encoder="chars-tiny",
    speed="quick",
    seed=5,
    settings={"epochs": EPOCHS, "batch_tokens": 64, "negative_entities": 10, "dev_checks": 1},
    schema={},
    measured_on="pool_share",
    train=(),
    submitted=(),
    dev=(),
    rival=None,
    is_judged=True,
    is_compared=False,
    origin_digest=None,
)


@dataclass
class Life:
    """One process that trains, from its start to its end or its death."""

    folder: Path
    child: Child
    keep_every: float
    delay: float  # after the first step, before anything is done to it
    heard: list[Mapping[str, Any]] = field(default_factory=list)
    found: set[str] = field(default_factory=set)  # what lay there at the start
    first_step_at: float = math.inf
    struck_at: float = math.inf

    def listen(self, seconds: float) -> None:
        event = self.child.hear(seconds=seconds)
        if event is not None:
            self.heard.append(event)
            if self.steps:
                self.first_step_at = min(self.first_step_at, time.time())

    @property
    def steps(self) -> list[int]:
        """The steps that it told of."""
        return [event["step"] for event in self.heard if event.get("phase") == "training"]

    @property
    def is_due(self) -> bool:
        return time.time() - self.first_step_at >= self.delay

    @property
    def drafts(self) -> list[Path]:
        """The states that it has begun to write."""
        return [
            one for one in (self.folder / RESUME).glob(".*.draft") if one.name not in self.found
        ]

    @property
    def kept(self) -> list[Path]:
        """The states that it has kept."""
        return [one for one in states(self.folder) if one.name not in self.found]


def states(folder: Path) -> list[Path]:
    """The states that are there under their name, the newest last."""
    return sorted((folder / RESUME).glob("[0-9]*"))


def is_loading(life: Life) -> bool:
    return bool(life.heard)


def is_among_steps(life: Life) -> bool:
    """Some steps on, with a state that was kept on the way."""
    return life.is_due and bool(life.kept)


def is_between_files(life: Life) -> bool:
    """The tensors of a state are there, the list of its files is not."""
    halves = ((one / TENSORS).exists() and not (one / MANIFEST).exists() for one in life.drafts)
    return life.is_due and any(halves)


def is_before_rename(life: Life) -> bool:
    """All files of a state are there; it has no name yet."""
    return life.is_due and any((one / MANIFEST).exists() for one in life.drafts)


def is_after_rename(life: Life) -> bool:
    """A state has its name, the one before is not removed yet."""
    return (
        life.is_due and len(life.kept) > 1 and all((one / MANIFEST).exists() for one in life.kept)
    )


def is_saving(life: Life) -> bool:
    """The model itself is half-written."""
    return any(life.folder.glob(".model.*.draft")) and not (life.folder / "model").exists()


def is_saved(life: Life) -> bool:
    """The model is there; the training has not said so."""
    return (life.folder / "model").exists()


Reached = Callable[[Life], bool]
Damage = Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Point:
    """Where to kill, how often states are kept, and what is damaged afterwards."""

    name: str
    is_reached: Reached
    keep_every: float = INTERVAL
    damage: Damage | None = None
    after: str = "training"  # the phase from which on to look closely


def flip(state: Path) -> None:
    raw = bytearray((state / TENSORS).read_bytes())
    raw[-1] ^= 1
    (state / TENSORS).write_bytes(raw)


def cut(state: Path) -> None:
    raw = (state / TENSORS).read_bytes()
    (state / TENSORS).write_bytes(raw[: len(raw) // 2])


def tear(state: Path) -> None:
    (state / MANIFEST).unlink()


def spoil_newest(place: Path) -> None:
    """Damage the newest state in one of three ways; with one alone, nothing is left of the work."""
    newest = states(place)[-1]
    (flip, cut, tear)[done_at(newest) % 3](newest)


def spoil_next(place: Path) -> None:
    """Put a state there that is newer than all and not whole, as a disk may leave one."""
    newest = states(place)[-1]
    epoch, batch = newest.name.split("-")
    torn = newest.with_name(f"{epoch}-{int(batch) + 1:08d}")
    shutil.copytree(newest, torn)
    (flip, cut, tear)[done_at(newest) % 3](torn)


# Two trainings beside each other; the last point of each is behind all steps.
PLANS: Sequence[Sequence[Point]] = (
    (
        Point("while loading", is_loading, after="loading"),
        Point("among steps", is_among_steps, damage=spoil_newest),
        Point("between the files of a state", is_between_files, 0.0),
        Point("after its rename", is_after_rename, 0.0, spoil_newest),
        Point("between the model's files", is_saving, after="evaluating"),
    ),
    (
        Point("among steps", is_among_steps),
        Point("before its rename", is_before_rename, 0.0, spoil_next),
        Point("between the files of a state", is_between_files, 0.0),
        Point("among steps", is_among_steps, damage=spoil_next),
        Point("after the model's rename", is_saved, after="evaluating"),
    ),
)


@dataclass
class Tally:
    """What came of the kills."""

    points: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    longest: float = 0.0
    damaged: int = 0
    trainings: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def fill(place: Workplace) -> None:
    """Write what the worker writes at every attempt, the same bytes each time."""
    write_native(place.train, corpus(8))
    write_native(place.dev, corpus(2))
    schema = {
        "entity_types": ["药物", "疾病"],
        "relation_types": [{"name": name} for name in ("协同", "拮抗", "禁忌", "促进")],
    }
    place.schema.write_text(json.dumps(schema, ensure_ascii=False), encoding="utf-8")


@contextmanager
def living(run: int, attempt: int, keep_every: float, delay: float = 0.0) -> Iterator[Life]:
    """An attempt at a training, as the worker begins one."""
    place = take_workplace(run, attempt)
    fill(place)
    found = {one.name for one in (place.folder / RESUME).glob("*")}
    words = [*train_arguments(ORDER, place), "--keep-every", str(keep_every)]
    with Child(words, folder=place.folder) as child:
        yield Life(place.folder, child, keep_every, delay, found=found)


def hear_out(life: Life) -> None:
    """Hear all that it has said or will say."""
    while not life.child.is_silent:
        life.listen(1.0)


def end(life: Life) -> Life:
    """Let it train to its end."""
    hear_out(life)
    assert life.child.status() == 0, (life.folder / "stderr").read_text()[-2000:]
    assert life.heard[-1]["event"] == "done"
    return life


def strike(life: Life, point: Point) -> bool:
    """Kill it at this very point; False when it came to its end before."""
    deadline = time.monotonic() + PATIENCE
    while not life.child.is_silent:
        assert time.monotonic() < deadline, "the point was not reached"
        is_near = any(event.get("phase") == point.after for event in life.heard)
        life.listen(0.0005 if is_near else 1.0)
        if point.is_reached(life) and is_held_at(life, point.is_reached):
            life.struck_at = time.time()
            life.child.kill()
            hear_out(life)
            return True
    end(life)
    return False


def is_held_at(life: Life, is_reached: Reached) -> bool:
    """Have it stand still; it is let go if it was past the point already."""
    process = psutil.Process(life.child.process.pid)
    try:
        process.suspend()
        while process.status() not in {psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE}:
            pass
        if is_reached(life):
            return True
        process.resume()
    except psutil.NoSuchProcess:
        pass
    return False


def done_at(state: Path) -> int:
    """How many steps are in a state, or in one that is being written."""
    epoch, batch = state.name.lstrip(".").split(".")[0].split("-")
    return int(epoch) * BATCHES + int(batch)


def weigh(life: Life, tally: Tally, point: Point) -> None:
    """Hold what a kill cost against the interval."""
    kept = reached(life.folder)
    told = [*life.steps, *map(done_at, life.drafts)]
    since = max([life.first_step_at, *(one.stat().st_mtime for one in life.kept)])
    lost = max(0.0, life.struck_at - since)
    repeated = max([0, *(step - kept for step in told)])
    assert lost <= life.keep_every + SLACK, f"{point.name}: {lost:.2f} s of work"
    assert repeated <= 1 or life.keep_every, f"{point.name}: {repeated} steps"
    with tally.lock:
        tally.points[point.name] += 1
        tally.repeated += repeated
        tally.longest = max(tally.longest, lost)


def reached(folder: Path) -> int:
    """How many steps are in the newest whole state."""
    return max((done_at(one) for one in states(folder) if is_whole(one)), default=0)


def is_whole(state: Path) -> bool:
    """Say so without the product: every file is there and is what the manifest says."""
    try:
        files = json.loads((state / MANIFEST).read_text(encoding="utf-8"))["files"]
        return all(sha256(state / name) == known["sha256"] for name, known in files.items())
    except FileNotFoundError:
        return False


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def results(life: Life) -> dict[str, Any]:
    """The SHA-256 of the weights, what the model says, and its figures without the times.

    Chances are left out: a model that is loaded computes the same ones but for the last digit.
    """
    weights = {one.name: sha256(one) for one in (life.folder / "model").rglob("*.safetensors")}
    said = [(name, one.graph()) for name, one in read_predictions(life.folder / "said.jsonl")]
    return {**weights, "said": said, "metrics": {**life.heard[-1]["metrics"], "costs": None}}


def train_and_kill(run: int, points: Sequence[Point], tally: Tally) -> Life:
    """Train once, killed at one point after another; return the life that came to the end."""
    chance = random.Random(run)
    for attempt, point in enumerate(points, start=1):
        with living(run, attempt, point.keep_every, INTERVAL * chance.random()) as life:
            wanted = reached(life.folder) + 1
            if not strike(life, point):
                return begun_at(life, wanted)
        begun_at(life, wanted)
        weigh(life, tally, point)
        if point.damage is not None and states(life.folder):
            point.damage(life.folder)
            with tally.lock:
                tally.damaged += 1
    with living(run, len(points) + 1, INTERVAL) as life:
        wanted = reached(life.folder) + 1
        return begun_at(end(life), wanted)


def train_all(tally: Tally) -> Iterator[Life]:
    """Train again and again until enough was killed."""
    shuffled = random.Random(5).sample
    while tally.points.total() < KILLS:
        first, plans = tally.trainings + 2, PLANS
        if tally.trainings:
            plans = [[*shuffled(plan[:-1], len(plan) - 1), plan[-1]] for plan in PLANS]
        tally.trainings += len(plans)
        with ThreadPoolExecutor(len(plans)) as pool:
            yield from pool.map(partial(train_and_kill, tally=tally), count(first), plans)


def begun_at(life: Life, wanted: int) -> Life:
    """See that it went on behind the newest whole state, if it came to its first step."""
    assert life.steps[:1] in ([], [wanted])
    return life


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.WORK_FOLDER = tmp_path / "work"


def test_a_killed_training_comes_to_the_same_weights(record_property: Record) -> None:
    tally, begun = Tally(), time.monotonic()
    with living(1, 1, keep_every=1000.0) as whole:  # beside those that are killed
        for life in train_all(tally):
            assert results(life) == results(end(whole))
            assert not (life.folder / RESUME).exists()
            assert not list(life.folder.glob(".*"))
    assert {event["steps"] for event in whole.heard if event.get("step")} == {EPOCHS * BATCHES}
    assert set(tally.points) == {point.name for plan in PLANS for point in plan}
    spent = time.monotonic() - begun
    record_property(
        "safety",
        f"G5: {tally.points.total()} kill -9 in {tally.trainings} trainings"
        f" ({', '.join(f'{name} {count}' for name, count in tally.points.items())})"
        f" in {spent:.0f} s: weights, predictions and figures as uninterrupted; at most"
        f" {tally.longest:.2f} s of work lost (interval {INTERVAL} s), {tally.repeated} steps run"
        f" twice; {tally.damaged} damaged states, none gone on from",
    )
