"""One request to the product's own ASGI entry, byte for byte, in this process; then undone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from asgiref.sync import async_to_sync
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction

from annotator.config.asgi import application

Header = tuple[bytes, bytes]


@dataclass(frozen=True)
class Wire:
    """A request as a server hands it on: target and headers as they came."""

    method: str
    target: str
    headers: Sequence[Header] = ()
    body: bytes = b""

    def scope(self) -> dict[str, Any]:
        """Spell it as uvicorn does."""
        path, _, query = self.target.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode("ascii"),
            "query_string": query.encode("latin-1"),
            "root_path": "",
            "headers": list(self.headers),
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8000),
        }


@dataclass
class Answer:
    """What came back, and the processor time that it took."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""
    seconds: float = 0.0


def send(wire: Wire) -> Answer:
    """Send a request, undo what it wrote, and return the answer.

    The program runs in the calling thread, and so in its transaction.
    """
    answer = Answer()
    begun = time.process_time()
    with _one_connection(), transaction.atomic():
        async_to_sync(_exchange)(wire, answer)
        transaction.set_rollback(True)
    answer.seconds = time.process_time() - begun
    return answer


@contextmanager
def _one_connection() -> Iterator[None]:
    """Keep the test's connection open between requests, as Django's own client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


async def _exchange(wire: Wire, answer: Answer) -> None:
    is_read = False

    async def receive() -> Mapping[str, Any]:
        nonlocal is_read
        if is_read:
            await asyncio.Event().wait()  # the caller stays: it is waiting for its answer
        is_read = True
        return {"type": "http.request", "body": wire.body, "more_body": False}

    async def hear(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {
                name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]
            }
        else:
            answer.content += message.get("body", b"")

    entry: Any = application
    await entry(wire.scope(), receive, hear)
