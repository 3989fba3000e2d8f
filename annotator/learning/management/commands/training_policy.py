"""`manage.py training_policy PROJECT`: why a project does or does not train, and when it should."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rest_framework.exceptions import ValidationError

from annotator.core.errors import InvalidError
from annotator.learning.api.policy import RunPolicyIn
from annotator.learning.selectors.card import training_json
from annotator.learning.selectors.policy import policy_json, policy_of
from annotator.learning.services.policy import set_policy
from annotator.projects.models import Project


class Command(BaseCommand):
    """Shows and changes when a project trains by itself."""

    help = "Say why a project is or is not training; change when it trains by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the arguments; without --set nothing changes."""
        parser.add_argument("project", type=int)
        parser.add_argument(
            "--set",
            nargs="+",
            default=[],
            metavar="KEY=VALUE",
            help="such as automatic=true wanted=50 minutes=15 nightly_hour=2 labels=gold;"
            " nightly_hour=null for never",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Change what is asked for; print the settings and the reason as JSON."""
        project = Project.objects.filter(pk=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project {options['project']}")
        if options["set"]:
            set_policy(project=project, actor=None, given=read(options["set"]))
        shown = {"policy": policy_json(policy_of(project)), "training": training_json(project)}
        self.stdout.write(json.dumps(shown, ensure_ascii=False, indent=1))


def read(pairs: list[str]) -> dict[str, Any]:
    """Return the settings that are named, checked as those of the API are."""
    given: dict[str, Any] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise CommandError(f"{pair!r} is not KEY=VALUE")
        given[name] = None if value == "null" else value
    form = RunPolicyIn(data=given)
    try:
        form.is_valid(raise_exception=True)
    except ValidationError as error:
        raise CommandError(json.dumps(error.detail, ensure_ascii=False)) from error
    except InvalidError as error:
        raise CommandError(f"{error.message}: {error.context}") from error
    return dict(form.validated_data)
