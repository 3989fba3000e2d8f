"""How much room the disk of RELATA_HOME has, and what is not begun when there is too little.

Saving labels stops last: what fills disks, imports and trainings, is refused while there is still
room for saves.
"""

from __future__ import annotations

import shutil
from http import HTTPStatus
from pathlib import Path

from django.conf import settings

from annotator.core.errors import DomainError

LEAST_SHARE = 0.05
LEAST_BYTES = 2_000_000_000


class DiskFullError(DomainError):
    """There is no room for this; nothing was stored."""

    code = "disk_full"
    status = HTTPStatus.INSUFFICIENT_STORAGE


def is_scarce() -> bool:
    """Say whether there is less room than imports and trainings leave."""
    free, floor = _room()
    return free < floor


def refuse_without_room() -> None:
    """Raise unless there is room for something large."""
    free, floor = _room()
    if free < floor:
        raise DiskFullError(
            "The server's disk is nearly full, so nothing large is begun; whoever runs the server"
            " has to make room. Labels are still saved",
            free_bytes=free,
            needed_bytes=floor,
        )


def _room() -> tuple[int, int]:
    """Return the bytes that are free, and how many have to stay so.

    That is 5 % of the disk, at most 2 GB, or what RELATA_MIN_FREE_BYTES says.
    """
    usage = shutil.disk_usage(_existing(settings.HOME))
    floor = settings.MIN_FREE_BYTES
    if floor is None:
        floor = min(LEAST_BYTES, int(LEAST_SHARE * usage.total))
    return usage.free, floor


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder
