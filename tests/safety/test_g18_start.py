"""G18: an unsafe configuration does not start, and says what to do instead."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from annotator.config.serving import is_loopback, listening_host
from tests.safety.starting import LISTENS, PATIENCE_SECONDS, manage, production, web

OPEN = "0.0.0.0"  # noqa: S104 - that is what is refused
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Unsafe:
    """One thing that is wrong with an otherwise safe server, and the setting a person is told."""

    named: str
    remedy: str
    changed: dict[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    host: str = LOOPBACK
    prepare: Callable[[Path], None] = lambda _: None


def readable_key(home: Path) -> None:
    """Keep a key as a careless copy of the folder would."""
    path = home / "secret_key"
    path.write_text("k0ExVq3mZr8Tt7wYb2Nc5LdHs9PfGjAu", encoding="ascii")
    path.chmod(0o644)


def demo_passwords(home: Path) -> None:
    """Leave what a trial in this folder kept."""
    path = home / "demo-passwords.json"
    path.write_text("[]", encoding="ascii")
    path.chmod(0o600)


def old_torch(home: Path) -> None:
    """Install the label of an old torch, found before the real one by PYTHONPATH."""
    label = home / "packages" / "torch-2.5.1.dist-info"
    label.mkdir(parents=True)
    (label / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 2.5.1\n")


KEY, HOSTS, ORIGINS = "RELATA_SECRET_KEY", "RELATA_ALLOWED_HOSTS", "RELATA_TRUSTED_ORIGINS"
PROVIDER = {
    "RELATA_OIDC_ISSUER": "https://id.hospital.test",
    "RELATA_OIDC_CLIENT_ID": "relata",
    "RELATA_OIDC_CLIENT_SECRET": "s3cr3t-of-the-provider",
}
CASES = {
    "a short key": Unsafe(KEY, "make one with", {KEY: "hunter2"}),
    "Django's own placeholder": Unsafe(
        KEY, "make one with", {KEY: "django-insecure-8z&k2l!q0w9e8r7t6y5u4i3o2p1a"}
    ),
    "a key of one letter": Unsafe(KEY, "make one with", {KEY: "k" * 50}),
    "debug behind TLS": Unsafe("RELATA_DEBUG", "unset it", {"RELATA_DEBUG": "true"}),
    "debug for the network": Unsafe(
        "RELATA_DEBUG",
        "unset it",
        {"RELATA_DEBUG": "1", "RELATA_TLS": "false", "RELATA_ALLOW_PLAIN_HTTP": "true"},
        removed=(ORIGINS,),
        host=OPEN,
    ),
    "every host": Unsafe(HOSTS, "name the host", {HOSTS: "*"}),
    "a star among origins": Unsafe(ORIGINS, "whole origins", {ORIGINS: "https://*.hospital.test"}),
    "an origin without TLS": Unsafe(ORIGINS, "https://", {ORIGINS: "http://labels.hospital.test"}),
    "plain HTTP for the network": Unsafe(
        "RELATA_TLS", "RELATA_TLS=true", {"RELATA_TLS": "false"}, removed=(ORIGINS,), host=OPEN
    ),
    "plain HTTP by RELATA_HOST": Unsafe(
        "RELATA_HOST",
        "RELATA_TLS=true",
        {"RELATA_TLS": "false", "RELATA_HOST": "::"},
        removed=(ORIGINS,),
        host="::",
    ),
    "the demo for others": Unsafe(
        "RELATA_DEMO", "RELATA_DEMO=off", removed=("DATABASE_URL", "REDIS_URL")
    ),
    "passwords the demo left": Unsafe(
        "demo-passwords.json", "changepassword", prepare=demo_passwords
    ),
    "the admin by password alone": Unsafe(
        "RELATA_ADMIN", "RELATA_REQUIRE_TOTP=true", {"RELATA_ADMIN": "true"}
    ),
    "log-in without a limit": Unsafe(
        "RELATA_LOGIN_RATE", "at most", {"RELATA_LOGIN_RATE": "1000/min"}
    ),
    "a rate that is none": Unsafe("RELATA_LOGIN_RATE", "10/min", {"RELATA_LOGIN_RATE": "off"}),
    "a session without an end": Unsafe(
        "RELATA_IDLE_MINUTES", "1 to 720", {"RELATA_IDLE_MINUTES": "0"}
    ),
    "a way to log that is none": Unsafe(
        "RELATA_LOG_FORMAT", "line or json", {"RELATA_LOG_FORMAT": "xml"}
    ),
    "a default database password": Unsafe(
        "DATABASE_URL",
        "one of its own",
        {"DATABASE_URL": "postgres://postgres:postgres@db.hospital.test/relata"},
    ),
    "a Redis without a password": Unsafe(
        "REDIS_URL", "requirepass", {"REDIS_URL": "redis://redis.hospital.test:6379/0"}
    ),
    "a provider without TLS": Unsafe(
        "RELATA_OIDC_ISSUER", "https://", {**PROVIDER, "RELATA_OIDC_ISSUER": "http://id.test"}
    ),
    "a provider without a secret": Unsafe(
        "RELATA_OIDC_CLIENT_SECRET", "is missing", {**PROVIDER, "RELATA_OIDC_CLIENT_SECRET": ""}
    ),
    "a model store that is none": Unsafe(
        "RELATA_MODEL_STORE", "s3://bucket/prefix", {"RELATA_MODEL_STORE": "/mnt/models"}
    ),
    "a model store with half a key": Unsafe(
        "AWS_SECRET_ACCESS_KEY",
        "is missing",
        {"RELATA_MODEL_STORE": "s3://models/relata", "AWS_ACCESS_KEY_ID": "half"},
    ),
    "a token of metrics that can be guessed": Unsafe(
        "RELATA_METRICS_TOKEN", "make one with", {"RELATA_METRICS_TOKEN": "prometheus"}
    ),
    "a key others can read": Unsafe(
        "secret_key", "chmod 600", removed=(KEY,), prepare=readable_key
    ),
    "a home others can write": Unsafe(
        "RELATA_HOME", "chmod o-w", prepare=lambda home: home.chmod(0o777)
    ),
    "an unpatched torch": Unsafe("torch 2.5.1", "requirements.txt", prepare=old_torch),
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A RELATA_HOME as `make_home` leaves it."""
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    return made


def settings_of(case: Unsafe, home: Path) -> dict[str, str]:
    """Return a safe server's settings with the one thing wrong."""
    settings = {**production(home), **case.changed, "PYTHONPATH": str(home / "packages")}
    return {name: value for name, value in settings.items() if name not in case.removed}


def test_there_are_at_least_twelve(record_property: Callable[[str, object], None]) -> None:
    record_property("safety", f"G18 start: {len(CASES)} unsafe configurations, each refused")
    assert len(CASES) >= 12


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_refuses(case: Unsafe, home: Path) -> None:
    case.prepare(home)
    with web(settings_of(case, home), host=case.host) as process:
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 1
    told = [line for line in said.splitlines() if line.startswith("relata: ")]
    assert len(told) == 1, said
    assert case.named in told[0]
    assert case.remedy in told[0]
    assert "Traceback" not in said
    assert LISTENS not in said


def test_a_refusal_never_shows_the_secret(home: Path) -> None:
    wrong = {**production(home), KEY: "hunter2", "DATABASE_URL": "postgres://u:admin@db.test/x"}
    with web(wrong, host=LOOPBACK) as process:
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert said.count("relata: ") == 2  # all that is wrong is said at once
    assert "hunter2" not in said
    assert ":admin@" not in said


@pytest.mark.parametrize("host", [LOOPBACK, OPEN])
def test_the_same_server_without_the_fault_starts(host: str, home: Path) -> None:
    with web(production(home), host=host) as process:
        deadline = time.monotonic() + PATIENCE_SECONDS
        assert process.stdout is not None
        said = ""
        while LISTENS not in said and time.monotonic() < deadline:
            line = process.stdout.readline()
            assert line, said
            said += line
    assert LISTENS in said


def test_a_worker_and_a_command_refuse_too(home: Path) -> None:
    wrong = {**production(home), HOSTS: "*"}
    done = manage(wrong, "migrate", "--plan")
    assert done.returncode == 1
    assert done.stderr.startswith("relata: RELATA_ALLOWED_HOSTS=*")


def test_plain_http_can_be_accepted_in_so_many_words(home: Path) -> None:
    accepted = {**production(home), "RELATA_TLS": "false", "RELATA_ALLOW_PLAIN_HTTP": "true"}
    done = manage({**accepted, "RELATA_HOST": OPEN}, "check")
    assert (done.returncode, done.stderr) == (0, "")


def test_django_finds_nothing_to_warn_of(home: Path) -> None:
    done = manage(production(home), "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert re.search(r"no issues \(\d silenced\)", done.stdout + done.stderr)


@pytest.mark.parametrize(
    ("command", "host"),
    [
        (["/venv/bin/uvicorn", "app", "--host", OPEN], OPEN),
        (["/venv/lib/uvicorn/__main__.py", "app", "--host=::"], "::"),
        (["/venv/bin/gunicorn", "-b", "10.0.0.5:8000"], "10.0.0.5:8000"),
        (["manage.py", "runserver", "0.0.0.0:8000"], "0.0.0.0:8000"),
        (["/venv/bin/celery", "-b", "redis://elsewhere"], "192.0.2.7"),
        (["/venv/bin/uvicorn", "app"], "192.0.2.7"),
    ],
)
def test_the_address_is_that_of_the_command_line(command: list[str], host: str) -> None:
    assert listening_host(command, {"RELATA_HOST": "192.0.2.7"}) == host


@pytest.mark.parametrize(
    "host", [LOOPBACK, "127.0.0.1:8000", "::1", "[::1]:8000", "localhost", "unix:/run/relata"]
)
def test_this_machine_alone(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [OPEN, "0.0.0.0:80", "::", "[::]:80", "labels.hospital.test", "127.0.0.1.hospital.test", ""],
)
def test_what_others_reach(host: str) -> None:
    assert not is_loopback(host)
