"""What a start remembers: stamps of finished steps, and the log-ins of the demo."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from launch import demo, stamps
from launch.places import ROOT


def test_a_stamp_holds_until_something_changes(tmp_path: Path) -> None:
    source, stamp = tmp_path / "source", tmp_path / "stamp"
    source.write_text("one")
    assert not stamps.is_current(stamp, stamps.digest([source], "3.11"))
    stamps.write(stamp, stamps.digest([source], "3.11"))
    assert stamps.is_current(stamp, stamps.digest([source], "3.11"))
    assert not stamps.is_current(stamp, stamps.digest([source], "3.12"))
    source.write_text("two")
    assert not stamps.is_current(stamp, stamps.digest([source], "3.11"))


def test_a_renamed_source_is_a_change(tmp_path: Path) -> None:
    first = tmp_path / "a.ts"
    first.write_text("same")
    before = stamps.digest([first])
    assert stamps.digest([first.rename(tmp_path / "b.ts")]) != before


def test_a_damaged_stamp_is_none(tmp_path: Path) -> None:
    (tmp_path / "stamp").write_bytes(b"\xff\xfe")
    assert not stamps.is_current(tmp_path / "stamp", "x")


def test_log_ins_are_found_among_other_lines() -> None:
    said = 'Loading\n{"username": "ana", "password": "p", "role": "annotator"}\n[1]\n{"a": 1}\n'
    assert demo.read(said) == [demo.Login("ana", "p", "annotator")]


def test_log_ins_are_kept_for_their_owner_only(tmp_path: Path) -> None:
    first = demo.remember(tmp_path, [demo.Login("ana", "secret", "annotator")])
    again = demo.remember(tmp_path, [demo.Login("bo", "other", "annotator")])
    assert [login.username for login in again] == ["ana", "bo"]
    assert first[0] in again
    kept = tmp_path / demo.KEPT
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_text(encoding="utf-8"))[0]["password"] == "secret"


def test_no_module_of_the_launcher_needs_a_package() -> None:
    told = (ROOT / "launch").glob("*.py")
    foreign = ("django", "environ", "psycopg2", "celery", "yaml", "pytest", "annotator", "worker")
    imports = [
        (path.name, line)
        for path in told
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.split()[:1] in (["import"], ["from"]) and line.split()[1].split(".")[0] in foreign
    ]
    assert imports == []
