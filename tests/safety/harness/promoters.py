"""Managers who change their minds: `python -m tests.safety.harness.promoters COUNT PROJECT TOKEN`.

Each child promotes versions and rolls them back through the API until it is killed, and prints
`begin PID` before and what came of it after, as JSON.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from functools import partial

from django.db import connection
from rest_framework.test import APIClient

from tests.safety.harness.nursery import keep_alive, say


def client_of(token: str) -> APIClient:
    """Somebody who comes with a token."""
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}", HTTP_HOST="localhost")
    return client


def promote_for_ever(project: str, token: str) -> None:
    """Choose a version that is not served, or the one before, over and over."""
    chance = random.Random(os.getpid())
    client, home = client_of(token), f"/api/v1/projects/{project}/models"
    while True:
        listed = client.get(f"{home}/").json()["results"]
        chosen = chance.choice([one["id"] for one in listed if one["state"] != "active"])
        action = chance.choice(("promote", "promote", "rollback"))
        door = f"{home}/rollback/" if action == "rollback" else f"{home}/{chosen}/promote/"
        say(f"begin {os.getpid()}")
        begun = time.monotonic()
        answer = client.post(door)
        spent = time.monotonic() - begun
        said = {"action": action, "status": answer.status_code, "seconds": spent}
        plain = answer.json()
        said |= {name: plain.get(name) for name in ("id", "promoted_at", "code")}
        said["request"] = answer["X-Request-ID"]
        say(f"did {os.getpid()} {json.dumps(said)}")


if __name__ == "__main__":
    client_of(sys.argv[3]).get(f"/api/v1/projects/{sys.argv[2]}/models/")  # load all that it takes
    connection.close()  # it is not for the children
    keep_alive(int(sys.argv[1]), partial(promote_for_ever, sys.argv[2], sys.argv[3]))
