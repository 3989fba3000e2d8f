"""G25: the tests can fail. Each of these bugs, put into a copy of the code, is noticed."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

from tests.safety.tiers import IS_LONG

ROOT = Path(__file__).resolve().parents[2]
Record = Callable[[str, object], None]
Mutant = Mapping[str, str]
MUTANTS: list[Mutant] = yaml.safe_load(
    (Path(__file__).parent / "mutants.yaml").read_text(encoding="utf-8")
)
ROOMS = ("annotator", "extraction", "worker", "launch", "tests", "demo", "bench")
FILES = ("manage.py", "pyproject.toml")
NOT_COPIED = shutil.ignore_patterns("__pycache__", "node_modules", "dist", "*.pyc")
EVERY = 1 if IS_LONG else 10  # every tenth of them in every run, all of them at night
FAILED, NOTHING_RAN = 1, 5


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code, where it can be spoilt."""
    folder = tmp_path_factory.mktemp("copy")
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=NOT_COPIED)
    for name in FILES:
        shutil.copy2(ROOT / name, folder / name)
    (folder / "frontend").mkdir()
    shutil.copytree(ROOT / "frontend" / "src", folder / "frontend" / "src")
    for name in ("package.json", "openapi.json"):
        shutil.copy2(ROOT / "frontend" / name, folder / "frontend" / name)
    for name in ("node_modules", "dist"):
        (folder / "frontend" / name).symlink_to(ROOT / "frontend" / name)
    return folder


def run(folder: Path, test: str) -> subprocess.CompletedProcess[bytes]:
    """Run a test of the copy, with engines of its own."""
    inherited = ("RELATA_", "DATABASE_URL", "REDIS_URL", "PYTEST_", "DJANGO_")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(inherited)
    }
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    command += shlex.split(test)
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(0, len(MUTANTS), EVERY))
def test_a_bug_is_noticed(copied: Path, number: int, record_property: Record) -> None:
    mutant = MUTANTS[number]
    place = copied / mutant["file"]
    sound = place.read_text(encoding="utf-8")
    assert sound.count(mutant["from"]) == 1, f"{mutant['file']} has moved on: {mutant['name']}"
    place.write_text(sound.replace(mutant["from"], mutant["to"]), encoding="utf-8")
    try:
        done = run(copied, mutant["test"])
    finally:
        place.write_text(sound, encoding="utf-8")
    said = done.stdout.decode()[-1500:] + done.stderr.decode()[-500:]
    assert done.returncode != NOTHING_RAN, f"no test is named so: {mutant['test']}"
    assert done.returncode == FAILED, f"nobody noticed: {mutant['name']}\n{said}"
    record_property("safety", f"G25: noticed: {mutant['name']}")


@pytest.mark.slow
def test_the_sound_copy_passes(copied: Path) -> None:
    """Else a test that cannot run there at all would count as one that noticed."""
    tests = sorted({mutant["test"] for mutant in MUTANTS[::EVERY]})
    for test in tests if IS_LONG else tests[:1]:
        done = run(copied, test)
        assert done.returncode == 0, f"{test}\n{done.stdout.decode()[-1500:]}"


def test_every_mutant_fits_the_code() -> None:
    for mutant in MUTANTS:
        text = (ROOT / mutant["file"]).read_text(encoding="utf-8")
        assert text.count(mutant["from"]) == 1, f"{mutant['file']} has moved on: {mutant['name']}"
        assert mutant["from"] != mutant["to"]
