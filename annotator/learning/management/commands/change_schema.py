"""`manage.py change_schema PROJECT CHANGE`: show what a change of types does, and do it."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.core.errors import DomainError
from annotator.labelling.rewriting import Change
from annotator.learning.services.schema_changes import apply_change
from annotator.learning.services.schema_plan import preview_change
from annotator.projects.models import Project

EXAMPLE = '{"kind": "rename", "of": "relation", "from": ["A"], "into": "B"}'


class Command(BaseCommand):
    """Renames, merges, splits or reverses types over all labels."""

    help = "Rename, merge, split or reverse types over all labels; shown first."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the arguments."""
        parser.add_argument("project", type=int)
        parser.add_argument("change", help=EXAMPLE)
        parser.add_argument("--extend-pairs", action="store_true")
        parser.add_argument("--apply", action="store_true", help="do it; else it is only shown")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the preview as JSON; with --apply, do what it shows."""
        project = Project.objects.filter(pk=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project {options['project']}")
        extends = options["extend_pairs"]
        try:
            change = self.read(options["change"])
            seen = preview_change(project=project, change=change, extends=extends)
            if options["apply"]:
                seen = apply_change(
                    project=project,
                    change=change,
                    token=seen["token"],
                    actor=None,
                    extends=extends,
                )
        except DomainError as error:
            raise CommandError(f"{error.message} ({error.code}) {error.context}") from error
        self.stdout.write(json.dumps(seen, ensure_ascii=False, indent=2))

    def read(self, given: str) -> Change:
        """Return the change, or say what is wrong with its JSON."""
        try:
            plain = {"of": "relation", "into": "", "where": {}, **json.loads(given)}
            return Change.from_json(plain)
        except (ValueError, KeyError, TypeError) as error:
            raise CommandError(f"The change is not readable: {error}") from error
