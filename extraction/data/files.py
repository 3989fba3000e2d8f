"""Files and folders that appear whole or not at all, even under kill -9 or a power cut."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path


def write_text_atomically(path: Path, pieces: Iterable[str]) -> None:
    """Write a text beside its place, flush it to the disk, then rename it into place."""
    draft = _draft_of(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as out:
            out.writelines(pieces)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    flush_folder(path.parent)


def write_folder_atomically(path: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` write into a draft folder, flush all of it, then rename it to `path`.

    `path` must not exist, or be an empty folder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft_of(path)
    draft.mkdir()
    try:
        fill(draft)
        for child in sorted(draft.rglob("*"), reverse=True):
            flush_folder(child) if child.is_dir() else _flush_file(child)
        flush_folder(draft)
        draft.replace(path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    flush_folder(path.parent)


def sweep_drafts(path: Path) -> None:
    """Remove what killed writers of this path left behind."""
    for draft in path.parent.glob(f".{path.name}.*.draft"):
        if draft.is_dir():
            shutil.rmtree(draft, ignore_errors=True)
        else:
            draft.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, read in pieces."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def flush_folder(path: Path) -> None:
    """Make the folder's entries durable."""
    _flush_file(path)


def _flush_file(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _draft_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}.draft")
