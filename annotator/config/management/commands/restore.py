"""`manage.py restore FOLDER`: verify a backup, put it in place, and verify what came of it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from annotator.config.backups import BackupError, restore_backup
from annotator.core.errors import DomainError
from extraction.errors import ExtractionError


class Command(BaseCommand):
    """Restores a backup into an empty database, or in the place of one."""

    help = (
        "Restore a backup that verifies. Stop web and workers first. Afterwards the tables are"
        " brought up to date and verify_integrity runs."
    )
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the arguments."""
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--replace", action="store_true", help="in the place of everything that is there"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, migrate, verify."""
        try:
            done = restore_backup(options["folder"].absolute(), replaces=options["replace"])
        except (BackupError, DomainError, ExtractionError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{done.files} files verified and restored")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("verify_integrity", stdout=self.stdout, stderr=self.stderr)
