"""The demo: made by `manage.py demo`, its log-ins kept for the next start."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from launch.environment import Venv
from launch.places import ROOT

KEPT = "demo-passwords.json"


@dataclass(frozen=True, slots=True)
class Login:
    """An account of the demo."""

    username: str
    password: str
    role: str


def prepare(venv: Venv, home: Path) -> list[Login]:
    """Have the demo made where it is missing, and return its log-ins."""
    venv.tools.run(
        [venv.python, "manage.py", "demo", "--json"],
        what="Preparing the demo",
        environment=venv.environment,
        folder=ROOT,
        hear=lambda line: remember(home, read(line)),  # it is told once, and then never again
    )
    return _kept(home)


def remember(home: Path, told: Sequence[Login]) -> list[Login]:
    """Add log-ins to those kept in RELATA_HOME, where only their owner can read them."""
    logins = {login.username: login for login in (*_kept(home), *told)}
    if not told:
        return list(logins.values())
    fresh = home / f"{KEPT}.new"
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump([asdict(login) for login in logins.values()], file, ensure_ascii=False, indent=1)
    fresh.replace(home / KEPT)
    return list(logins.values())


def read(said: str) -> list[Login]:
    """Read the log-ins among a program's lines; an account without a password is skipped."""
    found = []
    for line in said.splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, Mapping) and told.get("username") and told.get("password"):
            login = Login(told["username"], told["password"], str(told.get("role", "")))
            found.append(login)
    return found


def _kept(home: Path) -> list[Login]:
    try:
        return [Login(**entry) for entry in json.loads((home / KEPT).read_text(encoding="utf-8"))]
    except (FileNotFoundError, ValueError, TypeError):
        return []
