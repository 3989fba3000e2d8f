"""What `/metrics` costs: `python -m bench.metrics`.

Two web processes on a database of its own, one with the counting middleware and one without, are
asked in turn for `/healthz`, as fast as one caller can. Then the database gets a million jobs and a
million sentences, and `/metrics` is asked when nothing is kept and when everything is.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from launch import engines

ROOT = Path(__file__).resolve().parent.parent
WITHOUT = """
from annotator.config.settings import *
MIDDLEWARE = [one for one in MIDDLEWARE if not one.endswith("MetricsMiddleware")]
"""
PLACE = re.compile(r"http://127\.0\.0\.1:(\d+)")
FILL = """
from django.db import connection
from annotator.accounts.models import User
from annotator.projects.services import create_project
owner = User.objects.create_user(username="bench")
made = create_project(name="bench", template="empty", language="en", owner=owner, seed=1)
with connection.cursor() as cursor:
    cursor.execute(
        "INSERT INTO core_job (kind, queue, project_id, subject_id, payload, state, attempt,"
        " max_attempts, is_cancel_requested, worker, error_code, error_message, started_at,"
        " finished_at) SELECT 'predict', 'predict', 1, n, '{{}}', 'done', 1, 5, false, 'w', '', '',"
        " now() - mod(n, 600) * interval '1 s', now() FROM generate_series(1, {count}) n"
    )
    cursor.execute(
        "INSERT INTO corpus_sentence (project_id, external_id, position, text, text_hash,"
        ' "group", split, state, gold_version, meta)'
        " SELECT %s, '', n, 'a sentence of some words, number ' || n, gen_random_uuid(), n, 'pool',"
        " 'pending', 0, '{{}}' FROM generate_series(1, {count}) n",
        [made.project.pk],
    )
    cursor.execute("ANALYZE")
"""


def main() -> int:
    """Run it and write what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results" / "metrics.json")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="relata-bench-") as folder:
        home = Path(folder) / "home"
        running = engines.ensure(home, is_throwaway=True)
        try:
            result = measure(home, Path(folder), chosen)
        finally:
            running.stop()
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))
    return 0


def measure(home: Path, folder: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """Compare the two, then fill the database and scrape."""
    (folder / "without_metrics.py").write_text(WITHOUT, encoding="utf-8")
    plain = {"DJANGO_SETTINGS_MODULE": "without_metrics", "PYTHONPATH": f"{folder}:{ROOT}"}
    manage(home, "migrate", "--no-input")
    rates: dict[str, list[float]] = {"with": [], "without": []}
    with ExitStack() as stack:
        ports = {
            "with": stack.enter_context(web(home, {})),
            "without": stack.enter_context(web(home, plain)),
        }
        for _ in range(chosen.rounds):
            for name, port in ports.items():
                rates[name].append(rate(port, chosen.requests))
        empty = scrape(ports["with"])
    manage(home, "shell", "--no-imports", "-c", FILL.format(count=chosen.rows))
    with web(home, {}) as port:
        first, second = scrape(port), scrape(port)
    medians = {name: statistics.median(found) for name, found in rates.items()}
    return {
        "requests_per_second": {name: round(found) for name, found in medians.items()},
        "microseconds_a_request": round(1e6 / medians["with"] - 1e6 / medians["without"], 1),
        "rows": chosen.rows,
        "scrape_of_a_small_database_ms": empty,
        "scrape_ms": first,
        "scrape_while_kept_ms": second,
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 1),
    }


def manage(home: Path, *arguments: str) -> None:
    """Run a management command on the bench's database."""
    environment = {**os.environ, "RELATA_HOME": str(home)}
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def web(home: Path, more: Mapping[str, str]) -> Iterator[int]:
    """Serve, and give the port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "annotator.config.asgi:application", "--port", "0",
         "--lifespan", "off", "--no-access-log"],
        cwd=ROOT,
        env={**os.environ, "RELATA_HOME": str(home), **more},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None  # noqa: S101 - it is a pipe
        found = next(match for line in process.stderr if (match := PLACE.search(line)))
        yield int(found[1])
    finally:
        process.kill()
        process.communicate()


def rate(port: int, count: int) -> float:
    """Ask as fast as one caller can, over one line, and return the answers a second."""
    wire = http.client.HTTPConnection("127.0.0.1", port)
    begun = time.perf_counter()
    for _ in range(count):
        wire.request("GET", "/healthz")
        wire.getresponse().read()
    wire.close()
    return count / (time.perf_counter() - begun)


def scrape(port: int) -> float:
    """Return how many milliseconds `/metrics` took."""
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    begun = time.perf_counter()
    wire.request("GET", "/metrics")
    answer = wire.getresponse()
    text = answer.read().decode()
    taken = 1000 * (time.perf_counter() - begun)
    wire.close()
    if answer.status != http.HTTPStatus.OK or 'relata_figures_up{part="jobs"} 1.0' not in text:
        sys.exit(f"/metrics answered {answer.status}, or could not read everything")
    return round(taken, 1)


if __name__ == "__main__":
    sys.exit(main())
