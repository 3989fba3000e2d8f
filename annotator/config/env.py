"""The environment, read once: where things are and what is secret."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import environ

from launch import engines

ROOT = Path(__file__).resolve().parent.parent.parent

env = environ.Env()


def home() -> Path:
    """Return RELATA_HOME, where the embedded engines, models and uploads live."""
    return Path(env.str("RELATA_HOME", default=str(ROOT / "var"))).resolve()


def database_url() -> str:
    """Return DATABASE_URL, or the address of the embedded PostgreSQL."""
    return env.str("DATABASE_URL", default="") or engines.urls(home()).database_url


def redis_url() -> str:
    """Return REDIS_URL, or the address of the embedded Redis."""
    return env.str("REDIS_URL", default="") or engines.urls(home()).redis_url


def celery_broker_url(url: str) -> str:
    """Spell a Redis address the way kombu wants it (`redis+socket://` for Unix sockets)."""
    return "redis+socket://" + url.removeprefix("unix://") if url.startswith("unix://") else url


def is_embedded() -> bool:
    """Say whether this program runs on its own engines (a trial, not a server)."""
    return not env.str("DATABASE_URL", default="")


def secret_key() -> str:
    """Return RELATA_SECRET_KEY, or a key made once and kept in RELATA_HOME (mode 600)."""
    return given_key() or _kept_key(home() / "secret_key")


def given_key() -> str:
    """Return RELATA_SECRET_KEY; nothing when the key is kept in RELATA_HOME."""
    return str(env.str("RELATA_SECRET_KEY", default=""))


def command() -> str:
    """Return the name of the management command that runs, if one does."""
    is_manage = Path(sys.argv[0]).name == "manage.py" and len(sys.argv) > 1
    return sys.argv[1] if is_manage else ""


def _kept_key(path: Path) -> str:
    """Read the key file; the first process to come writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii")
