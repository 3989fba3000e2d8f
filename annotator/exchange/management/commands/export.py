"""`manage.py export PROJECT`: write the labels to a file or to standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.core.errors import DomainError
from annotator.core.troubles import trouble_of
from annotator.exchange.formats import WRITABLE
from annotator.exchange.selectors import Wanted
from annotator.exchange.services import start_export
from annotator.projects.models import Project

SHOWN = 20


class Command(BaseCommand):
    """Exports a project."""

    help = "Write the sentences of a project with their labels."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the arguments."""
        parser.add_argument("project", type=int)
        parser.add_argument("--format", choices=WRITABLE, default="native")
        parser.add_argument("--state", choices=[one.value for one in Wanted], default="gold")
        parser.add_argument("--out", type=Path, help="a file; without it, standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write; a file appears whole or not at all."""
        project = Project.objects.filter(pk=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project {options['project']}")
        try:
            download = start_export(
                project=project,
                format_name=options["format"],
                wanted=Wanted(options["state"]),
                actor=None,
            )
        except DomainError as error:
            raise CommandError(f"{error.message} {_named(error)}".strip()) from error
        out: Path | None = options["out"]
        if out is None:
            for chunk in download.chunks:
                sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            return
        try:
            _write(out, download.chunks)
        except OSError as error:
            if trouble_of(error) is None:
                raise
            raise CommandError(
                f"There is no room for {out}; nothing was written. Make room or name another disk"
            ) from error
        self.stderr.write(f"{out}: {out.stat().st_size} bytes")


def _named(error: DomainError) -> str:
    """Name the sentences that an error is about, if it is about some."""
    ids = error.context.get("sentences", [])
    return f"({', '.join(ids[:SHOWN])}{' …' if len(ids) > SHOWN else ''})" if ids else ""


def _write(out: Path, chunks: Iterable[bytes]) -> None:
    """Write beside the place, flush it to the disk, then rename; what fails leaves nothing."""
    unfinished = out.with_name(f".{out.name}.unfinished")
    try:
        with unfinished.open("wb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
