"""G17: what is installed is what was locked, whoever serves it, and whichever program installs."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from launch import environment
from launch.environment import Venv
from launch.errors import LaunchError
from launch.places import ROOT
from launch.remedies import NOT_AS_LOCKED
from launch.steps import Toolbox

Record = Callable[[str, object], None]
NAME = "relata_sample"
UV = Path(sys.executable).parent / "uv"


def wheel(folder: Path, version: str, text: str = "") -> str:
    """Make a package that can be installed; return the SHA-256 of its file."""
    info = f"{NAME}-{version}.dist-info"
    files = {
        f"{NAME}.py": f"{text!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    rows = []
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest())
        rows.append(f"{name},sha256={digest.rstrip(b'=').decode()},{len(content)}\n")
    files[f"{info}/RECORD"] = "".join([*rows, f"{info}/RECORD,,\n"])
    path = folder / f"{NAME}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return hashlib.sha256(path.read_bytes()).hexdigest()


class House:
    """A checkout that wants one package, its environment, and a registry that serves it."""

    def __init__(self, folder: Path, venv: Path) -> None:
        self.folder = folder
        self.registry = folder / "registry"
        self.registry.mkdir()
        self.bin = folder / ".venv" / "bin"
        shutil.copytree(venv, folder / ".venv", symlinks=True)
        (self.bin / "uv").symlink_to(UV)
        (folder / "requirements.txt").write_text(f"{NAME}  # any\n", encoding="utf-8")

    def lock(self, version: str, digest: str) -> None:
        row = f"{NAME}=={version} ; python_version >= '3' \\\n    --hash=sha256:{digest}\n"
        (self.folder / "requirements.lock").write_text(row, encoding="utf-8")

    def install(self) -> None:
        found = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.registry)}
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        cache = {"UV_CACHE_DIR": str(self.folder / "cache")}
        uv = {"UV_NO_INDEX": "1", "UV_FIND_LINKS": str(self.registry), **cache}
        Venv(self.folder / ".venv", {**kept, **found, **uv}, Toolbox()).install("requirements.txt")

    def has(self) -> str:
        """Return the installed version, empty without one."""
        asked = f"from importlib.metadata import version; print(version('{NAME}'))"
        command = [str(self.bin / "python"), "-c", asked]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout.strip()


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with nothing but pip."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return folder


@pytest.fixture
def house(tmp_path: Path, venv: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A checkout with an environment that is still empty."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    return House(tmp_path, venv)


@pytest.mark.slow
def test_another_file_of_the_same_version_is_refused(
    house: House, capfd: pytest.CaptureFixture[str], record_property: Record
) -> None:
    house.lock("1.0", wheel(house.registry, "1.0"))
    wheel(house.registry, "1.0", "somebody else's code")
    with pytest.raises(LaunchError, match=NOT_AS_LOCKED):
        house.install()
    assert house.has() == ""
    assert "once more with pip" not in capfd.readouterr().out
    record_property("safety", "G17: a wheel with another hash is refused, and pip not asked")


@pytest.mark.slow
def test_the_locked_file_is_installed_and_no_newer_one(house: House) -> None:
    house.lock("1.0", wheel(house.registry, "1.0"))
    wheel(house.registry, "2.0")
    house.install()
    assert house.has() == "1.0"


@pytest.mark.slow
def test_where_uv_cannot_pip_takes_the_locked_versions(
    house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    house.lock("1.0", wheel(house.registry, "1.0"))
    wheel(house.registry, "2.0")
    (house.bin / "uv").unlink()
    (house.bin / "uv").write_text("#!/bin/sh\necho cannot run here\nexit 1\n", encoding="utf-8")
    (house.bin / "uv").chmod(0o755)
    house.install()
    assert house.has() == "1.0"
    assert "once more with pip" in capfd.readouterr().out


def test_the_installer_itself_is_installed_by_hash() -> None:
    command = Path(environment.__file__).read_text(encoding="utf-8")
    assert '"--require-hashes", "-r", ROOT / INSTALLER' in command
    docker = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    assert "pip install --no-cache-dir --require-hashes -r requirements-installer.lock" in docker
    assert "--constraint requirements.lock" in docker
