"""Models of a bucket on this machine's disk: fetched once, verified, bounded, used by many at once.

Two kinds of locks, which end with whoever holds them, however that is: who uses a model shares its
lock, and whoever fetches or makes room is alone. A folder in use is never removed.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from extraction.data.files import write_folder_atomically
from extraction.errors import ExtractionError
from extraction.training.checkpoint import read_checked
from worker.errors import TransientError

LOCKS = "locks"
ROOM = "room"  # the lock of whoever fetches or makes room


class Source(Protocol):
    """Where a model comes from when the cache has none."""

    def size(self) -> int:
        """Return how many bytes it takes."""

    def fetch(self, draft: Path) -> None:
        """Write it into a folder."""


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder that holds at most `limit` bytes of models; the one used longest ago goes first."""

    folder: Path
    limit: int

    @contextmanager
    def held(self, digest: str, source: Source) -> Iterator[Path]:
        """Give the whole folder of a model, which stays while it is held; fetch it if need be."""
        (self.folder / LOCKS).mkdir(mode=0o700, parents=True, exist_ok=True)
        place = self.folder / digest
        while True:
            with self._locked(digest, fcntl.LOCK_SH) as lock:
                if is_whole(place):
                    os.utime(lock)  # when it was last used
                    yield place
                    return
            self._fetch(place, source)

    def _fetch(self, place: Path, source: Source) -> None:
        with self._locked(ROOM, fcntl.LOCK_EX):
            if is_whole(place):  # somebody else fetched it meanwhile
                return
            for draft in self.folder.glob(".*.draft"):  # of one that was killed: we are alone
                shutil.rmtree(draft, ignore_errors=True)
            if place.exists() and not self._remove(place):
                raise busy()
            self._make_room(source.size())
            write_folder_atomically(place, source.fetch)

    def _make_room(self, size: int) -> None:
        """Remove models, the one used longest ago first, until there is room for so many bytes."""
        if size > self.limit:
            raise ExtractionError(
                "model_cache_small",
                f"The model has {size:,} bytes and the cache of this worker {self.limit:,};"
                " raise RELATA_MODEL_CACHE_BYTES",
            )
        kept = sorted(self._kept(), key=self._used_at)
        taken = sum(size_of(one) for one in kept)
        for one in kept:
            if taken + size <= self.limit:
                return
            freed = size_of(one)
            if self._remove(one):
                taken -= freed
        if taken + size > self.limit:
            raise busy()

    def _remove(self, place: Path) -> bool:
        """Remove a model unless somebody uses it."""
        try:
            with self._locked(place.name, fcntl.LOCK_EX | fcntl.LOCK_NB):
                gone = place.with_name(f".{place.name}.gone.draft")
                place.rename(gone)
                shutil.rmtree(gone, ignore_errors=True)
        except BlockingIOError:
            return False
        return True

    def _kept(self) -> Iterator[Path]:
        return (
            one
            for one in self.folder.iterdir()
            if one.is_dir() and one.name != LOCKS and not one.name.startswith(".")
        )

    def _used_at(self, place: Path) -> float:
        lock = self.folder / LOCKS / place.name
        return lock.stat().st_mtime if lock.exists() else 0.0

    @contextmanager
    def _locked(self, name: str, how: int) -> Iterator[Path]:
        """Hold a lock file; the kernel lets go of it when we end, even by a signal."""
        path = self.folder / LOCKS / name
        with path.open("a") as file:
            fcntl.flock(file, how)
            yield path


def busy() -> TransientError:
    """Return the trouble of a cache in which everything is in use; it goes by."""
    return TransientError(
        "model_cache_busy",
        "All models in the cache of this worker are in use; raise RELATA_MODEL_CACHE_BYTES",
    )


def is_whole(place: Path) -> bool:
    """Say whether a folder is there and each file is as its manifest says."""
    try:
        read_checked(place)
    except ExtractionError:
        return False
    return True


def size_of(folder: Path) -> int:
    """Return how many bytes the files of a folder take."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
