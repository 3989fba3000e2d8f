"""Events: rows with rising ids that browsers read; the channel layer only hints that one came."""

from __future__ import annotations

import logging
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import connection, transaction
from redis.exceptions import RedisError

from annotator.core.failpoints import failpoint
from annotator.core.models import Event

logger = logging.getLogger(__name__)

LOCK_SPACE = 0x5EA7  # keeps our advisory locks apart from anybody else's


def group_name(project_id: int) -> str:
    """Return the channel group of a project."""
    return f"project.{project_id}"


def publish(project_id: int, kind: str, /, **numbers: Any) -> None:
    """Record an event inside the running transaction, as its last act.

    The advisory lock is held until commit, so ids become visible in their order and a reader who
    asks for "after N" never misses one that committed late. Ids and numbers only, never text.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, project_id % 2**31])
    event = Event.objects.create(project_id=project_id, kind=kind, payload=numbers)
    transaction.on_commit(lambda: hint(project_id, event.pk))


def hint(project_id: int, event_id: int) -> None:
    """Wake the sockets of a project; they read the rows themselves, so a lost hint only delays."""
    failpoint("event.committed")
    layer = get_channel_layer()
    if layer is None:
        return
    message = {"type": "event.hint", "id": event_id}
    try:
        async_to_sync(layer.group_send)(group_name(project_id), message)
    except (RedisError, OSError):
        logger.warning("no channel layer; browsers of project %s poll", project_id)


def as_json(event: Event) -> dict[str, Any]:
    """Return what a browser sees of an event."""
    return {"id": event.pk, "kind": event.kind, "at": event.at.isoformat(), **event.payload}


def since(project_id: int, last_id: int, *, limit: int = 500) -> list[Event]:
    """Return the events after `last_id`, oldest first."""
    events = Event.objects.filter(project_id=project_id, pk__gt=last_id)
    return list(events.order_by("pk")[:limit])


def last_id(project_id: int) -> int:
    """Return the id of the newest event of a project, 0 when there is none."""
    newest = Event.objects.filter(project_id=project_id).order_by("-pk").first()
    return newest.pk if newest else 0
