"""What `/metrics` reads from the database: jobs, workers, sentences, sizes. Numbers only.

Each part is one statement with a limit, and its answer is kept for some seconds: whoever scrapes
often, or from several places, costs no more. Any web process gives the same figures.
"""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from annotator.core.jobs import SWEEP_SECONDS
from annotator.core.version import version
from annotator.corpus.states import SentenceState

LIMIT = "2s"
TOO_LONG = "57014"  # SQLSTATE of a statement that met its limit
PATIENCE_SECONDS = 5.0  # for another scrape that is reading
QUEUES = ("io", "train", "predict")
JOB_SECONDS = (1, 5, 15, 60, 300, 900, 3600, 14400)
CODE = re.compile(r"[a-z0-9_]{1,60}")
Row = Sequence[Any]

# error_code of a job that is not over is that of an earlier attempt.
ENDED = """
SELECT kind, state, CASE WHEN state = 'failed' THEN error_code ELSE '' END AS code, count(*),
       coalesce(sum(extract(epoch FROM finished_at - started_at)), 0),
       {buckets}, count(finished_at - started_at), sum(takeovers)
  FROM core_job GROUP BY 1, 2, 3
""".format(
    buckets=", ".join(
        f"count(*) FILTER (WHERE finished_at - started_at <= interval '{one} s')"
        for one in JOB_SECONDS
    )
)
OLDEST = """
SELECT queue, extract(epoch FROM clock_timestamp() - min(created_at)) FROM core_job
 WHERE state = 'queued' AND not_before <= clock_timestamp() GROUP BY queue
"""
WORKERS = """
SELECT queues, version FROM core_worker
 WHERE seen_at > clock_timestamp() - make_interval(secs => %s)
"""
SENTENCES = "SELECT state, count(*) FROM corpus_sentence GROUP BY state"
EVENTS = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM core_event_id_seq"
SIZE = "SELECT pg_database_size(current_database())"


@dataclass(frozen=True, slots=True)
class Part:
    """A statement, what its rows come to, and for how long they are kept."""

    name: str
    sql: str
    told: Callable[[Sequence[Row]], Iterator[Metric]]
    kept_seconds: float = 10.0
    values: tuple[Any, ...] = ()


def jobs(rows: Sequence[Row]) -> Iterator[Metric]:
    """Tell of jobs: those that wait or run, and all that ended."""
    present = GaugeMetricFamily("relata_jobs", "Jobs that wait or run", labels=("kind", "state"))
    ended = CounterMetricFamily(
        "relata_jobs_ended",
        "Jobs that ended, by code if they failed",
        labels=("kind", "state", "code"),
    )
    counts: dict[tuple[str, str], int] = {}
    for kind, state, code, count, *_ in rows:
        if state in ("queued", "running"):
            counts[kind, state] = count
        else:
            ended.add_metric(
                (kind, state, code if not code or CODE.fullmatch(code) else "other"), count
            )
    kinds = sorted({row[0] for row in rows})
    for key in ((kind, state) for kind in kinds for state in ("queued", "running")):
        present.add_metric(key, counts.get(key, 0))
    yield from (present, ended, seconds(kinds, rows))
    takeovers = sum(row[-1] for row in rows)
    yield CounterMetricFamily(
        "relata_job_takeovers", "Jobs that were taken back from silent workers", takeovers
    )


def seconds(kinds: Sequence[str], rows: Sequence[Row]) -> Metric:
    """Tell how long jobs took, from the claim of the attempt that ended them."""
    told = HistogramMetricFamily(
        "relata_job_seconds", "Time that ended jobs took", labels=("kind",)
    )
    for kind in kinds:
        own = [row[4:-1] for row in rows if row[0] == kind]
        total, *counts = (sum(column) for column in zip(*own, strict=True))
        names = [*map(float, JOB_SECONDS), float("inf")]
        spelt = ["+Inf" if name == float("inf") else str(name) for name in names]
        told.add_metric((kind,), list(zip(spelt, counts, strict=True)), float(total))
    return told


def oldest(rows: Sequence[Row]) -> Iterator[Metric]:
    """Tell for how long the oldest job of each queue has been waiting."""
    told = GaugeMetricFamily(
        "relata_oldest_queued_job_seconds", "Age of the oldest job that waits", labels=("queue",)
    )
    ages = {row[0]: float(row[1]) for row in rows}
    for queue in QUEUES:
        told.add_metric((queue,), ages.get(queue, 0.0))
    yield told


def workers(rows: Sequence[Row]) -> Iterator[Metric]:
    """Tell how many workers of each queue were seen, and how many are of another version."""
    told = GaugeMetricFamily("relata_workers", "Workers seen lately", labels=("queue",))
    for queue in QUEUES:
        told.add_metric((queue,), sum(queue in json.loads(queues) for queues, _ in rows))
    yield told
    yield GaugeMetricFamily(
        "relata_workers_of_another_version",
        "Workers seen lately whose version is not that of the web process",
        sum(said != version() for _, said in rows),
    )


def sentences(rows: Sequence[Row]) -> Iterator[Metric]:
    """Tell how many sentences of all projects are in each state."""
    told = GaugeMetricFamily("relata_sentences", "Sentences by state", labels=("state",))
    counts = {row[0]: row[1] for row in rows}
    for state in SentenceState:
        told.add_metric((state.value,), counts.get(state.value, 0))
    yield told


def events(rows: Sequence[Row]) -> Iterator[Metric]:
    """Tell how many numbers of events were given out."""
    yield CounterMetricFamily("relata_events", "Events published", rows[0][0])


def size(rows: Sequence[Row]) -> Iterator[Metric]:
    """Tell how large the database is."""
    yield GaugeMetricFamily("relata_database_bytes", "Size of the database", rows[0][0])


PARTS = (
    Part("jobs", ENDED, jobs),
    Part("oldest", OLDEST, oldest),
    Part("workers", WORKERS, workers, values=(4 * SWEEP_SECONDS,)),
    Part("events", EVENTS, events),
    Part("sentences", SENTENCES, sentences, kept_seconds=60.0),
    Part("size", SIZE, size, kept_seconds=60.0),
)


class Figures(Collector):
    """Reads the parts that are no longer fresh; what cannot be read is left out, and says so."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, list[Metric]]] = {}

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics."""
        if self._lock.acquire(timeout=PATIENCE_SECONDS):
            try:
                self._refresh()
            finally:
                self._lock.release()
        parts = dict(self._kept)
        up = GaugeMetricFamily("relata_figures_up", "1 if a part could be read", labels=("part",))
        for part in PARTS:
            up.add_metric((part.name,), part.name in parts)
            yield from parts.get(part.name, (0.0, []))[1]
        yield up
        yield from machine()

    def describe(self) -> Iterator[Metric]:
        """Describe nothing: a registry would else read everything to learn the names."""
        return iter(())

    def forget(self) -> None:
        """Read everything anew the next time."""
        self._kept.clear()

    def _refresh(self) -> None:
        now = time.monotonic()
        stale = [part for part in PARTS if now >= self._kept.get(part.name, (0.0, []))[0]]
        for part in stale:
            self._kept.pop(part.name, None)
        for part in stale:
            try:
                told = list(part.told(read(part)))
            except (DatabaseError, InterfaceError) as error:
                if getattr(error.__cause__, "pgcode", None) == TOO_LONG:
                    continue
                connection.close()  # it is away: the other parts would only wait, too
                return
            self._kept[part.name] = (now + part.kept_seconds, told)


def read(part: Part) -> list[Row]:
    """Run the statement of a part, within its limit."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [LIMIT])
        cursor.execute(part.sql, part.values)
        rows: list[Row] = cursor.fetchall()
    return rows


def machine() -> Iterator[Metric]:
    """Tell of the disk of RELATA_HOME and of the program."""
    if settings.HOME.is_dir():
        usage = shutil.disk_usage(settings.HOME)
        yield GaugeMetricFamily(
            "relata_disk_free_bytes", "Room on the disk of RELATA_HOME", usage.free
        )
        yield GaugeMetricFamily("relata_disk_bytes", "Size of the disk of RELATA_HOME", usage.total)
    build = GaugeMetricFamily("relata_build_info", "The version that runs", labels=("version",))
    build.add_metric((version(),), 1)
    yield build
