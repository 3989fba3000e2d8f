"""`manage.py copy_models`: the models of RELATA_HOME into the bucket that was set since."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from annotator.core.errors import DomainError
from annotator.learning import store
from extraction.errors import ExtractionError


class Command(BaseCommand):
    """Copies; doing it twice copies nothing twice, and nothing is removed."""

    help = "Verify the models in RELATA_HOME/models and put them into RELATA_MODEL_STORE."

    def handle(self, *args: Any, **options: Any) -> None:
        """Copy, and say how many there are."""
        if store.bucket() is None:
            raise CommandError("RELATA_MODEL_STORE is not set; models stay in RELATA_HOME/models")
        try:
            count = store.copy_in(settings.MODEL_FOLDER)
        except (DomainError, ExtractionError) as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{count} models are in {settings.MODEL_STORE}")
