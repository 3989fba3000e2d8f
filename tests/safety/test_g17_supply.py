"""G17: what comes from elsewhere is locked, audited and listed; each check can find something."""

from __future__ import annotations

import gzip
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote

import pytest
import yaml

from supply import audits, bills, check, findings, locks, tools
from supply.findings import Answer, Finding

Record = Callable[[str, object], None]
ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 27)
HASH = "--hash=sha256:" + "0" * 64
LOCK = f"django==5.2.19 \\\n    {HASH}\nnumpy==1 ; a \\\n    {HASH}\nnumpy==2 ; b \\\n    {HASH}\n"
FOUND = Finding("bandit", "B602", "worker/child.py", "a shell")
REASON = "What it starts is our own program, and nobody else names it."

PLANTED = yaml.safe_load((Path(__file__).parent / "planted.yaml").read_text(encoding="utf-8"))


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


def test_what_others_bring_in_is_locked_too() -> None:
    """Nobody asks for sqlparse: Django does. Without a line in the lock its hash is not checked."""
    lock = dict(locks.read_lock(text("requirements.lock")))
    for name in ("sqlparse", "kombu", "sympy"):  # of Django, of celery, of torch
        del lock[name]
    found = set(locks.missing_problems(text("requirements.txt"), lock))
    brought = {f"{name} is brought in and not locked: make lock" for name in ("sqlparse", "kombu")}
    assert found == {*brought, "sympy is brought in and not locked: make lock"}
    assert list(locks.missing_problems("redis==8.1.0 ; sys_platform == 'other'", {})) == []


def test_an_npm_package_without_a_hash_or_from_elsewhere_is_named() -> None:
    good = {"integrity": "sha512-x"}
    places = {
        "": {},
        "node_modules/a": {"integrity": "sha1-x"},
        "node_modules/b": {},
        "node_modules/c": {**good, "resolved": "https://elsewhere.example/c.tgz"},
        "node_modules/d": {**good, "resolved": "git+ssh://git@github.com/d/d.git#1"},
        "node_modules/e": {**good, "resolved": "https://registry.npmjs.org/e/-/e-1.tgz"},
        "node_modules/f": good,
        "frontend": {"link": True},
    }
    named = [line.split()[0][-1] for line in locks.npm_problems({"packages": places})]
    assert named == ["a", "b", "c", "d"]


def test_npm_installs_what_is_locked() -> None:
    assert '["npm", "ci",' in text("launch/frontend.py")
    assert "RUN npm ci " in text("docker/Dockerfile")
    others = [text("launch/frontend.py"), text("docker/Dockerfile"), text("Makefile"), text("test")]
    assert not [one for one in others if re.search(r"npm[\", ]+(install|i|add|update)\b", one)]


def answer(until: date = date(2027, 1, 1), place: str = FOUND.place) -> Answer:
    return Answer("bandit", "B602", place, REASON, until)


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


def test_an_answer_is_for_so_many_findings() -> None:
    two = [FOUND, Finding("bandit", "B602", "worker/child.py", "another shell")]
    assert len(list(findings.open_problems(two, [answer()], ["bandit"], TODAY))) == 2
    both = replace(answer(), times=2)
    assert list(findings.open_problems(two, [both], ["bandit"], TODAY)) == []
    [less] = findings.open_problems([FOUND], [both], ["bandit"], TODAY)
    assert "1 of 2 are there" in less


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (replace(answer(), until=date(2029, 1, 1)), "look sooner"),
        (replace(answer(), reason="because"), "says too little"),
        (replace(answer(), tool="npm_audit"), "names no tool"),
    ],
)
def test_an_answer_that_would_hold_for_ever_is_none(bad: Answer, said: str) -> None:
    found = [replace(FOUND, tool=bad.tool)]
    assert any(said in line for line in findings.open_problems(found, [bad], [], TODAY))


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
    known = {"title": "bad", "range": "<2", "url": "https://github.com/advisories/GHSA-1"}
    npm = {
        "vulnerabilities": {
            "x": {"severity": "high", "via": [{**known, "severity": "high"}]},
            "y": {"severity": "low", "via": [{**known, "severity": "moderate"}]},
            "z": {"severity": "high", "via": ["x"]},
        }
    }
    assert [(one.id, one.place) for one in findings.of_npm_audit(npm)] == [("GHSA-1", "x")]


def test_a_service_that_knows_nothing_is_not_believed() -> None:
    """A mirror answers, and every answer is empty: that is not the news that all is well."""
    name, version = audits.KNOWN_IN_PYTHON
    ours = {"name": "django", "version": "5.2.19", "vulns": []}
    control = {"name": name, "version": version, "vulns": []}
    for said in ([ours], [ours, control], [ours, {"name": name, "skip_reason": "not found"}]):
        with pytest.raises(tools.UnreachableError):
            audits.judge_python({"dependencies": said})
    believed = {**control, "vulns": [{"id": "PYSEC-0", "fix_versions": []}]}
    skipped = {"name": "numpy", "skip_reason": "not found"}
    said = [ours, believed, skipped]
    assert audits.judge_python({"dependencies": said}) == ([], ["numpy"])


class Service(BaseHTTPRequestHandler):
    """Answers like OSV and like npm's registry; `known` is what it knows of."""

    known: ClassVar[frozenset[str]] = frozenset()

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            raw = gzip.decompress(raw)
        asked = json.loads(raw)
        self.answer(self.osv(asked) if self.path == "/v1/query" else self.npm(asked))

    def do_GET(self) -> None:
        self.answer({"name": unquote(self.path[1:]), "versions": {}})

    def osv(self, asked: Any) -> object:
        name = asked["package"]["name"]
        known = {"id": f"PYSEC-{name}", "modified": "2026-01-01T00:00:00Z", "affected": []}
        return {"vulns": [known]} if name in self.known else {}

    def npm(self, asked: Any) -> object:
        advisory = {"id": 1, "title": "bad", "severity": "high", "vulnerable_versions": "*"}
        return {
            name: [{**advisory, "url": f"https://github.com/advisories/GHSA-{name}"}]
            for name in self.known & asked.keys()
        }

    def answer(self, said: object) -> None:
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing."""


Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a service that knows of some packages; return its address."""
    with ExitStack() as stack:

        def start(*known: str) -> str:
            kind = type("Knowing", (Service,), {"known": frozenset(known)})
            server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), kind))
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}"

        yield start


@pytest.mark.slow
def test_npm_packages_are_asked_about(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", serve("lodash", "react"))
    found = audits.npm(ROOT / "frontend")
    assert {(one.id, one.place) for one in found} == {("GHSA-react", "react")}
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", serve("react"))  # and not the one of the control
    with pytest.raises(tools.UnreachableError):
        audits.npm(ROOT / "frontend")


@pytest.mark.slow
def test_every_python_package_is_asked_about(serve: Serve, record_property: Record) -> None:
    packages = check.packages()
    address = f"{serve('rsa', 'django')}/v1/query"
    found, unknown = audits.python(packages, ("-s", "osv", "--osv-url", address))
    assert {(one.id, one.place) for one in found} == {("PYSEC-django", "django")}
    assert unknown == []
    assert packages["torch"] == {"2.13.0"}
    assert len(packages["click"]) > 1  # ours, and that of the tools
    record_property("safety", f"G17: {len(packages)} Python packages asked about, torch among them")


@pytest.mark.slow
def test_nobody_waits_for_a_network_that_swallows_everything() -> None:
    begun = time.monotonic()
    with pytest.raises(tools.UnreachableError, match="no answer in 1 seconds"):
        tools.run(["tail", "-f", "/dev/null"], seconds=1)
    assert time.monotonic() - begun < 10


def attempted(look: Callable[[], check.News]) -> check.News:
    return check.attempt("bandit", look)


def fail(error: Exception) -> Callable[[], check.News]:
    def look() -> check.News:
        raise error

    return look


def test_who_was_not_reached_is_told_and_who_broke_is_a_failure() -> None:
    away = attempted(fail(tools.UnreachableError("no route")))
    assert list(away.gaps) == ["bandit: not checked (no route)"]
    assert not away.problems
    assert not away.ran
    broken = attempted(fail(tools.BrokenError("it fell over")))
    assert list(broken.problems) == ["bandit failed: it fell over"]
    assert not broken.gaps


def test_a_tool_that_needs_nobody_else_has_no_excuse() -> None:
    with pytest.raises(tools.UnreachableError):
        tools.ask(["false"])
    with pytest.raises(tools.BrokenError):
        tools.make(["false"])


@pytest.mark.parametrize(("required", "status"), [("", 0), ("1", 1)])
def test_a_release_wants_every_audit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], required: str, status: int
) -> None:
    looks = {"pip-audit": fail(tools.UnreachableError("no route"))}
    monkeypatch.setattr(check, "LOOKS", looks)
    monkeypatch.setenv("RELATA_REQUIRE_AUDIT", required)
    assert check.main() == status
    assert "pip-audit: not checked (no route)" in capsys.readouterr().out


def test_the_check_fails_for_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "LOOKS", {"npm-audit": lambda: check.News([FOUND])})
    assert check.main() == 1


def test_the_answers_of_today_hold() -> None:
    held = findings.read_answers(ROOT / "supply" / "answers.toml")
    assert [line for one in held for line in one.faults(date.today())] == []  # noqa: DTZ011


def test_a_bill_has_to_name_everything() -> None:
    python = {"components": [{"name": "Django", "version": "5.2.19", "purl": "pkg:pypi/django"}]}
    assert bills.lacks(python, [("django", "5.2.19")]) == []
    assert len(bills.lacks(python, [("django", "5.2.20"), ("torch", "2.13.0")])) == 2
    npm = {
        "components": [
            {"name": "js", "group": "@eslint", "version": "1", "purl": "pkg:npm/%40eslint/js@1"},
            {"name": "@types/node", "version": "2", "purl": "pkg:npm/%40types/node@2"},
        ]
    }
    assert bills.lacks(npm, [("@eslint/js", "1"), ("@types/node", "2")]) == []
    assert len(bills.lacks(npm, [("js", "1")])) == 1


@pytest.mark.slow
def test_bandit_finds_a_shell_whatever_a_comment_says(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(
        f"{PLANTED['shell']['lines'][0].strip()}  # nosec\n", encoding="utf-8"
    )
    [one] = check.bandit(["."], tmp_path).findings
    assert (one.id, one.place) == ("B602", "bad.py")
    (tmp_path / "unreadable.py").write_text("def f(:\n", encoding="utf-8")
    with pytest.raises(tools.BrokenError, match="cannot read everything"):
        check.bandit(["."], tmp_path)


@pytest.mark.slow
def test_every_rule_of_ours_finds_what_it_is_for(tmp_path: Path, record_property: Record) -> None:
    """Each line stands alone in a file, in a folder where the rule looks."""
    planted = {}
    for rule, samples in PLANTED.items():
        for number, line in enumerate(samples["lines"]):
            file = tmp_path / samples.get("in", "") / f"{number}-{rule}" / samples["file"]
            file.parent.mkdir(parents=True)
            file.write_text(f"{line}\n", encoding="utf-8")
            planted[str(file.relative_to(tmp_path))] = rule
    found = {(one.place, one.id) for one in check.semgrep(["."], tmp_path).findings}
    missed = planted.items() - found
    assert not missed
    rules = yaml.safe_load(text("supply/semgrep.yml"))["rules"]
    assert {one["id"] for one in rules} == set(PLANTED)
    record_property(
        "safety", f"G17: {len(rules)} rules of our own find {len(planted)} planted lines"
    )
