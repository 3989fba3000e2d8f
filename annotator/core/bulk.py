"""Rows by the thousand: COPY into a table, under ids taken from its sequence beforehand."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable

from django.db import connection
from django.db.models import Model

SPECIAL = re.compile(r"[\\\t\n\r]")
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def take_ids(model: type[Model], count: int) -> list[int]:
    """Return `count` fresh primary keys of a model's table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def copy_lines(model: type[Model], fields: Iterable[str], lines: Iterable[str]) -> None:
    """Append rows to a model's table; constraints and triggers hold as for any insert.

    A line is a row in COPY's text format: values joined by tabs, ended by a newline, texts from
    outside spelled by `copied`.
    """
    quote = connection.ops.quote_name
    column = {field.name: str(field.column) for field in model._meta.concrete_fields}
    columns = ", ".join(quote(column[name]) for name in fields)
    statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
    with connection.cursor() as cursor:
        cursor.copy_expert(statement, io.StringIO("".join(lines)))


def copied(text: str) -> str:
    """Spell a text as COPY wants it."""
    return text.translate(ESCAPES) if SPECIAL.search(text) else text
