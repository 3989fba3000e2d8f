"""`manage.py export PROJECT`: write the labels to a file or to standard output."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.exchange.formats import WRITABLE
from annotator.exchange.selectors import Wanted
from annotator.exchange.services import start_export
from annotator.projects.models import Project


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
        download = start_export(
            project=project,
            format_name=options["format"],
            wanted=Wanted(options["state"]),
            actor=None,
        )
        out: Path | None = options["out"]
        if out is None:
            for chunk in download.chunks:
                sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            return
        unfinished = out.with_name(f".{out.name}.unfinished")
        with unfinished.open("wb") as file:
            file.writelines(download.chunks)
        unfinished.replace(out)
        self.stderr.write(f"{out}: {out.stat().st_size} bytes")
