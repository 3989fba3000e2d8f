"""Things that the product does, each in a process of its own that may break on the way.

`python -m tests.safety.harness.breaking` reads orders, a JSON object a line: what to do, with
which values, and at which failpoint to break how. A child is forked for each; what became of it is
printed as JSON: `stopped` when it stands still, `over` at its end. Ends with its standard input.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")
django.setup()

from django.conf import settings  # noqa: E402 - needs the settings
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402 - likewise
from django.db import connection  # noqa: E402 - likewise
from rest_framework.test import APIClient  # noqa: E402 - likewise

from annotator.config.backups import check_backup, make_backup  # noqa: E402 - likewise
from annotator.core import failpoints, jobs  # noqa: E402 - likewise
from annotator.core.jobs import Claim, JobLostError  # noqa: E402 - likewise
from annotator.core.models import Job  # noqa: E402 - likewise
from annotator.core.states import JobState  # noqa: E402 - likewise
from annotator.learning import services  # noqa: E402 - likewise
from extraction.types import Prediction, ScoredEntity  # noqa: E402 - likewise
from worker import artefacts  # noqa: E402 - likewise
from worker.tasks import TRADES, work  # noqa: E402 - likewise

Given = Mapping[str, Any]
PATIENCE = 20.0
OVER = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
settings.ALLOWED_HOSTS = ["testserver"]


def client(given: Given) -> APIClient:
    made = APIClient(raise_request_exception=False)
    made.credentials(HTTP_AUTHORIZATION=f"Token {given['token']}")
    return made


def save(given: Given) -> int:
    """Submit labels for a sentence."""
    answer = client(given).put(
        f"/api/v1/sentences/{given['sentence']}/annotation/",
        given["body"],
        format="json",
        headers={"If-Match": '"0"', "Idempotency-Key": given["key"]},
    )
    return int(answer.status_code)


def import_file(given: Given) -> int:
    """Upload a file, and do what waits, as a worker does."""
    file = SimpleUploadedFile("lines.jsonl", given["lines"].encode())
    answer = client(given).post(
        f"/api/v1/projects/{given['project']}/imports/", {"file": file}, format="multipart"
    )
    do_all("import", given["project"], lambda pk: work(job_id=pk))
    return int(answer.status_code)


def train(given: Given) -> int:
    """Keep a trained model, register it and make it the active one."""
    do_all("train", given["project"], lambda pk: attempt(pk, given, keep_and_register))
    return 200


def suggest(given: Given) -> int:
    """Store what a model says of the chunks that wait."""
    do_all("predict", given["project"], lambda pk: attempt(pk, given, say_something))
    return 200


def promote(given: Given) -> int:
    """Make another version the active one."""
    version = f"/api/v1/projects/{given['project']}/models/{given['version']}/promote/"
    return int(client(given).post(version).status_code)


def change_schema(given: Given) -> int:
    """Rename a type over all labels; done already counts as done."""
    address = f"/api/v1/projects/{given['project']}/schema/changes/"
    seen = client(given).post(address, given["change"], format="json")
    if seen.status_code != 200:
        return int(seen.status_code)
    change = {**given["change"], "token": seen.json()["token"]}
    return int(client(given).post(address, change, format="json").status_code)


def back_up(given: Given) -> int:
    """Write a backup, or find that it is there and whole."""
    target = Path(given["target"])
    if target.exists():
        check_backup(target)
    else:
        make_backup(target)
    return 200


SCENARIOS: Mapping[str, Callable[[Given], int]] = {
    "save": save,
    "import": import_file,
    "train": train,
    "suggest": suggest,
    "promote": promote,
    "schema": change_schema,
    "backup": back_up,
}


def do_all(kind: str, project: int, do: Callable[[int], None]) -> None:
    """Do the jobs of a project until none waits or is in anybody's hands."""
    deadline = time.monotonic() + PATIENCE
    mine = Job.objects.filter(kind=kind, project_id=project).exclude(state__in=OVER)
    while mine.exists():
        if time.monotonic() > deadline:
            raise TimeoutError(kind)
        jobs.sweep()
        for pk in list(mine.values_list("pk", flat=True)):
            do(pk)
        time.sleep(0.02)


def attempt(job_id: int, given: Given, do: Callable[[Claim, Given], None]) -> None:
    """Do a job; end it as the worker does when something unexpected happens or it was lost."""
    held = jobs.claim(job_id=job_id, worker=str(os.getpid()))
    if held is None:
        return
    trade = TRADES[held.kind]
    try:
        do(held, given)
    except JobLostError:
        return
    except failpoints.FailpointError:
        trade.fail(held, "internal_error", "it broke")
        raise


def keep_and_register(held: Claim, given: Given) -> None:
    services.begin_run(held)
    digest = artefacts.keep(Path(given["checkpoint"]))
    services.evaluate_run(held)
    figures = {"triple_f1": 0.5, "entity_f1": 0.5, "measured_on": "holdout"}
    services.register_version(held, services.Measured(digest, figures, None, None))


def say_something(held: Claim, given: Given) -> None:
    said = Prediction((ScoredEntity(0, 2, "药物", 0.9),), ())
    services.store_suggestions(
        held,
        [
            services.Suggested(pk, given["length"], said, 0.1, 0.1, 0.9)
            for pk in held.payload["sentences"]
        ],
    )


def begin(order: Mapping[str, Any]) -> int:
    """Fork a child that does what is ordered and writes down what became of it."""
    pid = os.fork()
    if pid:
        return pid
    fault = failpoints.Fault(order["fault"]) if order.get("fault") else None
    plan = failpoints.Plan(order.get("point", ""), fault)
    failpoints.arm(plan)
    status: int | str
    try:
        connection.close()
        status = SCENARIOS[order["scenario"]](order["given"])
    except failpoints.FailpointError:
        status = "broke"
    except BaseException as error:  # noqa: BLE001 - a child that must not go on as its parent
        status = f"{type(error).__name__}: {error}"
    Path(order["report"]).write_text(json.dumps({"status": status, "passed": plan.passed}))
    os._exit(0)


def say(**words: Any) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Fork for every line, and tell of every stop and end."""
    os.set_blocking(sys.stdin.fileno(), False)
    heard = b""
    say(state="ready")
    while True:
        try:
            piece = os.read(sys.stdin.fileno(), 1 << 16)
            if not piece:
                return
            heard += piece
        except BlockingIOError:
            time.sleep(0.005)
        *lines, heard = heard.split(b"\n")
        for line in lines:
            order = json.loads(line)
            say(state="begun", report=order["report"], pid=begin(order))
        watch()


def watch() -> None:
    """Tell of the children that stopped or ended."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        except ChildProcessError:
            return
        if not pid:
            return
        if os.WIFSTOPPED(status):
            say(state="stopped", pid=pid)
        else:
            say(state="over", pid=pid, status=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
