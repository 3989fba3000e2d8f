"""The model store: checkpoints under the SHA-256 of their manifest, in a folder or in a bucket."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from annotator.core.buckets import Bucket, StoreAwayError
from annotator.core.failpoints import failpoint
from annotator.learning import store
from extraction.data.files import sha256_of, sweep_drafts, write_folder_atomically
from extraction.errors import ExtractionError
from extraction.training.checkpoint import MANIFEST, read_checked
from worker import cache
from worker.cache import Cache
from worker.errors import TransientError


def keep(checkpoint: Path) -> str:
    """Verify a checkpoint, put it into the store, and return its digest.

    Keeping it twice, or after a death in the middle, comes to the same model.
    """
    read_checked(checkpoint)
    digest = sha256_of(checkpoint / MANIFEST)
    bucket = store.bucket()
    if bucket is None:
        keep_in_folder(checkpoint, digest)
    else:
        with waiting_for_the_store():
            store.upload(checkpoint, digest, bucket)
    failpoint("model.kept")
    return digest


def keep_in_folder(checkpoint: Path, digest: str) -> None:
    """Copy a checkpoint into the folder of models and flush it to the disk."""
    place = settings.MODEL_FOLDER / digest
    sweep_drafts(place)
    if not is_whole(place):
        shutil.rmtree(place, ignore_errors=True)
        settings.MODEL_FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_folder_atomically(place, lambda draft: copy(checkpoint, draft))


def copy(checkpoint: Path, draft: Path) -> None:
    """Copy a folder into one that is there already."""
    for path in sorted(checkpoint.rglob("*")):  # copytree would wrap what the disk says
        place = draft / path.relative_to(checkpoint)
        place.mkdir(exist_ok=True) if path.is_dir() else shutil.copy2(path, place)
    failpoint("model.copied")


@contextmanager
def held(digest: str) -> Iterator[Path]:
    """Give the folder of a model, which stays while it is held; one in a bucket is fetched."""
    bucket = store.bucket()
    if bucket is None:
        yield find(digest)
        return
    with kept_here().held(digest, Stored(bucket, digest)) as place:
        yield place


@dataclass(frozen=True, slots=True)
class Stored:
    """A model of a bucket, for the cache to fetch."""

    bucket: Bucket
    digest: str

    def size(self) -> int:
        """Return how many bytes it takes."""
        with waiting_for_the_store():
            return store.size_in(self.bucket, self.digest)

    def fetch(self, draft: Path) -> None:
        """Write it into a folder."""
        with waiting_for_the_store():
            store.download(self.bucket, self.digest, draft)


def kept_here() -> Cache:
    """Return this machine's cache of models."""
    return Cache(settings.MODEL_CACHE_FOLDER, settings.MODEL_CACHE_BYTES)


def find(digest: str) -> Path:
    """Return the folder of a digest, or say that the store has lost it.

    The manifest is held against the digest here, the files against the manifest when they are
    loaded.
    """
    if not store.DIGEST.fullmatch(digest):
        raise ExtractionError("bad_digest", "This is no digest of a model")
    place: Path = settings.MODEL_FOLDER / digest
    if not (place / MANIFEST).is_file() or sha256_of(place / MANIFEST) != digest:
        raise ExtractionError(
            "model_missing", "The model is not in the store of this machine, or is damaged"
        )
    return place


def size_of(digest: str) -> int:
    """Return how many bytes a model of the store takes."""
    bucket = store.bucket()
    return cache.size_of(find(digest)) if bucket is None else Stored(bucket, digest).size()


def is_whole(place: Path) -> bool:
    """Say whether a folder of the store is there and verifies."""
    try:
        read_checked(find(place.name))
    except ExtractionError:
        return False
    return True


@contextmanager
def waiting_for_the_store() -> Iterator[None]:
    """Have a job tried again later when the bucket does not answer."""
    try:
        yield
    except StoreAwayError as error:
        raise TransientError(error.code, error.message) from error
