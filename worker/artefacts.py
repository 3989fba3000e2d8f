"""The model store: checkpoints in folders named by the SHA-256 of their manifest."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from django.conf import settings

from annotator.core.failpoints import failpoint
from extraction.data.files import sha256_of, sweep_drafts, write_folder_atomically
from extraction.errors import ExtractionError
from extraction.training.checkpoint import MANIFEST, read_checked

DIGEST = re.compile(r"[0-9a-f]{64}")


def keep(checkpoint: Path) -> str:
    """Verify a checkpoint, copy it into the store, flush it to the disk, and return its digest.

    Keeping it twice, or after a death in the middle, comes to the same folder.
    """
    read_checked(checkpoint)
    digest = sha256_of(checkpoint / MANIFEST)
    place = settings.MODEL_FOLDER / digest
    sweep_drafts(place)
    if not is_whole(place):
        shutil.rmtree(place, ignore_errors=True)
        settings.MODEL_FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_folder_atomically(place, lambda draft: copy(checkpoint, draft))
    failpoint("model.kept")
    return digest


def copy(checkpoint: Path, draft: Path) -> None:
    """Copy a folder into one that is there already."""
    for path in sorted(checkpoint.rglob("*")):  # copytree would wrap what the disk says
        place = draft / path.relative_to(checkpoint)
        place.mkdir(exist_ok=True) if path.is_dir() else shutil.copy2(path, place)
    failpoint("model.copied")


def find(digest: str) -> Path:
    """Return the folder of a digest, or say that the store has lost it.

    The manifest is held against the digest here, the files against the manifest when they are
    loaded.
    """
    if not DIGEST.fullmatch(digest):
        raise ExtractionError("bad_digest", "This is no digest of a model")
    place: Path = settings.MODEL_FOLDER / digest
    if not (place / MANIFEST).is_file() or sha256_of(place / MANIFEST) != digest:
        raise ExtractionError(
            "model_missing", "The model is not in the store of this machine, or is damaged"
        )
    return place


def size_of(digest: str) -> int:
    """Return how many bytes a model of the store takes."""
    files = (path for path in find(digest).rglob("*") if path.is_file())
    return sum(path.stat().st_size for path in files)


def is_whole(place: Path) -> bool:
    """Say whether a folder of the store is there and verifies."""
    try:
        read_checked(find(place.name))
    except ExtractionError:
        return False
    return True
