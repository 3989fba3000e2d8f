"""The tools of `make check-supply`: an environment of their own, and how they are asked."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "supply" / "requirements.lock"
TOOLS = ROOT / ".venv-supply"
SECONDS = 300.0  # of a busy machine, for tools that need nobody else
NETWORK_SECONDS = 40.0  # a network that swallows everything must not hold anybody up
QUIET = {
    "SEMGREP_SEND_METRICS": "off",
    "SEMGREP_ENABLE_VERSION_CHECK": "0",
    "OTEL_SDK_DISABLED": "true",
    "NPM_CONFIG_FETCH_RETRIES": "0",
    "NPM_CONFIG_FETCH_TIMEOUT": "15000",
}

_one_at_a_time = threading.Lock()


class UnreachableError(Exception):
    """A service or a registry does not answer."""


class BrokenError(Exception):
    """A tool that needs nobody else did not do its work."""


def prepare() -> None:
    """Make `.venv-supply` when its lock has changed."""
    with _one_at_a_time:
        _prepare()


def _prepare() -> None:
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    stamp = TOOLS / "stamp"
    if stamp.is_file() and stamp.read_text(encoding="ascii") == digest:
        return
    uv = ROOT / ".venv" / "bin" / "uv"
    python = TOOLS / "bin" / "python"
    commands: tuple[list[str | Path], ...] = (
        [uv, "venv", "-q", "--clear", "--python", sys.executable, TOOLS],
        [uv, "pip", "install", "-q", "--python", python, "--require-hashes", "-r", LOCK],
    )
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            message = f"its tools could not be installed: {_last(done.stderr)}"
            if "ash mismatch" in done.stderr:
                raise BrokenError(message)
            raise UnreachableError(message)
    stamp.write_text(digest, encoding="ascii")


def tool(name: str) -> Path:
    """Return a tool of the environment `.venv-supply`."""
    prepare()
    return TOOLS / "bin" / name


def run(command: Sequence[str | Path], *, folder: Path = ROOT, seconds: float = SECONDS) -> str:
    """Run a tool and return what it printed; what it found is in there, not in its status."""
    path = f"{TOOLS / 'bin'}{os.pathsep}{os.environ['PATH']}"
    try:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=folder,
            env={**os.environ, **QUIET, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise UnreachableError(f"no answer in {seconds:.0f} seconds") from error
    if not done.stdout.strip():
        raise UnreachableError(_last(done.stderr))
    return done.stdout


def ask(
    command: Sequence[str | Path], *, folder: Path = ROOT, seconds: float = NETWORK_SECONDS
) -> Any:
    """Return the JSON that a tool says, which speaks to a service."""
    text = run(command, folder=folder, seconds=seconds)
    try:
        return json.loads(text)
    except ValueError as error:
        raise UnreachableError(_last(text)) from error


def make(command: Sequence[str | Path], *, folder: Path = ROOT) -> Any:
    """Return the JSON of a tool that needs nobody else: it has no reason not to say it."""
    try:
        return ask(command, folder=folder, seconds=SECONDS)
    except UnreachableError as error:
        raise BrokenError(str(error)) from error


def read_code(command: Sequence[str | Path], *, folder: Path = ROOT) -> Any:
    """Return the JSON of a tool that reads our code, all of it."""
    report = make(command, folder=folder)
    if report["errors"]:
        raise BrokenError(f"it cannot read everything: {str(report['errors'][0])[:500]}")
    return report


def _last(said: str) -> str:
    return (said.strip().splitlines() or ["no answer"])[-1][:200]
