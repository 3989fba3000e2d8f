"""G2: at every step at which the program can break, it breaks without harm, in three ways."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from annotator.accounts.models import User
from annotator.accounts.services import issue_token
from annotator.config.management.commands.verify_integrity import findings
from annotator.core.failpoints import Fault
from tests.annotator.conftest import AddSentences
from tests.safety.harness.checkpoints import small_checkpoint
from tests.safety.harness.scenes import Scene, Stage
from tests.safety.harness.workshop import PATIENCE, ROOT, Workshop, open_workshop

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Record = Callable[[str, object], None]
STANDS_STILL = 0.3  # how long others have, before who stopped goes on
NAMES = re.compile(r"""failpoint\(\s*"([\w.]+)"\s*\)""")

# What is done, and the failpoints on its way.
WAYS: Mapping[str, tuple[str, ...]] = {
    "save": (
        "save.key_taken",
        "save.annotation_written",
        "save.revision_written",
        "save.sentence_moved",
        "save.before_commit",
        "event.committed",
    ),
    "import": (
        "upload.kept",
        "job.written",
        "job.before_bell",
        "job.claimed",
        "import.before_commit",
        "import.batch_committed",
        "job.finished",
        "import.ended",
    ),
    "train": ("model.copied", "model.kept", "version.entered", "version.activated", "job.finished"),
    "suggest": ("suggestions.stored",),
    "promote": ("version.activated",),
    "schema": ("schema.annotations_rewritten", "schema.before_commit"),
    "backup": ("backup.dumped", "backup.before_rename", "backup.renamed"),
}


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small trained model."""
    return small_checkpoint(tmp_path_factory.mktemp("model"))


@pytest.fixture
def workshop(tmp_path: Path, settings: Any) -> Iterator[Workshop]:
    """Children on the test's database, with a home of their own."""
    settings.HOME = tmp_path
    settings.MODEL_FOLDER = tmp_path / "models"
    settings.UPLOAD_FOLDER = tmp_path / "uploads"
    with open_workshop(tmp_path) as made:
        yield made


@pytest.fixture
def stage(manager: User, checkpoint: Path, tmp_path: Path, add_sentences: AddSentences) -> Stage:
    return Stage(manager, issue_token(user=manager), checkpoint, tmp_path, add_sentences)


def test_every_failpoint_is_tried() -> None:
    declared = {
        name
        for room in ("annotator", "worker")
        for path in (ROOT / room).rglob("*.py")
        for name in NAMES.findall(path.read_text(encoding="utf-8"))
    }
    assert declared == {point for points in WAYS.values() for point in points}


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_harmed(
    workshop: Workshop, stage: Stage, way: str, record_property: Record
) -> None:
    plain = stage.scene(way)
    passed = workshop.do(way, plain.given).told()
    assert passed["status"] in {200, 202}, passed
    assert set(WAYS[way]) <= set(passed["passed"]), "a failpoint was not reached"
    is_sound(plain)
    plain.is_done()
    for point in WAYS[way]:
        for fault in Fault:
            scene = stage.scene(way)
            (stand_still if fault is Fault.STALL else die)(workshop, scene, point, fault)
            scene.is_done()
            is_sound(scene)
    count = len(WAYS[way])
    record_property("safety", f"G2: {way}: {count} failpoints x {len(Fault)} faults, no harm")


def die(workshop: Workshop, scene: Scene, point: str, fault: Fault) -> None:
    """Break once; what is there then is whole; then do it again."""
    broken = workshop.do(scene.way, scene.given, point, fault)
    if fault is Fault.KILL:
        assert broken.status == -signal.SIGKILL, (point, broken.told())
    else:
        assert point in broken.told()["passed"], (point, broken.told())
    scene.is_whole()
    scene.again()
    done = workshop.do(scene.way, scene.given)
    assert done.status == 0, (point, fault, done.status)


def stand_still(workshop: Workshop, scene: Scene, point: str, fault: Fault) -> None:
    """Stop on the way, let somebody else do the same, and go on."""
    first = workshop.start(scene.way, scene.given, point, fault)
    assert first.stopped.wait(PATIENCE), point
    second = workshop.start(scene.way, scene.given)
    second.over.wait(STANDS_STILL)
    os.kill(first.pid, signal.SIGCONT)
    for one in (first, second):
        assert one.over.wait(PATIENCE), (point, "stands still for ever")
    scene.is_whole()


def is_sound(scene: Scene) -> None:
    assert not list(findings(scene.project.pk))
