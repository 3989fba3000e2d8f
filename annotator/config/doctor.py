"""What an operator wants to know first: does each part answer, and is it as it should be?

It changes nothing but one small object in a bucket of models, to see that it could.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import RedisError

from annotator.config.figures import OLDEST, QUEUES
from annotator.core import jobs
from annotator.core.errors import DomainError
from annotator.core.room import is_scarce
from annotator.core.version import version
from annotator.learning import store
from annotator.learning.selectors.integrity import served_digests
from extraction.errors import ExtractionError

OLDEST_SERVER = 140000
LONGEST_WAIT = 600.0
LARGEST_DIFFERENCE = 5.0
AWAY = "start PostgreSQL, or mend DATABASE_URL; then manage.py migrate"


class Health(StrEnum):
    """How a part does."""

    FINE = "ok"
    ODD = "odd"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found of a part, and what to do if it is not well."""

    part: str
    health: Health
    said: str
    remedy: str = ""


def program() -> Iterator[Answer]:
    """The program itself."""
    said = f"Relata {version()}, Python {platform.python_version()}, data in {settings.HOME}"
    yield Answer("program", Health.FINE, said)
    if not (settings.FRONTEND_FOLDER / "index.html").is_file():
        yield Answer("page", Health.BAD, "the front end is not built", "make setup")


def database() -> Iterator[Answer]:
    """PostgreSQL: its version, its clock, its tables."""
    before = time.time()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM clock_timestamp()), current_setting('server_version_num'),"
            " current_setting('server_version')"
        )
        clock, number, named = cursor.fetchone()
    apart = abs(float(clock) - (before + time.time()) / 2)
    said = f"PostgreSQL {named}, its clock differs by {apart:.1f} s"
    if int(number) < OLDEST_SERVER:
        yield Answer("database", Health.BAD, said, "PostgreSQL 14 or newer is needed")
    elif apart > LARGEST_DIFFERENCE:
        yield Answer("database", Health.ODD, said, "let both machines ask a time server")
    else:
        yield Answer("database", Health.FINE, said)
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        yield Answer("tables", Health.BAD, f"{len(missing)} migrations wait", "manage.py migrate")


def redis() -> Iterator[Answer]:
    """Redis answers."""
    cache.get("relata.ready")
    yield Answer("redis", Health.FINE, "answers")


def disk() -> Iterator[Answer]:
    """There is room for imports and trainings."""
    if is_scarce():
        remedy = "make room, or move RELATA_HOME to another disk"
        yield Answer("disk", Health.BAD, "too little is free for imports and trainings", remedy)
    else:
        yield Answer("disk", Health.FINE, "has room")


def models() -> Iterator[Answer]:
    """The model store lets us in, and has what is served."""
    bucket = store.bucket()
    if bucket is not None:
        bucket.check(writes=True)
    place = settings.MODEL_STORE or str(settings.MODEL_FOLDER)
    served = served_digests()
    lost = [digest for digest in served if not store.is_there(digest)]
    for digest in lost:
        remedy = "restore it from a backup, promote another version, or train again"
        yield Answer("models", Health.BAD, f"{digest[:12]} is served and not in {place}", remedy)
    if not lost:
        yield Answer("models", Health.FINE, f"{place}, {len(served)} served")


def workers() -> Iterator[Answer]:
    """Each queue has a worker, of our version, and nothing has been waiting for long."""
    seen = jobs.workers()
    for queue in QUEUES:
        count = sum(queue in one.queues for one in seen)
        if not count:
            yield Answer("workers", Health.BAD, f"none serves the queue {queue}", "start one")
    for one in seen:
        if one.version != version():
            said = f"{one.name} has version {one.version or 'unknown'}, this is {version()}"
            yield Answer("workers", Health.ODD, said, "bring both to one version, and restart")
    names = ", ".join(sorted(one.name for one in seen)) or "none"
    yield Answer("workers", Health.FINE, f"seen: {names}")
    with connection.cursor() as cursor:
        cursor.execute(OLDEST)
        for queue, age in cursor.fetchall():
            if age > LONGEST_WAIT:
                said = f"the oldest of {queue} has waited for {float(age) / 60:.0f} minutes"
                yield Answer("jobs", Health.ODD, said, "see what the worker does, or start another")


PARTS: tuple[tuple[str, Callable[[], Iterator[Answer]], str], ...] = (
    ("program", program, ""),
    ("database", database, "start PostgreSQL, or mend DATABASE_URL"),
    ("redis", redis, "start Redis, or mend REDIS_URL"),
    ("disk", disk, ""),
    ("models", models, ""),
    ("workers", workers, ""),
)


def examine() -> Iterator[Answer]:
    """Look at every part; one that cannot be asked does not keep the others from answering."""
    for part, look, remedy in PARTS:
        try:
            yield from look()
        except (DomainError, ExtractionError) as error:
            yield Answer(part, Health.BAD, error.message, remedy)
        except (DatabaseError, InterfaceError, RedisError) as error:
            connection.close()
            said = f"cannot be asked ({type(error).__name__})"
            yield Answer(part, Health.BAD, said, remedy or AWAY)
