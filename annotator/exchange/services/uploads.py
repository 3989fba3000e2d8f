"""Asking for an import: the file is kept under a name of ours, a row and a job are written."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from annotator.accounts.models import User
from annotator.core import audit, events, jobs
from annotator.core.errors import ConflictError, InvalidError, NotFoundError
from annotator.core.failpoints import failpoint
from annotator.core.room import refuse_without_room
from annotator.exchange.inserts.rules import Rules
from annotator.exchange.models import ImportJob
from annotator.exchange.states import ENDED, ImportState, LabelPolicy, SplitPolicy
from annotator.projects.models import Project

KIND = "import"
QUEUE = "io"
LONGEST_NAME = 255
ORPHAN_SECONDS = 24 * 3600


class EmptyFileError(InvalidError):
    """There is nothing in the file."""

    code = "empty_file"


class AlreadyOverError(ConflictError):
    """What has ended cannot be cancelled."""

    code = "already_over"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of a file."""

    filename: str
    format: str = "auto"
    labels: LabelPolicy = LabelPolicy.GOLD
    split: SplitPolicy = SplitPolicy.AUTO
    rules: Rules = field(default_factory=Rules)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in our folder."""

    name: UUID
    size: int
    sha256: str


def request_import(
    *, project: Project, actor: User | None, wish: Wish, chunks: Iterable[bytes]
) -> tuple[ImportJob, int]:
    """Keep the file and queue its import; return it with the id of its job."""
    refuse_without_room()
    kept = keep_file(chunks)
    if kept.size == 0:
        path_of(kept.name).unlink()
        raise EmptyFileError("The file is empty; choose another one", field="file")
    try:
        failpoint("upload.kept")
        with transaction.atomic():
            wanted = _write_row(project, actor, wish, kept)
            job = jobs.enqueue(kind=KIND, queue=QUEUE, project_id=project.pk, subject_id=wanted.pk)
    except BaseException:
        path_of(kept.name).unlink(missing_ok=True)
        raise
    return wanted, job.pk


def _write_row(project: Project, actor: User | None, wish: Wish, kept: Kept) -> ImportJob:
    wanted = ImportJob.objects.create(
        project=project,
        filename=_shown_name(wish.filename),
        stored_name=kept.name,
        size=kept.size,
        sha256=kept.sha256,
        format=wish.format,
        labels=wish.labels,
        split=wish.split,
        rules=wish.rules.as_json() if wish.rules != Rules() else {},
        requested_by=actor,
    )
    record(wanted, "import.requested", actor)
    return wanted


def record(wanted: ImportJob, action: str, actor: User | None) -> None:
    """Write down what happened to an import."""
    change = audit.Change(
        action=action, object_kind="import", object_id=wanted.pk, content_hash=wanted.sha256
    )
    audit.record(change, actor_id=actor.pk if actor else None, project_id=wanted.project_id)


def keep_file(chunks: Iterable[bytes]) -> Kept:
    """Write a file that only this program can read, under a name that nobody chose."""
    settings.UPLOAD_FOLDER.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = uuid4()
    digest = hashlib.sha256()
    size = 0
    descriptor = os.open(path_of(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:  # a half of a file helps nobody and takes room
        path_of(name).unlink(missing_ok=True)
        raise
    return Kept(name, size, digest.hexdigest())


def path_of(name: UUID) -> Path:
    """Return where a kept file lies."""
    folder: Path = settings.UPLOAD_FOLDER
    return folder / name.hex


def _shown_name(name: str) -> str:
    """Return a file name fit to be shown and stored; it is never used as a path."""
    plain = name.replace("\x00", "").encode("utf-8", "replace").decode()
    return Path(plain.replace("\\", "/")).name[-LONGEST_NAME:] or "file"


@transaction.atomic
def cancel_import(*, project: Project, import_id: int, actor: User) -> ImportJob:
    """Stop an import: at once if it waits, after the batch in hand if it runs.

    Sentences that were taken in already stay.
    """
    wanted = ImportJob.objects.select_for_update().filter(project=project, pk=import_id).first()
    if wanted is None:
        raise NotFoundError("There is no such import", import_id=import_id)
    if wanted.state in ENDED:
        raise AlreadyOverError("The import is over already", state=wanted.state)
    record(wanted, "import.cancelled", actor)
    if jobs.request_cancel(kind=KIND, subject_id=wanted.pk):
        wanted.state = ImportState.CANCELLED
        wanted.finished_at = Now()
        wanted.save(update_fields=["state", "finished_at"])
        wanted.refresh_from_db(fields=["finished_at"])
        transaction.on_commit(lambda: path_of(wanted.stored_name).unlink(missing_ok=True))
    tell(wanted)
    return wanted


def tell(wanted: ImportJob) -> None:
    """Publish how far an import is; the last act of its transaction."""
    events.publish(
        wanted.project_id,
        "import.progress",
        import_id=wanted.pk,
        state=str(wanted.state),
        accepted=wanted.accepted,
        refused=wanted.refused,
        progress=round(wanted.progress, 4),
    )


def clear_uploads() -> None:
    """Delete files whose import is over, and old ones that no import knows."""
    folder: Path = settings.UPLOAD_FOLDER
    if not folder.is_dir():
        return
    now = _time_of(folder)
    for path in folder.iterdir():
        try:
            name = UUID(hex=path.name)
        except ValueError:
            continue
        state = ImportJob.objects.filter(stored_name=name).values_list("state", flat=True).first()
        is_orphan = state is None and now - path.stat().st_mtime > ORPHAN_SECONDS
        if is_orphan or state in ENDED:
            path.unlink(missing_ok=True)


def _time_of(folder: Path) -> float:
    """Return the time by the clock that stamps the files there; a worker's own may be wrong.

    Where there is no room to ask, nothing is old: what is over makes room all the same.
    """
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            return os.fstat(file.fileno()).st_mtime
    except OSError:
        return 0.0
