"""`manage.py doctor`: does each part answer, and is it as it should be?"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from annotator.config.doctor import Health, examine
from annotator.core import jobs


class Command(BaseCommand):
    """Asks every part, and says what helps."""

    help = "Ask every part how it does. Exit status 1 if one is bad; see verify_integrity for data."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the option."""
        parser.add_argument("--json", action="store_true", help="an answer a line, as JSON")
        parser.add_argument(
            "--worker",
            metavar="NAME",
            help="only say whether this worker lives (for health checks)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each answer."""
        if options["worker"]:
            lives = any(one.name == options["worker"] for one in jobs.workers())
            self.stdout.write(f"{options['worker']} {'lives' if lives else 'was not seen lately'}.")
            sys.exit(0 if lives else 1)
        is_bad = False
        for one in examine():
            is_bad = is_bad or one.health is Health.BAD
            remedy = f". Remedy: {one.remedy}" if one.remedy else ""
            self.stdout.write(
                json.dumps(asdict(one), ensure_ascii=False)
                if options["json"]
                else f"{one.health:4} {one.part:9} {one.said}{remedy}."
            )
        if is_bad:
            sys.exit(1)
