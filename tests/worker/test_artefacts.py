"""The model store: whole folders by digest, kept once, refused when damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings

from extraction.errors import ExtractionError
from extraction.training.checkpoint import write_checked
from worker import artefacts


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A folder as the engine leaves it."""

    def fill(folder: Path) -> None:
        (folder / "encoder").mkdir()
        (folder / "encoder" / "config.json").write_text(json.dumps({"model_type": "bert"}))

    write_checked(tmp_path / "checkpoint", {"model": "spert.v1"}, fill)
    return tmp_path / "checkpoint"


def test_a_checkpoint_is_kept_under_its_digest_however_often(checkpoint: Path) -> None:
    digest = artefacts.keep(checkpoint)
    assert artefacts.keep(checkpoint) == digest
    kept = artefacts.find(digest)
    assert kept == settings.MODEL_FOLDER / digest
    assert (kept / "encoder" / "config.json").read_text() == '{"model_type": "bert"}'
    assert [child.name for child in settings.MODEL_FOLDER.iterdir()] == [digest]


def test_what_a_killed_copy_left_is_replaced(checkpoint: Path) -> None:
    digest = artefacts.keep(checkpoint)
    (settings.MODEL_FOLDER / digest / "model.json").unlink()
    (settings.MODEL_FOLDER / f".{digest}.abc.draft").mkdir()
    assert artefacts.keep(checkpoint) == digest
    assert (settings.MODEL_FOLDER / digest / "model.json").is_file()
    assert len(list(settings.MODEL_FOLDER.iterdir())) == 1


def test_a_damaged_checkpoint_is_not_kept(checkpoint: Path) -> None:
    (checkpoint / "model.json").write_text("{}")
    with pytest.raises(ExtractionError) as refused:
        artefacts.keep(checkpoint)
    assert refused.value.code == "bad_checkpoint"


@pytest.mark.parametrize("digest", ["../etc", "0" * 63, "", "Z" * 64])
def test_what_is_no_digest_finds_nothing(digest: str) -> None:
    with pytest.raises(ExtractionError):
        artefacts.find(digest)


def test_a_model_that_was_changed_in_the_store_is_refused(checkpoint: Path) -> None:
    digest = artefacts.keep(checkpoint)
    manifest = settings.MODEL_FOLDER / digest / "manifest.json"
    manifest.write_text(manifest.read_text() + " ")
    with pytest.raises(ExtractionError) as refused:
        artefacts.find(digest)
    assert refused.value.code == "model_missing"
