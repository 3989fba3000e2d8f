"""G21: a backup that was restored elsewhere gives the same export, byte for byte, and verifies."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection

from annotator.accounts.models import User
from annotator.config.env import database_url
from annotator.labelling.models import Revision
from annotator.projects.models import Project
from extraction.types import Entity, Graph, Relation
from tests.annotator.conftest import AddSentences, entity

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
Record = Callable[[str, object], None]
FRESH = "relata_restored"
GOLD = Graph((Entity(0, 3, "药物"), Entity(5, 8, "药物")), (Relation(0, 1, "协同"),))


def manage(database: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run manage.py on a database and a home."""
    server = database_url().rpartition("/")[0]
    environment = {
        **os.environ,
        "DATABASE_URL": f"{server}/{database}",
        "REDIS_URL": django_settings.REDIS_URL,
        "RELATA_HOME": str(home),
        "RELATA_SECRET_KEY": "k" * 40,
    }
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)


@pytest.fixture
def fresh() -> Iterator[str]:
    """The name of an empty database."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {FRESH}")
        cursor.execute(f"CREATE DATABASE {FRESH}")
    yield FRESH
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {FRESH} WITH (FORCE)")


@pytest.fixture
def home(project: Project, add_sentences: AddSentences, ana: User, api: Any, put: Any) -> Project:
    """The project with gold, and with what somebody saved and submitted."""
    texts = [f"利血平与多巴胺合用第{number}例𠮷😀" for number in range(40)]
    sentences = add_sentences(project, texts, gold=dict.fromkeys(range(20), GOLD))
    for sentence in sentences[20:]:
        put(api(ana), sentence, entities=[entity("e1", 0, 3)], action="submit")
    return project


def export_of(database: str, home: Path, project: Project) -> str:
    done = manage(database, home, "export", str(project.pk), "--format", "native")
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.count(b"\n") == 40
    return hashlib.sha256(done.stdout).hexdigest()


def test_a_restored_backup_exports_the_same_bytes(
    home: Project, fresh: str, tmp_path: Path, record_property: Record
) -> None:
    here = str(connection.settings_dict["NAME"])
    model = tmp_path / "home" / "models" / ("a" * 64)
    model.mkdir(parents=True)
    (model / "model.safetensors").write_bytes(b"weights")
    before = export_of(here, tmp_path / "home", home)
    made = manage(here, tmp_path / "home", "backup", str(tmp_path / "kept"))
    assert made.returncode == 0, made.stderr.decode()
    assert not list(tmp_path.glob(".kept-*"))
    back = manage(fresh, tmp_path / "new", "restore", str(tmp_path / "kept"))
    assert back.returncode == 0, back.stderr.decode()
    assert b"Nothing found" in back.stderr
    assert export_of(fresh, tmp_path / "new", home) == before
    moved = tmp_path / "new" / "models" / model.name / "model.safetensors"
    assert moved.read_bytes() == b"weights"
    again = manage(fresh, tmp_path / "new", "backup", str(tmp_path / "again"))
    assert again.returncode == 0, again.stderr.decode()
    record_property(
        "safety",
        f"G21: {Revision.objects.count()} revisions, 40 sentences; export {before[:12]} twice",
    )


def test_a_database_that_holds_something_is_only_replaced_when_told(
    home: Project, fresh: str, tmp_path: Path
) -> None:
    here = str(connection.settings_dict["NAME"])
    kept = str(tmp_path / "kept")
    assert manage(here, tmp_path / "home", "backup", kept).returncode == 0
    assert manage(fresh, tmp_path / "new", "migrate").returncode == 0
    refused = manage(fresh, tmp_path / "new", "restore", kept)
    assert refused.returncode == 1
    assert b"--replace" in refused.stderr
    told = manage(fresh, tmp_path / "new", "restore", kept, "--replace")
    assert told.returncode == 0, told.stderr.decode()
    assert export_of(fresh, tmp_path / "new", home) == export_of(here, tmp_path / "home", home)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "changed": lambda kept: (kept / "database.dump").write_bytes(b"x"),
    "missing": lambda kept: (kept / "database.dump").unlink(),
    "added": lambda kept: (kept / "more").write_bytes(b"x"),
    "no list": lambda kept: (kept / "backup.json").unlink(),
    "cut list": lambda kept: (kept / "backup.json").write_text('{"format": 1'),
}


def test_a_damaged_backup_is_refused_and_nothing_is_touched(
    home: Project, fresh: str, tmp_path: Path
) -> None:
    here = str(connection.settings_dict["NAME"])
    assert manage(fresh, tmp_path / "new", "migrate").returncode == 0
    whole = tmp_path / "whole"
    assert manage(here, tmp_path / "home", "backup", str(whole)).returncode == 0
    for number, (name, damage) in enumerate(DAMAGES.items()):
        kept = tmp_path / f"kept{number}"
        shutil.copytree(whole, kept)
        damage(kept)
        refused = manage(fresh, tmp_path / "new", "restore", str(kept), "--replace")
        assert refused.returncode == 1, name
        assert kept.name.encode() in refused.stderr, name
        assert b"Traceback" not in refused.stderr, name
    assert manage(fresh, tmp_path / "new", "verify_integrity").returncode == 0


def test_a_backup_does_not_overwrite_one(home: Project, tmp_path: Path) -> None:
    here = str(connection.settings_dict["NAME"])
    (tmp_path / "kept").mkdir()
    refused = manage(here, tmp_path / "home", "backup", str(tmp_path / "kept"))
    assert refused.returncode == 1
    assert b"is there already" in refused.stderr
