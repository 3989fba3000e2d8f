"""Children that die young: `python -m tests.safety.harness.nursery COUNT KIND`.

Forks so many children, and a new one for each that dies. Prints `born PID` for every child; ends
when its standard input closes. Those of this module do jobs through the product's own claim and
finish.
"""

from __future__ import annotations

import os
import random
import select
import signal
import sys
import time
from collections.abc import Callable
from functools import partial

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402 - needs the settings

from annotator.core import jobs  # noqa: E402 - likewise
from annotator.core.jobs import Claim, JobLostError  # noqa: E402 - likewise
from annotator.core.models import Event, Job  # noqa: E402 - likewise
from annotator.core.states import JobState  # noqa: E402 - likewise

EFFECT = "probe.effect"
LOST = "probe.lost"


def keep_alive(count: int, live: Callable[[], None]) -> None:
    """Keep so many children alive that do this."""
    children = {bear(live) for _ in range(count)}
    while not select.select([sys.stdin], [], [], 0.01)[0]:
        dead, _ = os.waitpid(-1, os.WNOHANG)
        if dead in children:
            children.remove(dead)
            children.add(bear(live))
    for child in children:
        os.kill(child, signal.SIGKILL)


def bear(live: Callable[[], None]) -> int:
    """Fork a child that works until it is killed."""
    child = os.fork()
    if child:
        say(f"born {child}")
        return child
    try:
        connection.close()
        live()
    finally:
        os._exit(1)


def say(line: str) -> None:
    """Print a short line at once and whole, whoever else writes or dies."""
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def work_for_ever(kind: str) -> None:
    """Claim whatever waits, in any order, and do it."""
    chance = random.Random(os.getpid())
    while True:
        waiting = Job.objects.filter(kind=kind, state=JobState.QUEUED).order_by("pk")
        ids = list(waiting.values_list("pk", flat=True)[:50])
        if not ids:
            time.sleep(0.02)
            continue
        held = jobs.claim(job_id=chance.choice(ids), worker=f"runner-{os.getpid()}")
        if held is not None:
            do(held, chance)


def do(held: Claim, chance: random.Random) -> None:
    """Have the effect and end the job in one transaction; a poisoned one kills who does it."""
    if held.is_last_straw:
        jobs.finish(held, state=JobState.FAILED, code="gave_up", message="tried too often")
        return
    if held.payload.get("poison"):
        os.kill(os.getpid(), signal.SIGKILL)
    try:
        with transaction.atomic():
            Event.objects.create(
                project_id=held.project_id, kind=EFFECT, payload={"job": held.job_id}
            )
            time.sleep(0.01 * chance.random())
            jobs.finish(held)
    except JobLostError:
        Event.objects.create(project_id=held.project_id, kind=LOST, payload={"job": held.job_id})


if __name__ == "__main__":
    keep_alive(int(sys.argv[1]), partial(work_for_ever, sys.argv[2]))
