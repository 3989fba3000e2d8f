"""G23: the web process does not grow: neither its memory nor its open files."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import psutil
import pytest

from annotator.accounts.models import User
from annotator.accounts.services import issue_token
from annotator.corpus.models import Sentence
from annotator.projects.models import Project
from tests.annotator.conftest import AddSentences
from tests.safety.harness.server import serving
from tests.safety.tiers import size

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Record = Callable[[str, object], None]
WARM_UP = size(700, 1_000, 3_000)
REQUESTS = size(480, 9_000, 60_000)
STEPS = 30
# What may be added in 10,000 requests. In few of them the allocator's steps weigh more.
MOST_BYTES = size(50e6, 10e6, 2e6)
MOST_FILES = 4
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Visitor:
    """Somebody who reads, saves, and makes mistakes."""

    def __init__(self, place: str, token: str, project: Project, sentences: list[Sentence]) -> None:
        self.base, self.token = f"http://{place}/api/v1", token
        self.project, self.sentences = project.pk, [one.pk for one in sentences]
        self.versions = dict.fromkeys(self.sentences, 0)
        self.count = 0

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> int:
        request = urllib.request.Request(
            f"{self.base}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Token {self.token}",
                "Content-Type": "application/json",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
        )
        try:
            with opener.open(request, timeout=30) as answer:
                answer.read()
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.read()
            return error.code

    def next_request(self) -> None:
        """Make the next request of the round, and see that it is answered as it should be."""
        self.count += 1
        sentence = self.sentences[self.count % len(self.sentences)]
        match self.count % 6:
            case 0:
                assert self.call("GET", f"projects/{self.project}/sentences/") == 200
            case 1:
                assert self.call("GET", f"sentences/{sentence}/") == 200
            case 2:
                assert self.save(sentence, self.versions[sentence]) == 200
                self.versions[sentence] += 1
            case 3:
                assert self.save(sentence, 999) == 412
            case 4:
                assert self.call("POST", f"projects/{self.project}/next/", {"nothing": 1}) == 400
            case _:
                assert self.call("GET", "projects/0/progress/") == 404

    def save(self, sentence: int, version: int) -> int:
        body = {"entities": [], "relations": [], "action": "save"}
        headers = {"If_Match": f'"{version}"', "Idempotency_Key": str(uuid4())}
        return self.call("PUT", f"sentences/{sentence}/annotation/", body, **headers)


def test_the_web_process_does_not_grow(
    project: Project,
    add_sentences: AddSentences,
    manager: User,
    tmp_path: Path,
    record_property: Record,
) -> None:
    sentences = add_sentences(project, [f"第{number}句" for number in range(50)])
    with serving(tmp_path) as (process, place):
        web = psutil.Process(process.pid)
        visitor = Visitor(place, issue_token(user=manager), project, sentences)
        for _ in range(WARM_UP):
            visitor.next_request()
        files = web.num_fds()
        begun, sizes = time.monotonic(), []
        for _ in range(STEPS):
            for _ in range(REQUESTS // STEPS):
                visitor.next_request()
            sizes.append(web.memory_info().rss)
        spent = time.monotonic() - begun
        grown = web.num_fds() - files
    slope = growth(sizes, REQUESTS // STEPS)
    record_property(
        "safety",
        f"G23: {REQUESTS:,} requests in {spent:.0f} s: {slope / 1e6:+.2f} MB in 10,000 of them,"
        f" {sizes[-1] / 1e6:.0f} MB in all, {grown:+} open files",
    )
    assert slope < MOST_BYTES
    assert grown <= MOST_FILES


def growth(sizes: list[int], requests: int) -> float:
    """Return bytes in 10,000 requests by a line fitted through sizes that many requests apart."""
    slope, _ = np.polyfit(np.arange(len(sizes)), np.array(sizes, dtype=float), 1)
    return float(slope) / requests * 10_000


def test_growth_is_seen() -> None:
    assert growth([1_000_000 + 30_000 * n for n in range(60)], 100) == pytest.approx(3e6)
    assert growth([5] * 60, 100) == pytest.approx(0)
