"""`manage.py import_file PROJECT FILE`: import a file here and now, with a line of progress."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.core.errors import DomainError
from annotator.exchange.formats import AUTO, READABLE
from annotator.exchange.inserts.rules import Rules, rules_of
from annotator.exchange.models import ImportJob
from annotator.exchange.selectors import import_json
from annotator.exchange.services import Wish, import_now
from annotator.exchange.states import ImportState, LabelPolicy, SplitPolicy
from annotator.projects.models import Project

SHOWN = 20


class Command(BaseCommand):
    """Imports a file into a project."""

    help = "Import a file of sentences into a project and print the report."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the arguments."""
        parser.add_argument("project", type=int)
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=[AUTO, *READABLE], default=AUTO)
        parser.add_argument(
            "--labels",
            choices=[LabelPolicy.GOLD.value, LabelPolicy.IGNORE.value],
            default=LabelPolicy.GOLD.value,
        )
        parser.add_argument("--rules", type=Path, help="a JSON file: how inserts are cut")
        parser.add_argument("--split", choices=SplitPolicy.values, default=SplitPolicy.AUTO.value)

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and print what became of the lines."""
        project = Project.objects.filter(pk=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project {options['project']}")
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}")
        wish = Wish(
            filename=path.name,
            format=options["format"],
            labels=LabelPolicy(options["labels"]),
            split=SplitPolicy(options["split"]),
            rules=_rules(options["rules"]),
        )
        try:
            wanted = import_now(project=project, path=path, wish=wish, listen=self._tell)
        except DomainError as error:
            raise CommandError(error.message) from error
        self._report(wanted)

    def _tell(self, wanted: ImportJob) -> None:
        self.stderr.write(f"\r{wanted.progress:4.0%}  {_counts(wanted)}", ending="")

    def _report(self, wanted: ImportJob) -> None:
        self.stderr.write("")
        report = import_json(wanted)
        for problem in report["problems"][:SHOWN]:
            self.stdout.write(f"line {problem['line']}: {problem['code']}: {problem['message']}")
        more = len(report["problems"]) - SHOWN
        if more > 0:
            self.stdout.write(f"… and {more} more; the project's imports page shows them")
        for name, count in sorted(report["summary"].items()):
            self.stdout.write(f"{name}: {count}")
        self.stdout.write(f"{wanted.format}: {_counts(wanted)}")
        if wanted.state != ImportState.DONE:
            raise CommandError(f"{wanted.error_code}: {wanted.error_message}")


def _rules(path: Path | None) -> Rules:
    if path is None:
        return Rules()
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        return rules_of(plain)
    except (OSError, ValueError, AttributeError) as error:
        raise CommandError(f"{path} holds no rules: {error}; write one JSON object") from error


def _counts(wanted: ImportJob) -> str:
    return f"{wanted.accepted} accepted, {wanted.refused} refused, {wanted.duplicates} duplicates"
