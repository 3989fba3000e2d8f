"""G17: what comes from elsewhere is locked, audited and listed; each check can find something."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from supply import check, findings, locks
from supply.findings import Answer, Finding

Record = Callable[[str, object], None]
ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 27)
HASH = "--hash=sha256:" + "0" * 64
LOCK = f"django==5.2.19 \\\n    {HASH}\nnumpy==1 ; a \\\n    {HASH}\nnumpy==2 ; b \\\n    {HASH}\n"
FOUND = Finding("bandit", "B602", "worker/child.py", "a shell")

# A line that each rule has to find.
PLANTED = {
    "shell": "import subprocess\nsubprocess.run(input(), shell=True)\n",
    "text-becomes-code": "eval(input())\n",
    "objects-from-bytes": "import pickle\npickle.loads(b'')\n",
    "remote-code": "from transformers import AutoModel\nAutoModel.x('y', trust_remote_code=True)\n",
    "sql-by-formatting": "def f(cursor, name):\n    cursor.execute(f'SELECT {name}')\n",
    "html-from-text": "from django.utils.safestring import mark_safe\nmark_safe(input())\n",
    "certificate-not-checked": "import requests\nrequests.get('https://x', verify=False)\n",
    "text-in-the-log": "def f(logger, sentence):\n    logger.info('%s', sentence.text)\n",
    "weak-hash": "import hashlib\nhashlib.md5(b'')\n",
    "browser-html": "export function f(node: Element, text: string) { node.innerHTML = text; }\n",
    "browser-html-in-react": "export const F = () => <p dangerouslySetInnerHTML={x} />;\n",
}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_what_we_ask_for_is_locked_and_what_is_installed_is_what_was_locked(
    record_property: Record,
) -> None:
    assert list(check.lock_problems()) == []
    count = len(locks.read_lock(text("requirements-dev.lock")))
    npm = locks.read_npm(ROOT / "frontend" / "package-lock.json")
    record_property(
        "safety",
        f"G17: {count} Python and {len(npm['packages']) - 1} npm packages locked by hash",
    )


def test_a_lock_is_read_as_it_is_meant() -> None:
    lock = locks.read_lock(LOCK)
    assert lock["numpy"].versions == {"1", "2"}
    assert all(one.has_hashes for one in lock.values())


@pytest.mark.parametrize(
    ("asked", "lock", "said"),
    [
        ("django==5.2.20", LOCK, "django==5.2.20 is asked for"),
        ("requests==1", LOCK, "requests is asked for and not locked"),
        ("Some_Thing[more]>=1  # why", LOCK, "some-thing is asked for and not locked"),
        ("django==5.2.19", LOCK.replace(HASH, "", 1), "django is locked without a hash"),
        ("numpy==2", LOCK.replace(HASH, "--hash=md5:0", 2), "numpy is locked without a hash"),
    ],
)
def test_what_a_lock_lacks_is_named(asked: str, lock: str, said: str) -> None:
    assert any(said in line for line in locks.lock_problems(asked, locks.read_lock(lock)))


def test_what_a_lock_has_is_fine() -> None:
    asked = "-r other.txt\n# words\ndjango==5.2.19  # why\nnumpy\ntorch==2.13.0\n"
    assert list(locks.lock_problems(asked, locks.read_lock(LOCK))) == []


def test_another_version_in_this_environment_is_named() -> None:
    lock = locks.read_lock(LOCK)
    assert any("numpy" in line for line in locks.installed_problems(lock))  # 1 or 2? neither


def test_an_npm_package_without_a_hash_is_named() -> None:
    lock = {"packages": {"": {}, "node_modules/a": {"integrity": "sha1-x"}, "b": {"link": True}}}
    assert [line.split()[0] for line in locks.npm_problems(lock)] == ["node_modules/a"]
    assert "npm ci" in text("launch/frontend.py") or '"ci"' in text("launch/frontend.py")


def answer(until: date = date(2027, 1, 1), **other: str) -> Answer:
    place = {"tool": "bandit", "id": "B602", "place": "worker/child.py", **other}
    return Answer(**place, reason="because", until=until)


def test_a_finding_needs_an_answer_that_is_still_good() -> None:
    ran = ["bandit"]
    assert list(findings.open_problems([FOUND], [], ran, TODAY)) == [
        "bandit B602 at worker/child.py: a shell"
    ]
    assert list(findings.open_problems([FOUND], [answer()], ran, TODAY)) == []
    [late] = findings.open_problems([FOUND], [answer(date(2026, 11, 26))], ran, TODAY)
    assert "was good until 2026-11-26" in late
    [elsewhere, useless] = findings.open_problems([FOUND], [answer(place="x.py")], ran, TODAY)
    assert "a shell" in elsewhere
    assert "not needed any more" in useless


def test_a_tool_that_did_not_run_makes_no_answer_useless() -> None:
    assert list(findings.open_problems([], [answer()], ["semgrep"], TODAY)) == []


def test_what_the_audits_report_is_found() -> None:
    python = {
        "dependencies": [
            {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]},
            {"name": "b", "version": "1", "vulns": []},
            {"name": "c", "skip_reason": "unknown"},
        ]
    }
    [one] = findings.of_pip_audit(python)
    assert (one.id, one.place) == ("PYSEC-1", "a")
    assert "fixed in 2" in one.words
    npm = {
        "vulnerabilities": {
            "x": {"severity": "high", "range": "<2"},
            "y": {"severity": "moderate", "range": "<3"},
        }
    }
    assert [one.place for one in findings.of_npm_audit(npm)] == ["x"]


def test_every_answer_has_a_reason_and_a_date() -> None:
    for one in findings.read_answers(ROOT / "supply" / "answers.toml"):
        assert len(one.reason) > 20
        assert one.until > date(2026, 1, 1)


@pytest.mark.slow
def test_bandit_finds_a_shell(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(PLANTED["shell"], encoding="utf-8")
    said = check.run([check.tool("bandit"), "-q", "-r", ".", "-f", "json"], folder=tmp_path)
    assert "B602" in {one.id for one in findings.of_bandit(json.loads(said))}


@pytest.mark.slow
def test_every_rule_of_ours_finds_what_it_is_for(tmp_path: Path, record_property: Record) -> None:
    for name, line in PLANTED.items():
        ending = "tsx" if name.endswith("react") else "ts" if name.startswith("browser") else "py"
        (tmp_path / f"{name}.{ending}").write_text(line, encoding="utf-8")
    found = {
        (one.id, one.place.partition(".")[0]) for one in check.semgrep_findings(["."], tmp_path)
    }
    missed = {name for name in PLANTED if (name, name) not in found}
    assert not missed
    record_property("safety", f"G17: {len(PLANTED)} rules of our own, each finds what it is for")
