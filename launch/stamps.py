"""Stamps: a hash of what a step was made from, kept so that it is not done twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest(files: Iterable[Path], *words: str) -> str:
    """Hash the names and contents of files, and some words (versions) besides."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(f"{file}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    for word in words:
        total.update(f"{word}\0".encode())
    return total.hexdigest()


def is_current(stamp: Path, value: str) -> bool:
    """Say whether the step with this stamp was done from the very same things."""
    try:
        return stamp.read_text(encoding="ascii") == value
    except (OSError, UnicodeDecodeError):
        return False


def write(stamp: Path, value: str) -> None:
    """Note that the step is done; only ever called after it succeeded."""
    fresh = stamp.with_name(stamp.name + ".new")
    fresh.write_text(value, encoding="ascii")
    fresh.replace(stamp)
