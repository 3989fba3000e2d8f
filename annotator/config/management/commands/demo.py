"""`manage.py demo`: the accounts and projects that a trial begins with."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from annotator.config.demo import make_people, make_projects


class Command(BaseCommand):
    """Makes what is missing of the demo; doing it twice changes nothing."""

    help = (
        "Make the demo accounts and projects, on embedded engines only. "
        "RELATA_DEMO=accounts makes no projects, RELATA_DEMO=off makes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the options."""
        parser.add_argument("--json", action="store_true", help="print new log-ins as JSON lines")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the demo and print the log-ins that are new."""
        wanted = os.environ.get("RELATA_DEMO") or "projects"
        if wanted == "off" or not settings.IS_EMBEDDED:
            self.stderr.write("No demo here; for a first account: manage.py createsuperuser")
            return
        for login in make_people():
            told = asdict(login)
            line = json.dumps(told) if options["json"] else "  ".join(told.values())
            self.stdout.write(line)
        if wanted != "accounts":
            for project in make_projects():
                self.stderr.write(f"Made the project {project.name}")
