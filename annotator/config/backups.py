"""Backups: the database as of one moment, then the models and uploads that it names, then a list.

The list of SHA-256 is written last, into a folder that gets its name last: what is there under its
name is whole. A backup holds everything that people said, so it belongs under lock and key.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from annotator.core.failpoints import failpoint
from annotator.core.files import sha256_of
from annotator.learning import store
from launch.binaries import find_postgres
from launch.errors import LaunchError

FORMAT = 1
LIST = "backup.json"
DUMP = "database.dump"
HEADS = "audit-heads.jsonl"
MODELS = "models"
UPLOADS = "uploads"


class BackupError(Exception):
    """A backup cannot be made or taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made or verified."""

    folder: Path
    files: int
    size: int


def make_backup(target: Path) -> Backup:
    """Write a backup into a folder that must not be there yet."""
    if target.exists():
        raise BackupError(f"{target} is there already; name a folder that is not")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        _dump(draft / DUMP)
        failpoint("backup.dumped")
        store.copy_out(draft / MODELS)
        _copy(settings.UPLOAD_FOLDER, draft / UPLOADS)
        if (settings.HOME / HEADS).is_file():
            shutil.copy2(settings.HOME / HEADS, draft / HEADS)
        files = {path.relative_to(draft).as_posix(): _described(path) for path in _files(draft)}
        whole = json.dumps({"format": FORMAT, "files": files}, indent=1, sort_keys=True)
        (draft / LIST).write_text(whole, encoding="utf-8")
        for path in (*_files(draft), draft):
            _flush(path)
        failpoint("backup.before_rename")
        _name(draft, target)
        failpoint("backup.renamed")
        _flush(target.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return Backup(target, len(files), sum(one["bytes"] for one in files.values()))


def check_backup(folder: Path) -> Backup:
    """Verify a backup against its list; an error names the first file that is not as it was."""
    try:
        whole = json.loads((folder / LIST).read_text(encoding="utf-8"))
        files: dict[str, Any] = whole["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{folder} is no backup: its {LIST} cannot be read") from error
    if whole.get("format") != FORMAT:
        raise BackupError(f"{folder} has another format than {FORMAT}, which this program reads")

    found = {path.relative_to(folder).as_posix() for path in _files(folder)} - {LIST}
    for name in sorted(found ^ files.keys()):
        raise BackupError(f"{name} in {folder} is missing or does not belong there")
    for name, kept in files.items():
        if _described(folder / name) != kept:
            raise BackupError(f"{name} in {folder} is not as it was when the backup was made")
    return Backup(folder, len(files), sum(one["bytes"] for one in files.values()))


def restore_backup(folder: Path, *, replaces: bool) -> Backup:
    """Put a verified backup in the place of an empty database, or of any if `replaces`."""
    backup = check_backup(folder)
    if not replaces and _has_tables():
        raise BackupError(
            "The database is not empty; --replace puts the backup in the place of all that is there"
        )
    _restore(folder / DUMP)
    store.copy_in(folder / MODELS)
    _copy(folder / UPLOADS, settings.UPLOAD_FOLDER)
    if (folder / HEADS).is_file():
        shutil.copy2(folder / HEADS, settings.HOME / HEADS)
    return backup


def _name(draft: Path, target: Path) -> None:
    """Give a finished draft its name, unless another backup has taken it meanwhile."""
    try:
        draft.rename(target)
    except OSError as error:
        if not target.exists():
            raise
        raise BackupError(f"{target} was made by somebody else meanwhile") from error


def _dump(path: Path) -> None:
    """Take the database as of one moment; whoever writes meanwhile is not kept waiting."""
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={path}")
    path.chmod(0o600)


def _has_tables() -> bool:
    return bool(connection.introspection.table_names())


def _restore(dump: Path) -> None:
    """Put what is there aside, restore, and only then drop it; a failure brings it back."""
    _say("ALTER SCHEMA public RENAME TO relata_replaced", "CREATE SCHEMA public")
    how = ("--no-owner", "--exit-on-error", "--single-transaction", "--schema=public")
    try:
        _run("pg_restore", *how, str(dump))
    except BaseException:
        _say("DROP SCHEMA public CASCADE", "ALTER SCHEMA relata_replaced RENAME TO public")
        raise
    _say("DROP SCHEMA relata_replaced CASCADE")


def _say(*statements: str) -> None:
    """Run statements and let go of the connection: it remembers what is no longer so."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def _run(program: str, *arguments: str) -> None:
    values = connection.get_connection_params()
    environment = {**os.environ, "PGDATABASE": str(connection.settings_dict["NAME"])}
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    for name, variable in names.items():
        if values.get(name):
            environment[variable] = str(values[name])
    to_database = ["--dbname", environment["PGDATABASE"]] if program == "pg_restore" else []
    command = [str(_program(program)), *to_database, *arguments]
    done = subprocess.run(  # noqa: S603 - programs of PostgreSQL, nothing that a user typed
        command, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        # What these programs say can hold rows: only their first line, which names the trouble.
        said = done.stderr.strip().splitlines()
        raise BackupError(f"{program} ended with {done.returncode}: {said[0] if said else ''}")


def _program(name: str) -> Path:
    """Find a program of PostgreSQL at least as new as the server: on the PATH, or the embedded."""
    try:
        embedded = find_postgres() / name
    except LaunchError:
        embedded = None
    found = shutil.which(name)
    if embedded is not None and embedded.exists():
        return embedded
    if found is None:
        raise BackupError(f"{name} is not there; install the client programs of PostgreSQL")
    return Path(found)


def _copy(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _described(path: Path) -> dict[str, Any]:
    return {"sha256": sha256_of(path), "bytes": path.stat().st_size}


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
