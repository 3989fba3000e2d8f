"""Asks again when an answer is lost, where asking twice does no more than asking once."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx

from relata_client.errors import UnreachableError

BUSY = frozenset({429, 502, 503, 504, 507})
LONGEST_PAUSE = 15.0
STREAMED = "relata.streamed"  # among a request's extensions: the caller reads the body itself


class Retrying(httpx.BaseTransport):
    """Repeats reads, and writes that carry an Idempotency-Key, for some seconds."""

    def __init__(self, inner: httpx.BaseTransport, patience: float) -> None:
        """Wrap a transport."""
        self.inner = inner
        self.patience = patience

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send, again if need be; the last answer is the caller's."""
        is_safe = request.method in {"GET", "HEAD"} or "Idempotency-Key" in request.headers
        until = time.monotonic() + (self.patience if is_safe else 0.0)
        pauses = _pauses()
        while True:
            pause = next(pauses)
            try:
                response = self._once(request)
            except httpx.TransportError as error:
                if time.monotonic() + pause > until:
                    raise UnreachableError(f"{request.url.host} does not answer") from error
            else:
                pause = max(pause, _wished(response))
                if response.status_code not in BUSY or time.monotonic() + pause > until:
                    return response
                response.close()
            time.sleep(pause)

    def _once(self, request: httpx.Request) -> httpx.Response:
        """Send once and read the answer: one that is cut off is as lost as one that never came."""
        response = self.inner.handle_request(request)
        if STREAMED not in request.extensions:
            response.read()
        return response

    def close(self) -> None:
        """Close what is wrapped."""
        self.inner.close()


def _pauses() -> Iterator[float]:
    pause = 0.2
    while True:
        yield pause
        pause = min(pause * 2, LONGEST_PAUSE)


def _wished(response: httpx.Response) -> float:
    """Return how long the server asks to wait."""
    said = response.headers.get("Retry-After", "")
    return float(said) if said.isascii() and said.isdecimal() else 0.0
