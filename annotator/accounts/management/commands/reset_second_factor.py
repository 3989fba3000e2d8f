"""`manage.py reset_second_factor NAME`: for somebody who lost both telephone and paper."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotator.accounts.models import User
from annotator.accounts.second_factor import remove_factor


class Command(BaseCommand):
    """Removes a person's second factor; make sure who asks for it."""

    help = "Remove the second factor of an account, so that a new one can be set up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the account."""
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        """Remove it."""
        person = User.objects.filter(username=options["username"]).first()
        if person is None:
            raise CommandError(f"There is no account {options['username']}")
        remove_factor(user=person, actor=None)
        self.stdout.write(f"{person.username} has no second factor any more")
