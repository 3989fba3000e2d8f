"""G14: the text of sentences stays where sentences belong: not in logs, queue, events or jobs."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest

from launch import trial
from launch.client import Api, RefusedError
from launch.places import ROOT
from tests.safety.test_g01_saves import manage, processes
from tests.worker.conftest import wait_for

pytestmark = pytest.mark.slow

Record = Callable[[str, object], None]
CANARIES = [f"金丝雀{uuid4().hex[:12]}" for _ in range(12)]
# Where sentences belong: files that came in, the data of PostgreSQL, models learnt from them.
ALLOWED = ("pg/", "uploads/", "models/", "work/")

COLLECT = """
import json
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    tables = [row[0] for row in cursor.fetchall()]
    held = {}
    for table in tables:
        cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s', ["%金丝雀%"])
        held[table] = cursor.fetchone()[0]
print(json.dumps(held))
"""
# Tables that hold text: sentences, and what people wrote or sent about them.
TEXT_TABLES = {"corpus_sentence", "corpus_document"}


def refused(api: Api, method: str, path: str, body: object, **headers: str) -> str:
    """Send what must be refused; return what the answer says."""
    try:
        api.call(method, path, body, **headers)
    except RefusedError as error:
        return str(error)
    raise AssertionError(f"{path} was not refused")


def use(product: trial.Trial, folder: Path) -> list[str]:
    """Use the product well and badly; return everything that refusals said."""
    api = Api(product.address)
    api.log_in("manager", product.password("manager"))
    project = api.call("POST", "projects/", {"name": "G14", "template": "ch-ddi"})["id"]
    good = [
        {
            "id": canary,
            "text": f"{canary}@与多巴胺合用疗效降低",
            "entities": [{"start": 0, "end": len(canary), "type": "药物"}],
            "relations": [],
        }
        for canary in CANARIES[:8]
    ]
    lines = [json.dumps(one, ensure_ascii=False) for one in good]
    lines += [
        f'{{"text": "{CANARIES[8]}", "entities": [{{"start": 0}}]}}',
        f"{CANARIES[9]} no JSON",
    ]
    file = folder / "in.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sent = api.upload(
        f"projects/{project}/imports/", file, format="native", labels="gold", split="pool"
    )
    where = f"projects/{project}/imports/{sent['id']}/"
    wait_for(lambda: api.call("GET", where)["state"] == "done")
    said = [json.dumps(api.call("GET", where), ensure_ascii=False)]
    run = api.call("POST", f"projects/{project}/runs/", {"settings": {"epochs": 1}})
    (sentence,) = api.call("GET", f"projects/{project}/sentences/")["results"][:1]
    save = f"sentences/{sentence['id']}/annotation/"
    bad = {"entities": [{"id": "e", "start": 0, "end": 999, "type": CANARIES[10]}]}
    key = {"If_Match": '"0"', "Idempotency_Key": str(uuid4())}
    said.append(refused(api, "PUT", save, {**bad, "relations": [], "action": "save"}, **key))
    said.append(refused(api, "PUT", save, {"else": CANARIES[11]}, **key))
    said.append(refused(api, "GET", f"projects/{project}/sentences/?{uuid4().hex}=1", None))
    whole = {"entities": [], "relations": [], "action": "save"}
    api.call("PUT", save, whole, If_Match='"0"', Idempotency_Key=str(uuid4()))
    wait_for(lambda: api.call("GET", f"runs/{run['id']}/")["state"] in {"done", "failed"})
    broken = urllib.request.Request(f"{product.address}/api/v1/{save}", data=b"\xff", method="PUT")
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(broken, timeout=20)
    next(processes(product, "uvicorn")).kill()
    wait_for(lambda: is_up(product))
    return said


def is_up(product: trial.Trial) -> bool:
    try:
        urllib.request.urlopen(f"{product.address}/readyz", timeout=5).close()
    except OSError:
        return False
    return True


def files_with_canaries(home: Path) -> Iterator[str]:
    """All files of the home, but for those where text belongs, that hold one of the marks."""
    marks = [one.encode() for one in CANARIES] + [one[3:].encode() for one in CANARIES]
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if path.is_file() and not name.startswith(ALLOWED):
            raw = path.read_bytes()
            if any(mark in raw for mark in marks):
                yield name


def command_lines(product: trial.Trial) -> str:
    """What everybody on the machine can read of the processes."""
    found = []
    for one in psutil.Process(product.pid).children(recursive=True):
        try:
            found.append(" ".join(one.cmdline()))
        except psutil.Error:
            continue
    return "\n".join(found)


class Watch:
    """Looks again and again whom the processes of the product are connected to."""

    def __init__(self, product: trial.Trial) -> None:
        self.tree = psutil.Process(product.pid)
        self.abroad: set[str] = set()
        self.looks = 0
        self.is_over = threading.Event()
        self.eye = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Watch:
        self.eye.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        self.eye.join()

    def _look_on(self) -> None:
        while not self.is_over.wait(0.05):
            for one in self.tree.children(recursive=True):
                with suppress(psutil.Error):
                    self.abroad |= set(foreign(one.net_connections(kind="inet")))
            self.looks += 1


def foreign(connections: Iterable[Any]) -> Iterator[str]:
    """Yield the far ends that are not on this machine."""
    for one in connections:
        if one.raddr and not ip_address(one.raddr.ip).is_loopback:
            yield f"{one.raddr.ip}:{one.raddr.port}"


def test_a_connection_abroad_is_seen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = server.getsockname()
        with socket.create_connection(place):
            found = psutil.Process().net_connections("inet")
            [ours] = [
                one for one in found if tuple(one.raddr) == place and one.status == "ESTABLISHED"
            ]
            assert not list(foreign([ours]))
            far = ours._replace(raddr=ours.raddr._replace(ip="192.0.2.7"))
            assert list(foreign([far])) == [f"192.0.2.7:{place[1]}"]


def test_no_text_of_a_sentence_is_anywhere_else(tmp_path: Path, record_property: Record) -> None:
    with trial.running() as product:
        with Watch(product) as watch:
            said = use(product, tmp_path)
        redis = next(processes(product, "redis-server")).cmdline()
        assert redis
        shown = command_lines(product)
        held = json.loads(manage(product, "shell", "--no-imports", "-c", COLLECT).splitlines()[-1])
        subprocess.run(  # a dump of the broker, as it is after all this
            [sys.executable, "-c", SAVE, str(product.home)], cwd=ROOT, check=True
        )
        leaks = list(files_with_canaries(product.home))
        planted = product.home / "log" / "planted.log"
        planted.write_text(f"… {CANARIES[0]} …", encoding="utf-8")
        assert list(files_with_canaries(product.home)) == [*leaks, "log/planted.log"]
    assert leaks == []
    assert watch.looks > 10
    assert not watch.abroad, "the product talked to another machine"
    assert held["corpus_sentence"] == 8
    assert {table for table, count in held.items() if count} <= TEXT_TABLES
    assert not any(canary[3:] in shown for canary in CANARIES)
    for answer in said:
        assert not any(canary[3:] in answer for canary in CANARIES), answer[:300]
    record_property(
        "safety",
        f"G14: {len(CANARIES)} marks; 0 in logs, broker, {len(held)} tables but the sentences',"
        f" {len(said)} refusals and the process list; the planted one was found; in"
        f" {watch.looks} looks no connection to another machine",
    )


SAVE = """
import os, sys
os.environ["RELATA_HOME"] = sys.argv[1]
os.environ.pop("REDIS_URL", None)
from redis import Redis
from launch import engines
from pathlib import Path
Redis.from_url(engines.urls(Path(sys.argv[1])).redis_url).save()
"""
