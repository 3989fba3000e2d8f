"""A browser for the tests: the machine's chromium, else Playwright's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from launch.errors import LaunchError
from launch.options import Options
from launch.steps import Toolbox, step

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PACKAGES = ("chromium", "fonts-noto-cjk")
HINT = (
    "install one (apt-get install chromium fonts-noto-cjk, or "
    ".venv/bin/playwright install --with-deps chromium), or set CHROMIUM to its path"
)


def find(variables: Mapping[str, str]) -> Path | None:
    """Return a browser that is there; CHROMIUM decides when it is set."""
    named = variables.get("CHROMIUM")
    if named:
        if not os.access(named, os.X_OK):
            raise LaunchError(f"CHROMIUM={named} is no program; {HINT}")
        return Path(named)
    path = variables.get("PATH", os.defpath)
    on_path = next((found for name in NAMES if (found := shutil.which(name, path=path))), None)
    return Path(on_path) if on_path else _playwrights_own(variables)


def require(options: Options, variables: Mapping[str, str], tools: Toolbox) -> Path | None:
    """Return a browser; where tests run unattended one is installed, or it is an error."""
    found = find(variables)
    if found is not None or not options.is_ci:
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install(variables, tools)
    found = find(variables)
    if found is None:
        raise LaunchError(f"There is no browser for the tests; {HINT}")
    return found


def install(variables: Mapping[str, str], tools: Toolbox) -> None:
    """Install Debian's chromium, with letters for what the tests label."""
    quiet = {**variables, "DEBIAN_FRONTEND": "noninteractive"}
    what = "Installing a browser for the tests"
    with step(what):
        tools.run(["apt-get", "update", "-q"], what=what, environment=quiet)
        tools.run(
            ["apt-get", "install", "-y", "-q", "--no-install-recommends", *PACKAGES],
            what=what,
            environment=quiet,
        )


def _playwrights_own(variables: Mapping[str, str]) -> Path | None:
    """Return the newest browser Playwright has downloaded, if any."""
    cache = variables.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright"
    found = sorted(Path(cache).glob("chromium-*/chrome-linux*/chrome"))
    return found[-1] if found else None
