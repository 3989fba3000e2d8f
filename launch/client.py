"""A client of a running product, standard library only: for trials, benchmarks and tests."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ANSWER_SECONDS = 120
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class RefusedError(Exception):
    """The product answered with an error."""


class Api:
    """A client of one running installation."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.token = ""

    def log_in(self, username: str, password: str) -> None:
        """Get a token and use it from now on."""
        wanted = {"username": username, "password": password}
        self.token = self.call("POST", "auth/token/", wanted)["token"]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send JSON, return JSON; a header is written with underscores (`If_Match`)."""
        raw = None if body is None else json.dumps(body).encode()
        return json.loads(self.send(method, path, raw, "application/json", **headers) or b"null")

    def send(self, method: str, path: str, raw: bytes | None, kind: str, **headers: str) -> bytes:
        """Send bytes, return bytes; an error answer is shown with its message."""
        address = path if path.startswith("http") else f"{self.address}/api/v1/{path}"
        request = urllib.request.Request(address, data=raw, method=method)  # noqa: S310 - our own
        request.add_header("Content-Type", kind)
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        if self.token:
            request.add_header("Authorization", f"Token {self.token}")
        try:
            with opener.open(request, timeout=ANSWER_SECONDS) as answer:
                content: bytes = answer.read()
        except urllib.error.HTTPError as error:
            raise RefusedError(f"{method} {path}: {error.code} {error.read()!r}") from error
        return content

    def upload(self, path: str, file: Path, **fields: str) -> Any:
        """Send a file as a form."""
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{file.name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        )
        body = "".join(parts).encode() + file.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        return json.loads(
            self.send("POST", path, body, f"multipart/form-data; boundary={boundary}")
        )

    def pages(self, path: str) -> Iterator[Any]:
        """Yield the rows of all pages."""
        following: str | None = path
        while following:
            page = self.call("GET", following)
            yield from page["results"]
            following = page["next"]
