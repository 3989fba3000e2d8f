"""docker-compose.yml, read by a parser: complete, closed, and without a default secret."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from launch.places import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
SECRETS = (
    "RELATA_SECRET_KEY",
    "RELATA_DB_PASSWORD",
    "RELATA_REDIS_PASSWORD",
    "RELATA_ALLOWED_HOSTS",
)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services, with anchors and merges resolved."""
    read: dict[str, Any] = yaml.safe_load(TEXT)["services"]
    return read


def test_everything_a_server_needs_is_there(services: dict[str, Any]) -> None:
    assert {"db", "redis", "migrate", "web", "worker-io", "worker-cpu", "worker-gpu"} == set(
        services
    )
    assert services["worker-gpu"]["profiles"] == ["gpu"]


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_has_no_default(name: str) -> None:
    uses = re.findall(rf"\$\{{{name}([^}}]*)\}}", TEXT)
    assert uses
    assert all(use.startswith(":?") for use in uses)


def test_only_the_page_is_published_and_only_to_this_machine(services: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:${PORT:-8000}:8000"]}


def test_every_queue_has_a_worker_without_a_gpu(services: dict[str, Any]) -> None:
    queues: set[str] = set()
    for name in ("worker-io", "worker-cpu"):
        command = services[name]["command"]
        queues.update(command[command.index("-Q") + 1].split(","))
    assert queues == {"io", "predict", "train"}


def test_redis_forgets_at_most_a_second_and_evicts_nothing(services: dict[str, Any]) -> None:
    command = " ".join(services["redis"]["command"])
    assert "--appendonly yes --appendfsync everysec" in command
    assert "--maxmemory-policy noeviction" in command


def test_the_database_keeps_sentences_out_of_its_log(services: dict[str, Any]) -> None:
    assert "-clog_min_messages=log" in services["db"]["command"]
    assert "-clog_error_verbosity=terse" in services["db"]["command"]


def test_programs_run_without_privileges_and_wait_for_the_tables(services: dict[str, Any]) -> None:
    for name in ("web", "worker-io", "worker-cpu", "worker-gpu"):
        assert services[name]["cap_drop"] == ["ALL"]
        waits = services[name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
        assert waits["db"] == {"condition": "service_healthy"}


def test_the_image_is_made_from_what_is_there_and_does_not_run_as_root() -> None:
    lines = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [line.split()[1:-1] for line in lines if re.match(r"COPY (?!--)", line)]
    assert all((ROOT / name).exists() for names in copied for name in names)
    assert "USER relata" in lines
