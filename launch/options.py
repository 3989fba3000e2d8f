"""What the environment says, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launch.errors import LaunchError
from launch.places import ROOT

LARGEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Options:
    """The settings that concern the start itself."""

    home: Path
    port: int
    host: str
    is_ci: bool
    environment: Mapping[str, str]


def read_options(environment: Mapping[str, str] = os.environ) -> Options:
    """Read RELATA_HOME, PORT, HOST and CI; an empty value counts as none."""
    home = Path(environment.get("RELATA_HOME") or ROOT / "var").expanduser().resolve()
    return Options(
        home=home,
        port=_port(environment.get("PORT") or "8000"),
        host=environment.get("RELATA_HOST") or "127.0.0.1",
        is_ci=(environment.get("CI") or "").lower() in {"1", "true", "yes"},
        environment={**environment, "RELATA_HOME": str(home)},
    )


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= LARGEST_PORT:
        raise LaunchError(
            f"PORT={text} is no port number; take one from 1 to {LARGEST_PORT}, like PORT=8001"
        )
    return int(text)
