"""`manage.py verify_integrity`: is everything that was ever accepted still there, and unchanged?"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from annotator.core.integrity import Finding, audit_findings, job_findings, keep_heads
from annotator.labelling.integrity import label_findings
from annotator.learning.selectors.integrity import model_findings


class Command(BaseCommand):
    """Checks labels, audit trail, jobs and served models; changes nothing."""

    help = (
        "Check that every accepted save is there once and unchanged, that the audit trail is whole,"
        " that the served models verify. Exit status 1 if anything is found."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the options."""
        parser.add_argument("--project", type=int, help="only this one")
        parser.add_argument("--json", action="store_true", help="a finding a line, as JSON")
        parser.add_argument(
            "--keep-heads",
            action="store_true",
            help="if nothing is found, write the newest audit entries to a file outside the"
            " database, so that a later check misses them when they are gone",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what is found, one line each, and a count."""
        count = 0
        for one in findings(options["project"]):
            count += 1
            self.stdout.write(
                json.dumps(asdict(one), ensure_ascii=False)
                if options["json"]
                else f"{one.rule}: {one.place}: {one.fault}. Remedy: {one.remedy}."
            )
        if count:
            self.stderr.write(f"{count} findings")
            sys.exit(1)
        if options["keep_heads"]:
            self.stderr.write(f"{keep_heads()} heads of the audit trail written down")
        self.stderr.write("Nothing found: all is as it was saved")


def findings(project_id: int | None) -> Iterator[Finding]:
    """Yield everything that cannot be."""
    yield from label_findings(project_id)
    yield from audit_findings(project_id)
    yield from job_findings(project_id)
    yield from model_findings(project_id)
