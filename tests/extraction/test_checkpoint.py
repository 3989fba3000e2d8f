"""Checkpoints: whole or not there; whatever was tampered with is refused."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from extraction.data.files import sweep_drafts, write_text_atomically
from extraction.errors import ExtractionError
from extraction.training.checkpoint import MANIFEST, read_checked, write_checked
from extraction.training.state import Position, State, StateStore


def fill(folder: Path) -> None:
    (folder / "encoder").mkdir()
    (folder / "encoder" / "weights.safetensors").write_bytes(b"numbers")


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    path = tmp_path / "model"
    write_checked(path, {"model": "spert.v1"}, fill)
    return path


def refused(path: Path) -> ExtractionError:
    with pytest.raises(ExtractionError) as caught:
        read_checked(path)
    return caught.value


def test_a_whole_checkpoint_gives_its_card(whole: Path) -> None:
    assert read_checked(whole) == {"model": "spert.v1"}
    files = json.loads((whole / MANIFEST).read_text())["files"]
    assert sorted(files) == ["encoder/weights.safetensors", "model.json"]
    assert [one.name for one in whole.parent.iterdir()] == ["model"]


def flip(path: Path) -> None:
    (path / "encoder" / "weights.safetensors").write_bytes(b"Numbers")


def lose(path: Path) -> None:
    (path / "encoder" / "weights.safetensors").unlink()


def add(path: Path) -> None:
    (path / "extra.json").write_text("{}")


def edit_card(path: Path) -> None:
    (path / "model.json").write_text("{}")


def lose_manifest(path: Path) -> None:
    (path / MANIFEST).unlink()


def spoil_manifest(path: Path) -> None:
    (path / MANIFEST).write_text('{"format": 1}')


def age_manifest(path: Path) -> None:
    (path / MANIFEST).write_text('{"format": 0, "files": {}}')


def link(path: Path) -> None:
    weights = path / "encoder" / "weights.safetensors"
    weights.rename(path.parent / "elsewhere")
    weights.symlink_to(path.parent / "elsewhere")


@pytest.mark.parametrize(
    "spoil", [flip, lose, add, edit_card, lose_manifest, spoil_manifest, age_manifest, link]
)
def test_a_spoilt_checkpoint_is_refused(whole: Path, spoil: Callable[[Path], None]) -> None:
    spoil(whole)
    error = refused(whole)
    assert error.code == "bad_checkpoint"
    assert str(whole) in error.message


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    assert refused(tmp_path / "none").code == "checkpoint_not_found"


def test_a_failing_writer_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        fill(folder)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_checked(tmp_path / "model", {}, fail)
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_is_never_written_over_another_one(whole: Path) -> None:
    with pytest.raises(OSError, match=r"[Nn]ot empty|exists"):
        write_checked(whole, {"model": "other"}, fill)
    assert read_checked(whole) == {"model": "spert.v1"}


def test_a_text_appears_whole(tmp_path: Path) -> None:
    path = tmp_path / "a" / "p.jsonl"
    write_text_atomically(path, ["甲\n", "乙\n"])
    write_text_atomically(path, ["丙\n"])
    assert path.read_text(encoding="utf-8") == "丙\n"
    assert [one.name for one in path.parent.iterdir()] == ["p.jsonl"]


WRITER = """
import sys, time
from pathlib import Path
from extraction.training.checkpoint import write_checked
def fill(folder):
    (folder / "weights").write_bytes(b"x" * 1000)
    print("half", flush=True)
    time.sleep(60)
write_checked(Path(sys.argv[1]), {}, fill)
"""


def test_a_kill_in_the_middle_leaves_no_half_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "model"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "half\n"
        writer.send_signal(signal.SIGKILL)
    assert not path.exists()
    assert len(list(tmp_path.iterdir())) == 1
    sweep_drafts(path)
    assert list(tmp_path.iterdir()) == []
    write_checked(path, {"model": "spert.v1"}, fill)
    assert read_checked(path)


class TestTheKeptState:
    """What a training keeps, so that it can go on."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> StateStore:
        return StateStore(tmp_path / "model", "this training")

    def state(self, epoch: int) -> State:
        return State(Position(epoch, 2), 1.5, {"weight.a": torch.full((2,), float(epoch))})

    def test_the_newest_is_found_and_the_older_forgotten(self, store: StateStore) -> None:
        store.keep(self.state(1))
        store.keep(self.state(2))
        found = store.latest()
        assert found is not None
        assert (found.position, found.seconds) == (Position(2, 2), 1.5)
        assert found.tensors["weight.a"].tolist() == [2.0, 2.0]
        assert len(list(store.home.iterdir())) == 1

    def test_a_spoilt_one_is_passed_over_for_the_one_before(self, store: StateStore) -> None:
        store.keep(self.state(1))
        good = next(store.home.iterdir())
        shutil.copytree(good, store.home / "000009-00000000")
        (store.home / "000009-00000000" / "model.json").write_text("{}")
        found = store.latest()
        assert found is not None
        assert found.position.epoch == 1

    def test_a_spoilt_one_is_written_anew_and_half_ones_go(self, store: StateStore) -> None:
        store.keep(self.state(1))
        (kept,) = store.home.iterdir()
        (kept / "manifest.json").unlink()
        (store.home / ".000002-00000002.abc.draft").mkdir()
        assert store.latest() is None
        store.keep(self.state(1))
        assert list(store.home.iterdir()) == [kept]
        assert store.latest() is not None

    def test_another_training_is_not_taken_up(self, store: StateStore, tmp_path: Path) -> None:
        store.keep(self.state(1))
        assert StateStore(tmp_path / "model", "another").latest() is None

    def test_forgetting_leaves_nothing(self, store: StateStore, tmp_path: Path) -> None:
        assert store.latest() is None
        store.keep(self.state(1))
        store.forget()
        assert list(tmp_path.iterdir()) == []
