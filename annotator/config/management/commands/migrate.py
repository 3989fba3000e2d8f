"""`manage.py migrate` beside people at work: it waits in short tries, so nobody waits for it.

A statement that changes a table queues behind whoever reads it, and everybody else queues behind
the statement. So each try gives up after half a second and lets them through; migrations that are
done stay done.
"""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

LOCK_TIMEOUT = "500ms"
PAUSE_SECONDS = 1.0
PATIENCE_SECONDS = 300.0
NO_LOCK = "55P03"


class Command(migrate.Command):
    """Django's own, in short tries."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate; try again for five minutes while somebody holds what has to be changed."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self._try(*args, **options)
            except OperationalError as error:
                if getattr(error.__cause__, "pgcode", None) != NO_LOCK:
                    raise
                if time.monotonic() > deadline:
                    raise CommandError(
                        "A table was in use for five minutes; what was migrated stays so. End the"
                        " long query or transaction (pg_stat_activity) and migrate again"
                    ) from error
                self.stderr.write("A table is in use; once more in a moment")
                time.sleep(PAUSE_SECONDS)
            else:
                return

    def _try(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_TIMEOUT])
        try:
            super().handle(*args, **options)
        finally:
            connection.close()  # and with it the setting
