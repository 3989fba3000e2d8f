"""docker-compose.yml, read by a parser: complete, closed, and without a default secret."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from launch.places import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
SECRETS = (
    "RELATA_SECRET_KEY",
    "RELATA_DB_PASSWORD",
    "RELATA_REDIS_PASSWORD",
    "RELATA_ALLOWED_HOSTS",
)


PROFILES = {"worker-gpu": ["gpu"], "proxy": ["proxy"], "minio": ["minio"]}
OURS = ("web", "worker-io", "worker-train", "worker-predict", "worker-gpu")
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def interpolated() -> dict[str, Any]:
    """Read the file as Compose does when only what must be set is set."""

    def value(match: re.Match[str]) -> str:
        return match[3] if match[2] == "-" else "x"

    read: dict[str, Any] = yaml.safe_load(VARIABLE.sub(value, TEXT))
    return read


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services, with anchors and merges resolved."""
    read: dict[str, Any] = yaml.safe_load(TEXT)["services"]
    return read


def test_it_is_what_the_specification_calls_a_compose_file() -> None:
    read = PyCompose.from_json(json.dumps(interpolated())).to_spec()
    assert read.services is not None
    wrong = interpolated()
    wrong["services"]["web"]["helthcheck"] = {}
    with pytest.raises(ValueError, match="helthcheck"):
        PyCompose.from_json(json.dumps(wrong))


def test_everything_a_server_needs_is_there(services: dict[str, Any]) -> None:
    assert {"db", "redis", "migrate", *OURS, "proxy", "minio"} == set(services)
    assert {
        name: one["profiles"] for name, one in services.items() if "profiles" in one
    } == PROFILES


def test_every_service_is_pinned_limited_checked_and_cannot_write_where_it_need_not(
    services: dict[str, Any],
) -> None:
    for name, one in services.items():
        assert re.search(r":(?!latest).*\d|^relata:(cpu|gpu)$", one["image"]), name
        assert one["read_only"] is True, name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert one["logging"]["options"]["max-size"], name
        if name != "migrate":
            assert one["restart"] == "unless-stopped", name
            assert one["deploy"]["resources"]["limits"]["memory"], name
            assert one["healthcheck"]["test"], name


def test_every_volume_is_named_and_used(services: dict[str, Any]) -> None:
    mounted = {
        mount.partition(":")[0]
        for one in services.values()
        for mount in one.get("volumes", [])
        if not mount.startswith("./")
    }
    assert mounted == set(interpolated()["volumes"])
    for one in services.values():
        for mount in one.get("volumes", []):
            if mount.startswith("./"):
                assert (ROOT / mount.split(":")[0]).is_file()
                assert mount.endswith(":ro")


def test_every_variable_is_one_that_the_program_reads_and_the_documentation_names(
    services: dict[str, Any],
) -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for room in ("annotator", "launch", "worker")
        for path in (ROOT / room).rglob("*.py")
    )
    others = {"HOME", "AWS_DEFAULT_REGION"}  # of Python and of boto3
    given = {name for one in OURS for name in services[one]["environment"]} - others
    assert [name for name in sorted(given) if f'"{name}"' not in code] == []
    said = "".join(
        (ROOT / page).read_text(encoding="utf-8") for page in ("README.md", "docs/operations.md")
    )
    assert [
        name for name in sorted({m[1] for m in VARIABLE.finditer(TEXT)}) if name not in said
    ] == []


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_has_no_default(name: str) -> None:
    uses = re.findall(rf"\$\{{{name}([^}}]*)\}}", TEXT)
    assert uses
    assert all(use.startswith(":?") for use in uses)


def test_only_the_page_is_published_and_only_to_this_machine(services: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published.pop("proxy") == ["80:80", "443:443"]
    assert published == {"web": ["127.0.0.1:${PORT:-8000}:8000"]}


def test_every_queue_has_a_worker_without_a_gpu(services: dict[str, Any]) -> None:
    queues: set[str] = set()
    for name in ("worker-io", "worker-train", "worker-predict"):
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
    for name in OURS:
        assert "cap_add" not in services[name]
        waits = services[name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
        assert waits["db"] == {"condition": "service_healthy"}


def test_a_worker_is_asked_for_by_the_name_that_it_has(services: dict[str, Any]) -> None:
    for name in OURS[1:]:
        command = services[name]["command"]
        called = command[command.index("-n") + 1].replace("%h", "$$HOSTNAME")
        (_, asked) = services[name]["healthcheck"]["test"]
        assert asked == f'python manage.py doctor --worker "{called}"'


def test_the_image_is_made_from_what_is_there_and_does_not_run_as_root() -> None:
    lines = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [line.split()[1:-1] for line in lines if re.match(r"COPY (?!--)", line)]
    assert all((ROOT / name).exists() for names in copied for name in names)
    assert "USER relata" in lines
