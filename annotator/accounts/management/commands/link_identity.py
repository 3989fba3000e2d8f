"""`manage.py link_identity NAME SUBJECT`: an account that exists is entered by the provider."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from annotator.accounts.models import User
from annotator.accounts.single_sign_on import is_offered, link


class Command(BaseCommand):
    """Links an account to a subject of the configured issuer."""

    help = "Let the person with this subject at the OpenID provider enter this account."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name account and subject."""
        parser.add_argument("username")
        parser.add_argument("subject", help="the claim `sub`, as the provider's console shows it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Link them."""
        person = User.objects.filter(username=options["username"]).first()
        if person is None or not is_offered():
            raise CommandError("There is no such account, or RELATA_OIDC_ISSUER is not set")
        issuer = settings.OIDC["issuer"]
        link(user=person, issuer=issuer, subject=options["subject"], actor=None)
        self.stdout.write(f"{person.username} is {options['subject']} at {issuer}")
