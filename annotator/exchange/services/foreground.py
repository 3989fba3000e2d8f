"""An import done here and now, for commands and demos; it is the same import."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from django.db import transaction

from annotator.accounts.models import User
from annotator.core import jobs
from annotator.core.errors import ConflictError
from annotator.exchange.models import ImportJob
from annotator.exchange.services.running import run_import
from annotator.exchange.services.uploads import Wish, request_import
from annotator.projects.models import Project

logger = logging.getLogger(__name__)

BLOCK_BYTES = 1 << 20
Listen = Callable[[ImportJob], None]


def import_now(
    *,
    project: Project,
    path: Path,
    wish: Wish,
    actor: User | None = None,
    listen: Listen | None = None,
) -> ImportJob:
    """Import a file and return the ended import; `listen` hears of every batch.

    If this process dies in the middle, a worker takes the import over when the lease runs out.
    """
    with transaction.atomic():  # claimed before anybody can see it wait
        wanted, job_id = request_import(
            project=project, actor=actor, wish=wish, chunks=_blocks(path)
        )
        claim = jobs.claim(job_id=job_id, worker="foreground")
    if claim is None:
        raise ConflictError("Another worker took the import", import_id=wanted.pk)

    def beat() -> jobs.Standing:
        if listen is not None:
            wanted.refresh_from_db()
            listen(wanted)
        return jobs.Standing.HELD

    run_import(claim, beat=beat)
    wanted.refresh_from_db()
    return wanted


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(BLOCK_BYTES), b"")
