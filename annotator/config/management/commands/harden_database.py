"""`manage.py harden_database ROLE`: what the role that serves may do, and above all what not."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

# History: rows are added and read, and nothing else.
ADDED_ONLY = ("core_auditentry", "labelling_revision", "labelling_goldrevision")


class Command(BaseCommand):
    """Grants a role what serving needs. Run it as the owner of the tables, after every migrate."""

    help = (
        "Let a database role serve Relata without being able to change, delete or truncate the"
        " audit trail and the history of labels. The role must exist and own nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the argument."""
        parser.add_argument("role")

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant, and say what was granted."""
        role = options["role"]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [role])
            found = cursor.fetchone()
            if found is None:
                raise CommandError(f"There is no role {role!r}: CREATE ROLE … LOGIN first")
            if found[0]:
                raise CommandError(f"{role!r} is a superuser, whom no grant can hold back")
            name = connection.ops.quote_name(role)
            cursor.execute("SELECT current_database(), current_user")
            database, owner = cursor.fetchone()
            if owner == role:
                raise CommandError(f"{role!r} owns the tables; serve with another role")
            for statement in statements(name, connection.ops.quote_name(database)):
                cursor.execute(statement)
        self.stdout.write(f"{role} may serve; {', '.join(ADDED_ONLY)}: read and add only")


def statements(role: str, database: str) -> list[str]:
    """Return the grants, for names that are quoted already."""
    history = ", ".join(ADDED_ONLY)
    return [
        f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role}",
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"REVOKE CREATE ON SCHEMA public FROM {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}",
        f"REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON {history} FROM {role}",
    ]
