"""A proxy that forwards every request and loses some of the replies."""

from __future__ import annotations

import random
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

BLOCK = 65_536
PATIENCE = 30.0


@dataclass
class Loss:
    """How much is lost, and how much was."""

    share: float
    missing: int | None = None  # bytes at the end of a lost reply; all of it unless said
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    lost: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def strikes(self) -> bool:
        """Draw whether this reply is lost."""
        with self.lock:
            is_lost = self.chance.random() < self.share
            self.lost += is_lost
            return is_lost


class Server(socketserver.ThreadingTCPServer):
    """Listens on a port of its own and knows whom to forward to."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    upstream: tuple[str, int]
    loss: Loss


class Handler(socketserver.StreamRequestHandler):
    """One connection, one request: what `Connection: close` promises."""

    timeout = PATIENCE
    server: Server

    def handle(self) -> None:
        """Forward the request whole; then pass the reply on, or hang up without a word."""
        request = self._request()
        if not request:
            return
        try:
            with socket.create_connection(self.server.upstream, timeout=PATIENCE) as upstream:
                upstream.sendall(request)
                reply = b"".join(iter(lambda: upstream.recv(BLOCK), b""))
        except OSError:
            return  # the server died: the client sees a closed connection
        if reply and self.server.loss.strikes():
            missing = self.server.loss.missing
            reply = b"" if missing is None else reply[:-missing]
        self.wfile.write(reply)

    def _request(self) -> bytes:
        lines, length = [], 0
        while (line := self.rfile.readline(BLOCK)).strip():
            lines.append(line)
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                length = int(value)
        return b"".join(lines) + b"\r\n" + self.rfile.read(length) if lines else b""


@contextmanager
def losing(
    upstream: tuple[str, int], share: float, *, missing: int | None = None
) -> Iterator[tuple[str, Loss]]:
    """Run a proxy in front of a server; yield its address and what it has lost."""
    server = Server(("127.0.0.1", 0), Handler)
    server.upstream, server.loss = upstream, Loss(share, missing)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", server.loss
    finally:
        server.shutdown()
        server.server_close()
