"""The version of the program: that of pyproject.toml, and of no other place."""

from __future__ import annotations

import tomllib
from functools import lru_cache

from launch.places import ROOT


@lru_cache(maxsize=1)
def version() -> str:
    """Return the version, like 1.4.0 (semver.org)."""
    read = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(read["project"]["version"])
