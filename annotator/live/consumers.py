"""The socket of a project: the backlog since N, then what comes. Ids and numbers only.

The rows are the truth; a hint over the channel layer only says "look". Log-in and membership are
asked again before every delivery and every few seconds, so whoever logs out, is removed or
deactivated, or gets another password hears nothing more, and the socket closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.exceptions import ChannelFull
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from redis.exceptions import RedisError

from annotator.accounts.selectors import is_logged_in
from annotator.core import events
from annotator.core.metrics import SOCKETS
from annotator.projects.access import may_see

logger = logging.getLogger(__name__)

UNKNOWN = 4404
GONE = 4403
BROKEN = 1011  # RFC 6455: the server cannot go on
PING_SECONDS = 25
POLL_SECONDS = 4  # and so the longest that a socket outlives a right
BATCH = 500
LONGEST_ID = 18  # digits; every such number is a bigint


class ProjectEvents(AsyncJsonWebsocketConsumer):
    """Sends the events of one project to one browser."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve a socket, counted as long as it is served."""
        with SOCKETS.track_inprogress():
            await super().__call__(scope, receive, send)

    async def connect(self) -> None:
        """Admit a member, subscribe, send the backlog."""
        self.project_id = int(self.scope["url_route"]["kwargs"]["project_id"])
        self.user_id = int(getattr(self.scope["user"], "pk", None) or 0)
        self.session_key = getattr(self.scope.get("session"), "session_key", None)
        self.last_id = 0
        self.delivery = asyncio.Lock()
        self.clock: asyncio.Task[None] | None = None
        await self.accept()
        if not await self._may_see():
            await self.close(UNKNOWN)
            return
        with contextlib.suppress(RedisError, OSError, ChannelFull):
            await self.channel_layer.group_add(
                events.group_name(self.project_id), self.channel_name
            )
        since = _since(self.scope["query_string"])
        newest = database_sync_to_async(events.last_id)
        self.last_id = await newest(self.project_id) if since is None else since
        if (
            since is None
        ):  # from here on: a browser that loses its line at once knows what to ask for
            await self.send_json({"kind": "hello", "id": self.last_id})
        await self._deliver()
        self.clock = asyncio.create_task(self._tick())

    async def disconnect(self, code: int) -> None:
        """Leave the group."""
        if self.clock is not None:
            self.clock.cancel()
        with contextlib.suppress(RedisError, OSError):
            await self.channel_layer.group_discard(
                events.group_name(self.project_id), self.channel_name
            )

    async def event_hint(self, message: dict[str, Any]) -> None:
        """Something was committed: read the rows after the last one sent."""
        await self._deliver()

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Browsers only listen; whatever they say is ignored."""

    async def _tick(self) -> None:
        """Ping, and look at the rows even when no hint came: hints may be lost.

        When that fails (the database is away) the socket closes, and the browser comes again; one
        that stays open without looking would tell nothing, and outlive any right.
        """
        since_ping = 0
        try:
            while True:
                await asyncio.sleep(POLL_SECONDS)
                since_ping += POLL_SECONDS
                await self._deliver()
                if since_ping >= PING_SECONDS:
                    since_ping = 0
                    await self.send_json({"kind": "ping"})
        except Exception as error:  # noqa: BLE001 - the socket's edge
            logger.warning(
                "a socket of project %s closes: %s", self.project_id, type(error).__name__
            )
            await self.close(BROKEN)

    async def _deliver(self) -> None:
        async with self.delivery:
            if not await self._may_see():
                await self.close(GONE)
                return
            while True:
                fresh = await database_sync_to_async(events.since)(
                    self.project_id, self.last_id, limit=BATCH
                )
                for event in fresh:
                    await self.send_json(events.as_json(event))
                    self.last_id = event.pk
                if len(fresh) < BATCH:
                    return

    async def _may_see(self) -> bool:
        return bool(await database_sync_to_async(self._is_in)())

    def _is_in(self) -> bool:
        return may_see(self.user_id, self.project_id) and is_logged_in(
            self.user_id, self.session_key
        )


def _since(query: bytes) -> int | None:
    """Return the id after which events are wanted; None, from now on, when it is not a number."""
    given = parse_qs(query.decode("ascii", "replace")).get("since", [""])[0]
    is_number = given.isascii() and given.isdigit() and len(given) <= LONGEST_ID
    return int(given) if is_number else None
