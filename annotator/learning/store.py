"""The model store as the rooms without torch see it: what lies where, and whether it is whole.

A model is a folder of data files under the SHA-256 of its manifest, on a disk or in a bucket. In a
bucket the manifest comes last, so what has one is whole, and what has none is no model.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings

from annotator.core.buckets import Bucket, NoSuchObjectError
from annotator.core.files import sha256_of
from extraction.errors import ExtractionError

MANIFEST = "manifest.json"
LONGEST_MANIFEST = 10_000_000
DIGEST = re.compile(r"[0-9a-f]{64}")
# Weights are safetensors, the rest is JSON, words and a tokeniser's table: nothing that runs.
DATA = frozenset({".safetensors", ".json", ".txt", ".model"})


@dataclass(frozen=True, slots=True)
class File:
    """A file of a model, as its manifest names it."""

    name: str
    sha256: str
    size: int


def bucket() -> Bucket | None:
    """Return the bucket that models are kept in; None when they are in a folder."""
    return Bucket(settings.MODEL_STORE) if settings.MODEL_STORE else None


def fault_of(digest: str) -> str | None:
    """Say what is wrong with a model in the store, if anything is; all of it is read."""
    store = bucket()
    try:
        if store is None:
            return fault_of_folder(settings.MODEL_FOLDER / digest)
        for file in files_in(store, digest):
            _verify(store, digest, file)
    except ExtractionError as error:
        return error.message
    return None


def is_there(digest: str) -> bool:
    """Say whether the store has a model; its files are not read."""
    store = bucket()
    if store is None:
        return (settings.MODEL_FOLDER / digest / MANIFEST).is_file()
    try:
        manifest_in(store, digest)
    except ExtractionError:
        return False
    return True


def fault_of_folder(folder: Path) -> str | None:
    """Say what is wrong with the folder of a model, by its manifest, if anything is."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return f"{folder.name} is not in the model store"
    try:
        files = files_of(folder.name, manifest.read_bytes())
    except ExtractionError as error:
        return error.message
    for file in files:
        path = folder / file.name
        if not path.is_file() or sha256_of(path) != file.sha256:
            return f"{file.name} in {folder.name} is missing or was changed"
    return None


def upload(folder: Path, digest: str, store: Bucket) -> None:
    """Put a model into a bucket: files first, each read back, the manifest last.

    Doing it twice, or by two workers at once, comes to the same objects.
    """
    with suppress(ExtractionError):
        for file in files_in(store, digest):
            _verify(store, digest, file)
        return
    for file in files_of(digest, (folder / MANIFEST).read_bytes()):
        store.put(folder / file.name, f"{digest}/{file.name}")
        _verify(store, digest, file)
    store.put(folder / MANIFEST, f"{digest}/{MANIFEST}")
    files_in(store, digest)


def download(store: Bucket, digest: str, draft: Path) -> None:
    """Write a model into a folder; a file that is not as its manifest says is refused."""
    raw = manifest_in(store, digest)
    for file in files_of(digest, raw):
        path = draft / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            for piece in _checked(store, digest, file):
                out.write(piece)
    (draft / MANIFEST).write_bytes(raw)


def copy_out(target: Path) -> None:
    """Copy every whole model of the store into a folder, for a backup."""
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = bucket()
    if store is None:
        if settings.MODEL_FOLDER.is_dir():
            shutil.copytree(settings.MODEL_FOLDER, target, dirs_exist_ok=True)
        return
    for digest in digests_in(store):
        download(store, digest, target / digest)


def copy_in(source: Path) -> int:
    """Put the models of a folder into the store, and return how many they were."""
    if not source.is_dir():
        return 0
    store = bucket()
    found = [one for one in sorted(source.iterdir()) if DIGEST.fullmatch(one.name)]
    if store is None:
        settings.MODEL_FOLDER.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copytree(source, settings.MODEL_FOLDER, dirs_exist_ok=True)
        return len(found)
    for folder in found:
        fault = fault_of_folder(folder)
        if fault is not None:
            raise ExtractionError("model_damaged", fault)
        upload(folder, folder.name, store)
    return len(found)


def digests_in(store: Bucket) -> Iterator[str]:
    """Yield the models of a bucket that have their manifest."""
    for name in store.folders():
        with suppress(ExtractionError):
            manifest_in(store, name)
            yield name


def size_in(store: Bucket, digest: str) -> int:
    """Return how many bytes a model of a bucket takes."""
    raw = manifest_in(store, digest)
    return len(raw) + sum(file.size for file in files_of(digest, raw))


def files_in(store: Bucket, digest: str) -> list[File]:
    """Return the files of a model in a bucket, by its manifest."""
    return files_of(digest, manifest_in(store, digest))


def manifest_in(store: Bucket, digest: str) -> bytes:
    """Return the manifest of a model in a bucket, or say that there is no such model."""
    if not DIGEST.fullmatch(digest):
        raise ExtractionError("bad_digest", "This is no digest of a model")
    raw = b""
    try:
        for piece in store.pieces(f"{digest}/{MANIFEST}"):
            raw += piece
            if len(raw) > LONGEST_MANIFEST:
                raise _damaged(digest, MANIFEST)
    except NoSuchObjectError as error:
        raise ExtractionError(
            "model_missing",
            f"Model {digest[:12]} is not in the model store; promote another version, or train"
            " again",
        ) from error
    if hashlib.sha256(raw).hexdigest() != digest:
        raise _damaged(digest, MANIFEST)
    return raw


def files_of(digest: str, raw: bytes) -> list[File]:
    """Read a manifest that was held against its digest, and refuse what is not data."""
    if hashlib.sha256(raw).hexdigest() != digest:
        raise _damaged(digest, MANIFEST)
    try:
        named: Mapping[str, Any] = json.loads(raw)["files"]
        files = [File(name, str(one["sha256"]), int(one["bytes"])) for name, one in named.items()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(digest, MANIFEST) from error
    for file in files:
        if not is_data(file.name):
            raise ExtractionError(
                "model_damaged", f"Model {digest[:12]} holds a file that is no data: {file.name!r}"
            )
    return files


def is_data(name: str) -> bool:
    """Say whether a name is one of a data file inside of the model's folder."""
    path = PurePosixPath(name)
    is_inside = not path.is_absolute() and ".." not in path.parts and str(path) == name
    return is_inside and path.suffix in DATA and "\\" not in name and name != MANIFEST


def _verify(store: Bucket, digest: str, file: File) -> None:
    for _ in _checked(store, digest, file):
        pass


def _checked(store: Bucket, digest: str, file: File) -> Iterator[bytes]:
    """Yield the bytes of a file, and refuse it at its end unless they are those of the manifest."""
    seen, size = hashlib.sha256(), 0
    try:
        for piece in store.pieces(f"{digest}/{file.name}"):
            seen.update(piece)
            size += len(piece)
            if size > file.size:
                raise _damaged(digest, file.name)
            yield piece
    except NoSuchObjectError as error:
        raise _damaged(digest, file.name) from error
    if seen.hexdigest() != file.sha256:
        raise _damaged(digest, file.name)


def _damaged(digest: str, name: str) -> ExtractionError:
    return ExtractionError(
        "model_damaged",
        f"{name} of model {digest[:12]} in the model store is missing or was changed; restore it"
        " from a backup, promote another version, or train again",
    )
