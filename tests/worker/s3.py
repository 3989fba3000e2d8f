"""A real S3 server in a process of its own, with a bucket, for the model store."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from launch.processes import dying_with_parent, wait_until

BUCKET = "relata-models"
KEYS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing-and-nothing-else",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True, slots=True)
class S3Server:
    """Where it listens, and a look into it past the product."""

    address: str

    @property
    def variables(self) -> dict[str, str]:
        """Return what an operator sets."""
        return {**KEYS, "AWS_ENDPOINT_URL_S3": self.address}

    @property
    def client(self) -> Any:
        """Return a client of the server's own kind."""
        return boto3.client(
            "s3",
            endpoint_url=self.address,
            region_name="us-east-1",
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )

    def names(self, prefix: str = "") -> list[str]:
        """Return the names of the objects that are there."""
        pages = self.client.get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=BUCKET, Prefix=prefix)
        return [one["Key"] for page in found for one in page.get("Contents", [])]

    def empty(self) -> None:
        """Remove every object."""
        there = [{"Key": name} for name in self.names()]
        if there:
            self.client.delete_objects(Bucket=BUCKET, Delete={"Objects": there})


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port: int = tried.getsockname()[1]
        return port


@contextmanager
def serving_s3(log: Path) -> Iterator[S3Server]:
    """Start a server with an empty bucket, and end it afterwards."""
    port = free_port()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **KEYS},
            start_new_session=True,
            preexec_fn=dying_with_parent(signal.SIGKILL),  # noqa: PLW1509 - as in launch
        )
    try:
        assert wait_until(lambda: _answers(port), seconds=60), log.read_text(errors="replace")
        server = S3Server(f"http://127.0.0.1:{port}")
        server.client.create_bucket(Bucket=BUCKET)
        yield server
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as tried:
        tried.settimeout(1.0)
        return tried.connect_ex(("127.0.0.1", port)) == 0
