"""G20: what is too much is refused at once and costs next to nothing."""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from annotator.accounts.models import User
from annotator.exchange.formats import FORMATS
from annotator.exchange.formats.drafts import Options
from annotator.exchange.formats.sources import open_source
from annotator.exchange.services.reading import Reader
from annotator.projects.models import Project
from extraction.types import RelationRule, Schema
from tests.annotator.conftest import AddSentences, entity

ROOT = Path(__file__).resolve().parents[2]
Record = Callable[[str, object], None]
SECONDS_OF_A_STATEMENT = "RELATA_STATEMENT_SECONDS"  # set by whoever imported the web process
SECONDS, KILOBYTES = 1.0, 100_000
MEGA = 1_000_000
TEXT = "利血平与多巴胺合用"


def graph(entities: int, relations: int) -> bytes:
    one = [entity(f"e{n}", n % 8, n % 8 + 1) for n in range(entities)]
    two = [{"head": "e0", "tail": f"e{n}", "type": "协同"} for n in range(1, relations + 1)]
    return json.dumps({"entities": one, "relations": two, "action": "save"}).encode()


BODIES: dict[str, Callable[[], bytes]] = {
    "10,000 entities": lambda: graph(10_000, 0),
    "10,000 relations": lambda: graph(10, 10_000),
    "10 MB": lambda: b'{"comment": "' + b"x" * (10 * MEGA) + b'"}',
    "lists 100,000 deep": lambda: b"[" * 100_000,
    "objects 100,000 deep": lambda: b'{"a":' * 100_000,
    "a number of 900,000 digits": lambda: b'{"seconds": ' + b"9" * 900_000 + b"}",
    "900,000 digits after the point": lambda: b'{"seconds": 0.' + b"9" * 900_000 + b"}",
    "100,000 keys": lambda: json.dumps({f"k{n}": n for n in range(60_000)}).encode(),
    "a comment of 900,000 characters": lambda: json.dumps(
        {"entities": [], "relations": [], "action": "save", "comment": "x" * 900_000}
    ).encode(),
}


class Spent:
    """Processor seconds and kilobytes since it was made."""

    def __init__(self) -> None:
        self.began = time.process_time()
        self.held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    @property
    def seconds(self) -> float:
        return time.process_time() - self.began

    @property
    def kilobytes(self) -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - self.held


@pytest.mark.django_db
@pytest.mark.parametrize("name", BODIES)
def test_too_much_in_a_save_is_refused_at_once(
    project: Project, ana: User, add_sentences: AddSentences, name: str, record_property: Record
) -> None:
    (sentence,) = add_sentences(project, [TEXT])
    client = Client(raise_request_exception=False)
    client.force_login(ana)
    body = BODIES[name]()
    spent = Spent()
    answer = client.put(
        f"/api/v1/sentences/{sentence.pk}/annotation/",
        body,
        content_type="application/json",
        headers={"If-Match": '"0"', "Idempotency-Key": str(uuid4())},
    )
    seconds, kilobytes = spent.seconds, spent.kilobytes
    assert 400 <= answer.status_code < 500, answer.content[:200]
    assert len(answer.content) < 20_000
    assert seconds < SECONDS
    assert kilobytes < KILOBYTES
    record_property("safety", f"G20: {name}: {answer.status_code} after {seconds:.2f} s")


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a line of 10 MB": ("text", lambda: TEXT.encode() * 400_000),
    "a native line of 10 MB": ("native", lambda: b'{"text": "' + b"x" * (10 * MEGA) + b'"}'),
    "a native line 100,000 deep": ("native", lambda: b'{"text": "x", "meta": ' + b"[" * 100_000),
    "a cell of 10 MB": ("csv", lambda: b'text\n"' + b"x" * (10 * MEGA) + b'"\n'),
    "an array 100,000 deep": ("ch-ddi-array", lambda: b"[" * 100_000),
    "an array whose object never ends": ("ch-ddi-array", lambda: b'[{"text": "' + b"x" * 10 * MEGA),
    "a million empty lines": ("text", lambda: b"\n" * MEGA),
}


@pytest.mark.parametrize("name", FILES)
def test_too_much_in_a_file_is_refused_at_once(name: str, record_property: Record) -> None:
    format_name, make = FILES[name]
    reading = FORMATS[format_name].reading
    assert reading is not None
    raw = make()
    spent = Spent()
    schema = Schema(("药物",), (RelationRule("协同"),))
    options: Any = Options(labels="ignore", symmetric=frozenset())
    batches = Reader(open_source(io.BytesIO(raw)), reading, options, schema).batches(
        after=0, size=200
    )
    taken = sum(len(batch.ready) for batch in batches)
    assert taken == 0
    assert spent.seconds < SECONDS
    assert spent.kilobytes < KILOBYTES
    record_property("safety", f"G20: {name}: refused after {spent.seconds:.2f} s")


@pytest.mark.parametrize(
    ("program", "limit"), [("annotator.config.asgi", "30s"), ("worker.app", "0")]
)
def test_a_statement_of_the_web_process_ends(program: str, limit: str) -> None:
    """And nobody keeps locks who does nothing."""
    code = (
        f"import {program}\nfrom django.db import connection\n"
        "for name in ('statement_timeout', 'idle_in_transaction_session_timeout'):\n"
        "    with connection.cursor() as cursor:\n"
        "        cursor.execute(f'SHOW {name}')\n        print(cursor.fetchone()[0])"
    )
    plain = {name: value for name, value in os.environ.items() if name != SECONDS_OF_A_STATEMENT}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, check=False)
    assert done.stdout.decode().split() == [limit, "1min"], done.stderr.decode()
