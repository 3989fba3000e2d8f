"""G1: no acknowledged label is lost or doubled, whoever dies and whatever reply is lost."""

from __future__ import annotations

import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psutil
import pytest

from launch import trial
from launch.places import ROOT
from tests.safety.harness.history import Operation, Stored, violations
from tests.safety.harness.proxy import losing
from tests.safety.tiers import size

pytestmark = pytest.mark.slow

Record = Callable[[str, object], None]
SAVES = size(1_500, 20_000, 100_000)
KILLS = size(6, 60, 500)
ANNOTATORS = 16
SENTENCES = 40
LOST = 0.02
BETWEEN_KILLS = 5.0
PATIENCE = 60.0
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

# Who is killed, by what stands in the command line of the process.
VICTIMS = (
    ("web", "uvicorn"),
    ("database", "bin/postgres -D"),
    ("worker", "celery -A worker"),
    ("broker", "redis-server"),
)

PREPARE = f"""
import json
from annotator.accounts.models import User
from annotator.accounts.services import issue_token
from annotator.corpus.models import Sentence
from annotator.projects.models import Membership, Project, Role
from annotator.projects.services import create_project
owner = User.objects.get(username="manager")
project = create_project(name="G1", template="ch-ddi", language="zh", owner=owner, seed=1).project
import hashlib, uuid
Sentence.objects.bulk_create(
    Sentence(project=project, position=n, group=n, split="pool", text=f"利血平与多巴胺合用{{n}}",
             text_hash=uuid.UUID(bytes=hashlib.sha256(str(n).encode()).digest()[:16]))
    for n in range({SENTENCES}))
people = [User.objects.create_user(username=f"a{{n}}", password=None) for n in range({ANNOTATORS})]
for one in people:
    Membership.objects.create(project=project, user=one, role=Role.ANNOTATOR)
print(json.dumps({{
    "sentences": list(project.sentences.values_list("pk", flat=True)),
    "tokens": {{one.username: issue_token(user=one) for one in people}},
}}))
"""
COLLECT = """
import json
from django.db.models import Count, F, Q
from annotator.core.models import AuditEntry
from annotator.labelling.models import Revision
entries = {}
for row in AuditEntry.objects.filter(object_kind="annotation").values_list(
        "object_id", "after_version"):
    entries[row] = entries.get(row, 0) + 1
rows = Revision.objects.values_list("annotation_id", "annotation__sentence_id",
    "annotation__author__username", "version", "comment")
print(json.dumps({
    "stored": [[s, a, v, c, entries.get((i, v)) == 1] for i, s, a, v, c in rows],
    "entries": sum(entries.values()),
}))
"""


def manage(product: trial.Trial, *arguments: str) -> str:
    """Run manage.py beside the running product."""
    environment = {**os.environ, "RELATA_HOME": str(product.home)}
    for name in ("DATABASE_URL", "REDIS_URL"):
        environment.pop(name, None)
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return done.stdout.decode()


@dataclass
class Shared:
    """What all clients share: where to, and how much is still wanted."""

    address: str
    wanted: int
    acknowledged: int = 0
    seen: list[Operation] = field(default_factory=list)
    retries: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_over(self) -> bool:
        return self.acknowledged >= self.wanted

    def note(self, operation: Operation, retries: int) -> None:
        with self.lock:
            self.seen.append(operation)
            self.retries += retries
            self.acknowledged += operation.outcome == "ok"


class Client(threading.Thread):
    """An annotator whose browser saves, and tries again with the same key until it knows."""

    def __init__(self, shared: Shared, name: str, token: str, sentences: Sequence[int]) -> None:
        super().__init__(name=name, daemon=True)
        self.shared, self.token = shared, token
        self.chance = random.Random(name)
        self.versions = dict.fromkeys(sentences, 0)
        self.error: BaseException | None = None

    def run(self) -> None:
        """Save until all have enough."""
        try:
            while not self.shared.is_over:
                self.save(self.chance.choice(list(self.versions)))
        except BaseException as error:
            self.error = error
            raise

    def save(self, sentence: int) -> None:
        """Save once, with a mark, and note what came of it."""
        mark, key = uuid4().hex, str(uuid4())
        end = self.chance.randrange(1, 9)
        body = {
            "entities": [{"id": "e1", "start": 0, "end": end, "type": "药物", "source": "human"}],
            "relations": [],
            "comment": mark,
            "action": self.chance.choice(("save", "save", "submit")),
        }
        deadline, tries = time.monotonic() + PATIENCE, -1
        while time.monotonic() < deadline:
            tries += 1
            status, answer = self._put(sentence, key, body)
            if status == 200:
                self.versions[sentence] = answer["version"]
                done = Operation(mark, sentence, self.name, "ok", answer["version"])
                self.shared.note(done, tries)
                return
            if status and status < 500 and status != 429:
                self.shared.note(Operation(mark, sentence, self.name, "fail"), tries)
                raise AssertionError(f"{status}: {answer}")
            time.sleep(0.05 + 0.2 * self.chance.random())
        self.shared.note(Operation(mark, sentence, self.name, "info"), tries)
        raise AssertionError("the product did not come back")

    def _put(self, sentence: int, key: str, body: Any) -> tuple[int, Any]:
        """Send it; status 0 stands for no answer."""
        request = urllib.request.Request(
            f"{self.shared.address}/api/v1/sentences/{sentence}/annotation/",
            data=json.dumps(body).encode(),
            method="PUT",
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Token {self.token}",
                "If-Match": f'"{self.versions[sentence]}"',
                "Idempotency-Key": key,
            },
        )
        try:
            with opener.open(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")
        except (OSError, ValueError, http.client.HTTPException):
            return 0, None


def processes(product: trial.Trial, words: str) -> Iterator[psutil.Process]:
    """The processes of this product, and of no other, whose command line has these words."""
    for one in psutil.Process(product.pid).children(recursive=True):
        try:
            if words in " ".join(one.cmdline()):
                yield one
        except psutil.Error:
            continue


def kill_some(product: trial.Trial, shared: Shared) -> dict[str, int]:
    """Kill -9 one after another while saves go on."""
    killed = dict.fromkeys((name for name, _ in VICTIMS), 0)
    number = 0
    while not shared.is_over or number < KILLS:
        time.sleep(BETWEEN_KILLS if not shared.is_over else 0.5)
        name, words = VICTIMS[number % len(VICTIMS)]
        victim = next(processes(product, words), None)
        if victim is not None:
            victim.kill()
            killed[name] += 1
        number += 1
    return killed


def test_what_was_acknowledged_is_there_once_whatever_died(record_property: Record) -> None:
    with trial.running() as product:
        made = json.loads(manage(product, "shell", "--no-imports", "-c", PREPARE).splitlines()[-1])
        where = urlsplit(product.address)
        with losing((str(where.hostname), int(where.port or 0)), LOST) as (address, loss):
            shared = Shared(address, SAVES)
            clients = [
                Client(shared, name, token, made["sentences"])
                for name, token in made["tokens"].items()
            ]
            begun = time.monotonic()
            for one in clients:
                one.start()
            killed = kill_some(product, shared)
            for one in clients:
                one.join(PATIENCE + 30)
            spent = time.monotonic() - begun
        assert [one.error for one in clients if one.error] == []
        assert not any(one.is_alive() for one in clients)
        found = json.loads(manage(product, "shell", "--no-imports", "-c", COLLECT).splitlines()[-1])
        stored = [Stored(*row) for row in found["stored"]]
        wrong = list(violations(shared.seen, stored))
        assert not wrong, "\n".join(wrong[:20])
        assert found["entries"] == len(stored)
        assert "finding" not in manage(product, "verify_integrity")
    assert shared.acknowledged >= SAVES
    assert sum(killed.values()) >= KILLS
    assert loss.lost > 0
    record_property(
        "safety",
        f"G1: {shared.acknowledged:,} acknowledged saves by {ANNOTATORS} in {spent:.0f} s, kill -9:"
        f" {', '.join(f'{name} {count}' for name, count in killed.items())}; {loss.lost} replies"
        f" lost, {shared.retries} retries: 0 lost, 0 doubled",
    )


OK = Operation("m", 1, "a", "ok", 1)
THERE = Stored(1, "a", 1, "m")
BROKEN: dict[str, tuple[list[Operation], list[Stored]]] = {
    "H1": ([OK], []),
    "H1: acknowledged save m is there 2": ([OK], [THERE, Stored(1, "a", 2, "m")]),
    "is not the version": ([Operation("m", 1, "a", "ok", 2)], [THERE]),
    "H2": ([OK, Operation("n", 1, "a", "ok", 3)], [THERE, Stored(1, "a", 3, "n")]),
    "H3": ([Operation("m", 1, "a", "fail")], [THERE]),
    "H4": ([Operation("m", 1, "a", "info")], [THERE, Stored(1, "a", 2, "m")]),
    "H7": ([OK], [Stored(1, "a", 1, "m", is_recorded=False)]),
    "nobody sent": ([], [THERE]),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_the_checker_sees_what_is_wrong(rule: str) -> None:
    assert any(rule in one for one in violations(*BROKEN[rule]))
    unknown = Operation("n", 1, "a", "info")
    assert list(violations([OK, unknown], [THERE])) == []
