"""/metrics: closed to strangers, right, bounded, and without a word of anybody's."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.config import scraping
from annotator.config.serving import Serving
from annotator.core import jobs
from annotator.core.models import Job
from annotator.core.states import JobState
from annotator.core.version import version
from annotator.projects.models import Project
from launch.places import ROOT
from launch.processes import wait_until
from tests.annotator.conftest import AddSentences
from tests.safety.harness.server import serving

pytestmark = pytest.mark.django_db

TOKEN = "t0ken-0f-a-pr0metheus-that-scrapes-here"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
EXAMPLES = ROOT / "docker" / "prometheus"
TEXT = "甲硝唑与乙醇合用"
Api = Callable[[User | None], APIClient]
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(autouse=True)
def fresh(settings: Any) -> None:
    """A token, and nothing kept from the test before."""
    settings.METRICS_TOKEN = TOKEN
    scraping.figures.forget()


def families(text: str) -> list[Metric]:
    return list(text_string_to_metric_families(text))


def scrape() -> str:
    answer = Client().get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    return answer.content.decode()


def samples(text: str) -> Samples:
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in families(text)
        for one in family.samples
    }


def value(read: Samples, name: str, **labels: str) -> float:
    return read.get((name, frozenset(labels.items())), 0.0)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": f"Token {TOKEN}"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"bearer {TOKEN}"},
    ],
)
def test_without_the_token_nothing_is_told(headers: dict[str, str]) -> None:
    answer = Client().get("/metrics", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_session_of_a_manager_is_no_token(manager: User) -> None:
    client = Client()
    client.force_login(manager)
    assert client.get("/metrics").status_code == 401
    assert client.post("/metrics", headers=BEARER).status_code == 405


@pytest.mark.parametrize(
    ("serving_how", "address", "headers", "status"),
    [
        (Serving("127.0.0.1", is_behind_tls=False), "127.0.0.1", {}, 200),
        (Serving("127.0.0.1", is_behind_tls=False), "192.0.2.7", {}, 404),
        (Serving("127.0.0.1", is_behind_tls=False), "127.0.0.1", {"X-Forwarded-For": "::1"}, 404),
        (Serving("127.0.0.1", is_behind_tls=False), "", {}, 404),
        (Serving("127.0.0.1", is_behind_tls=True), "127.0.0.1", {}, 404),
        (Serving("0.0.0.0", is_behind_tls=False), "127.0.0.1", {}, 404),  # noqa: S104
    ],
)
def test_without_a_token_only_a_trial_on_this_machine_tells(
    serving_how: Serving, address: str, headers: dict[str, str], status: int, settings: Any
) -> None:
    settings.METRICS_TOKEN, settings.SERVING = "", serving_how
    answer = Client(REMOTE_ADDR=address).get("/metrics", headers=headers)
    assert answer.status_code == status


def test_answers_are_counted_by_route_and_status(project: Project, manager: User, api: Api) -> None:
    route = {"method": "GET", "route": "/api/v1/projects/{project_id}/"}
    before = samples(scrape())
    for _ in range(3):
        assert api(manager).get(f"/api/v1/projects/{project.pk}/").status_code == 200
    assert api(manager).get("/api/v1/projects/987654321/").status_code == 404
    after = samples(scrape())

    def grown(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert grown("relata_http_requests_total", **route, status="200") == 3
    assert grown("relata_http_requests_total", **route, status="404") == 1
    assert grown("relata_http_request_seconds_count", **route) == 4
    assert grown("relata_http_request_seconds_bucket", **route, le="+Inf") == 4
    assert grown("relata_http_request_seconds_sum", **route) > 0


def test_whatever_strangers_ask_for_adds_no_series(project: Project) -> None:
    client = Client(raise_request_exception=False)
    client.get("/metrics")
    client.get("/one-address")
    client.get("/api/v1/nothing/")
    client.get("/static/none.js")
    client.get("/", headers={"Host": "evil.test"})
    client.generic("MEIMEI", "/api/v1/projects/")
    scrape()
    before = set(samples(scrape()))
    for number in range(50):
        client.get(f"/address-{number}")
        client.get(f"/api/v1/nothing/{number}/")
        client.get(f"/static/{number}.js")
        client.get(f"/{number}", headers={"Host": f"evil{number}.test"})
        client.generic(f"MEI{number}", "/api/v1/projects/")
    assert set(samples(scrape())) - before == set()


def test_it_holds_no_text_no_name_and_no_number_of_anybody(
    project: Project, manager: User, ana: User, api: Api, put: Any, add_sentences: AddSentences
) -> None:
    (sentence,) = add_sentences(project, [TEXT])
    Job.objects.create(
        kind="import", queue="io", project_id=project.pk, subject_id=1, state=JobState.FAILED,
        error_code=f"odd {TEXT}", error_message=TEXT,
    )  # fmt: skip
    put(api(ana), sentence)
    client = api(manager)
    client.get(f"/api/v1/projects/{project.pk}/sentences/", {"q": TEXT})
    client.get(f"/{TEXT}/{ana.username}")
    told = scrape()
    for word in (TEXT, TEXT[:3], manager.username, ana.username, ana.display_name, project.name):
        assert word not in told
    labels = {pair for _, pairs in samples(told) for pair in pairs}
    allowed = {"method", "route", "status", "le", "kind", "state", "code", "queue", "part"}
    assert {name for name, _ in labels} <= allowed | {"version"}
    assert ("code", "other") in labels
    assert not [one for name, one in labels if name == "route" and re.search(r"\d{2}", one)]


def test_jobs_workers_and_sentences_are_told(project: Project, add_sentences: AddSentences) -> None:
    add_sentences(project, [f"{TEXT}{number}" for number in range(5)])
    now = timezone.now()

    def add(kind: str, queue: str, **more: Any) -> Job:
        return Job.objects.create(
            kind=kind, queue=queue, project_id=project.pk, subject_id=1, **more
        )

    add("predict", "predict", created_at=now - timedelta(minutes=20))
    add("predict", "predict", not_before=now + timedelta(hours=1))
    for seconds, code in ((3, ""), (30, ""), (30, "out_of_memory")):
        add(
            "train", "train", state=JobState.FAILED if code else JobState.DONE, error_code=code,
            started_at=now - timedelta(seconds=seconds), finished_at=now,
        )  # fmt: skip
    jobs.beat("a@here", ["train", "predict"])
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO core_worker (name, queues) VALUES ('old@there', '[\"io\"]')")
    read = samples(scrape())
    assert value(read, "relata_jobs", kind="predict", state="queued") == 2
    age = value(read, "relata_oldest_queued_job_seconds", queue="predict")
    assert 1200 <= age < 1300
    ended = {"kind": "train", "code": ""}
    assert value(read, "relata_jobs_ended_total", **ended, state="done") == 2
    failed = {"kind": "train", "state": "failed", "code": "out_of_memory"}
    assert value(read, "relata_jobs_ended_total", **failed) == 1
    assert value(read, "relata_job_seconds_bucket", kind="train", le="5.0") == 1
    assert value(read, "relata_job_seconds_bucket", kind="train", le="60.0") == 3
    assert value(read, "relata_job_seconds_count", kind="train") == 3
    assert value(read, "relata_job_seconds_sum", kind="train") == pytest.approx(63)
    assert [value(read, "relata_workers", queue=queue) for queue in ("io", "train")] == [1, 1]
    assert value(read, "relata_workers_of_another_version") == 1
    assert value(read, "relata_sentences", state="pending") == 5
    assert value(read, "relata_build_info", version=version()) == 1
    assert value(read, "relata_database_bytes") > 1e6
    assert 0 < value(read, "relata_disk_free_bytes") < value(read, "relata_disk_bytes")


def test_a_lease_that_ran_out_is_counted_once(project: Project) -> None:
    job = Job.objects.create(kind="train", queue="train", project_id=project.pk, subject_id=1)
    held = jobs.claim(job_id=job.pk, worker="one")
    assert held is not None
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    jobs.sweep()
    jobs.sweep()
    assert value(samples(scrape()), "relata_job_takeovers_total") == 1
    job.refresh_from_db()
    assert job.started_at is not None


def test_what_the_database_says_is_kept_for_a_while(
    project: Project, django_assert_num_queries: Any
) -> None:
    scrape()
    with django_assert_num_queries(0):
        assert value(samples(scrape()), "relata_figures_up", part="jobs") == 1


@pytest.mark.django_db(transaction=True)
def test_a_part_that_takes_too_long_is_left_out_and_says_so(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotator.config.figures.LIMIT", "300ms")
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE corpus_sentence")
        read = samples(scrape())
    finally:
        other.close()
    assert value(read, "relata_figures_up", part="sentences") == 0
    assert ("relata_sentences", frozenset({("state", "pending")})) not in read
    assert value(read, "relata_figures_up", part="size") == 1
    assert value(read, "relata_build_info", version=version()) == 1


@pytest.mark.django_db(transaction=True)
def test_several_web_processes_count_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "counted"
    folder.mkdir()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    (folder / "gauge_livesum_999999999.db").write_bytes(
        next(iter(written_by_another(tmp_path))).read_bytes()
    )

    def ask(address: str, path: str) -> str:
        with urllib.request.urlopen(f"http://{address}{path}") as answer:
            text: str = answer.read().decode()
            return text

    with serving(tmp_path / "a") as (_, one), serving(tmp_path / "b") as (_, other):
        for address, times in ((one, 3), (other, 4)):
            for _ in range(times):
                ask(address, "/healthz")
        read = samples(ask(one, "/metrics"))
        labels = {"method": "GET", "route": "/healthz", "status": "200"}
        assert value(read, "relata_http_requests_total", **labels) == 7
        assert samples(ask(other, "/metrics")).keys() >= read.keys()
        assert value(read, "relata_websockets") == 0
    assert not (folder / "gauge_livesum_999999999.db").exists()


def written_by_another(tmp_path: Path) -> Iterator[Path]:
    """Yield the file of a process that ended while five sockets were open."""

    folder = tmp_path / "ended"
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-c", "from annotator.core.metrics import SOCKETS; SOCKETS.inc(5)"],
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)},
        cwd=ROOT,
        check=True,
    )
    assert wait_until(lambda: any(folder.glob("gauge_live*")), seconds=5)
    yield from folder.glob("gauge_live*")


def names_of(expressions: Iterator[str]) -> set[str]:
    found: set[str] = set()
    for one in expressions:
        found |= set(re.findall(r"\b(?:relata|process)_[a-z_]+", one))
    return found


def rules() -> list[dict[str, Any]]:
    read = yaml.safe_load((EXAMPLES / "alerts.yml").read_text(encoding="utf-8"))
    return [rule for group in read["groups"] for rule in group["rules"]]


def test_rules_and_dashboard_name_only_what_there_is(project: Project, api: Api) -> None:
    api(None).get("/healthz")
    Job.objects.create(
        kind="train", queue="train", project_id=project.pk, subject_id=1, state=JobState.DONE
    )
    there = {name for name, _ in samples(scrape())}
    panels = json.loads((EXAMPLES / "dashboard.json").read_text(encoding="utf-8"))["panels"]
    shown = (target["expr"] for panel in panels for target in panel["targets"])
    assert names_of(rule["expr"] for rule in rules()) - there == set()
    assert names_of(shown) - there == set()


def test_every_alert_says_what_to_do() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [rule["alert"] for rule in rules() if f"`{rule['alert']}`" not in page] == []
    assert all(rule["annotations"]["summary"] for rule in rules())


def test_the_example_asks_where_the_product_answers() -> None:
    read = yaml.safe_load((EXAMPLES / "prometheus.yml").read_text(encoding="utf-8"))
    (job,) = read["scrape_configs"]
    assert job["metrics_path"] == "/metrics"
    assert job["authorization"]["type"] == "Bearer"
    assert "^metrics$" in django_settings.SECURE_REDIRECT_EXEMPT
