"""The test's side of `breaking`: have something done by a process that may break."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from annotator.core.failpoints import Fault
from tests.safety.harness.keeping import started

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60.0
LEASE = 1.0

Given = dict[str, Any]


@dataclass
class Outcome:
    """What became of a child."""

    pid: int
    report: Path
    over: threading.Event
    stopped: threading.Event
    status: int | None = None

    def told(self) -> Mapping[str, Any]:
        """Return what the child wrote down before its end; nothing if it was killed."""
        return json.loads(self.report.read_text()) if self.report.exists() else {}


class Workshop:
    """The process that forks, and its children."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process, self.folder = process, folder
        self.children: dict[int, Outcome] = {}
        self.begun: dict[str, Outcome] = {}
        self.news = threading.Condition()
        self.ear = threading.Thread(target=self._listen, daemon=True)
        self.ear.start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            word = json.loads(line)
            with self.news:
                self._note(word)
                self.news.notify_all()

    def _note(self, word: Mapping[str, Any]) -> None:
        if word["state"] == "begun":
            report = word["report"]
            made = Outcome(word["pid"], Path(report), threading.Event(), threading.Event())
            self.children[made.pid] = self.begun[report] = made
        elif word["state"] == "stopped":
            self.children[word["pid"]].stopped.set()
        elif word["state"] == "over":
            outcome = self.children[word["pid"]]
            outcome.status = word["status"]
            outcome.over.set()

    def start(self, way: str, given: Given, point: str = "", fault: Fault | None = None) -> Outcome:
        """Have something done, to break at a failpoint."""
        assert self.process.stdin
        report = str(self.folder / f"{uuid4().hex}.json")
        order = {"scenario": way, "given": given, "point": point, "fault": fault, "report": report}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        with self.news:
            assert self.news.wait_for(lambda: report in self.begun, timeout=PATIENCE)
            return self.begun[report]

    def do(self, way: str, given: Given, point: str = "", fault: Fault | None = None) -> Outcome:
        """Have something done and wait for the end."""
        outcome = self.start(way, given, point, fault)
        assert outcome.over.wait(PATIENCE), f"{way} at {point} did not end"
        return outcome


@contextmanager
def open_workshop(home: Path) -> Iterator[Workshop]:
    """Children on the test's database, with a home of their own."""
    process = started("breaking", home=home, lease=LEASE)
    with process:
        made = Workshop(process, home)
        try:
            yield made
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            made.ear.join()
