"""`manage.py backup FOLDER`: everything that cannot be made again, as of one moment."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotator.config.backups import BackupError, make_backup
from annotator.core.errors import DomainError
from extraction.errors import ExtractionError


class Command(BaseCommand):
    """Makes a backup while people work."""

    help = "Write database, models and uploads into a new folder, with a list of their hashes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the argument."""
        parser.add_argument("folder", type=Path, help="a folder that is not there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, and say what it holds."""
        try:
            made = make_backup(options["folder"].absolute())
        except (BackupError, DomainError, ExtractionError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{made.folder}: {made.files} files, {made.size:,} bytes")
