"""A running product, and the client whose typed half is made first where the API has changed."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from launch import trial
from launch.places import ROOT

CLIENT = ROOT / "clients" / "python"
# Test modules import the client: its typed half must be there before, made by one of xdist's
# workers while the others wait.
with (CLIENT / "generate.py").open(encoding="utf-8") as turn:
    fcntl.flock(turn, fcntl.LOCK_EX)
    subprocess.run([sys.executable, CLIENT / "generate.py"], check=True, stdout=subprocess.DEVNULL)

from relata_client import Relata  # noqa: E402 - it is there now

TEXT = "利福平可诱导肝药酶，加快华法林的代谢，使其抗凝作用减弱。"
OTHER = "胺碘酮与地高辛合用时，后者的血药浓度升高。"


@pytest.fixture(scope="session")
def product() -> Iterator[trial.Trial]:
    """./run in a throw-away home, with the demo's accounts."""
    with trial.running(demo="accounts", RELATA_LOGIN_RATE="600/min") as running:
        yield running


Enter = Callable[[str], Relata]


@pytest.fixture
def enter(product: trial.Trial) -> Iterator[Enter]:
    """Return a function that logs somebody in with the client."""
    opened: list[Relata] = []

    def log_in(username: str) -> Relata:
        opened.append(Relata.login(product.address, username, product.password(username)))
        return opened[-1]

    yield log_in
    for one in opened:
        one.close()


@pytest.fixture
def manager(enter: Enter) -> Relata:
    """The manager's client."""
    return enter("manager")


def write_lines(path: Path, *rows: dict[str, Any]) -> Path:
    """Write one JSON object a line."""
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def project(manager: Relata, tmp_path: Path) -> int:
    """A project of two sentences without labels."""
    made = manager.create_project("Client", template="ch-ddi").id
    rows = ({"id": "a", "text": TEXT}, {"id": "b", "text": OTHER})
    report = manager.import_file(made, write_lines(tmp_path / "two.jsonl", *rows), split="pool")
    assert (report.accepted, report.refused) == (2, 0)
    return made
