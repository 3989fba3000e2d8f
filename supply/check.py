"""`python -m supply.check`: everything that is said in `supply/__init__.py`, in a minute.

What cannot be reached (an audit service, a registry) is said in a line; with
RELATA_REQUIRE_AUDIT=1, as for a release, it is a failure.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from supply import locks
from supply.findings import (
    Finding,
    of_bandit,
    of_npm_audit,
    of_pip_audit,
    of_semgrep,
    open_problems,
    read_answers,
)

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "supply"
TOOLS = ROOT / ".venv-supply"
BILLS = ROOT / "build" / "sbom"
OUR_CODE = ("annotator", "extraction", "worker", "launch")
ASKED = ("requirements.txt", "requirements-embedded.txt", "requirements-node.txt")
ASKED_TOO = ("requirements-dev.txt",)
QUIET = {"SEMGREP_SEND_METRICS": "off", "SEMGREP_ENABLE_VERSION_CHECK": "0"}


class UnreachableError(Exception):
    """A service or a registry does not answer."""


def main() -> int:
    """Do all checks; return the exit status."""
    problems = [*lock_problems()]
    found: list[Finding] = []
    ran: list[str] = []
    missing: list[str] = []
    for tool, look in LOOKS.items():
        try:
            news = list(look())
        except UnreachableError as error:
            missing.append(f"{tool}: not checked ({error})")
            continue
        say(f"  {tool}: {len(news)} findings")
        found += news
        ran.append(tool)
    problems += open_problems(found, read_answers(HERE / "answers.toml"), ran, date.today())  # noqa: DTZ011
    try:
        problems += bill_problems()
    except UnreachableError as error:
        missing.append(f"SBOM: not made ({error})")
    for line in missing:
        say(f"  {line}")
    if missing and os.environ.get("RELATA_REQUIRE_AUDIT") == "1":
        problems += missing
    for line in problems:
        say(f"supply: {line}")
    return 1 if problems else 0


def say(line: str) -> None:
    """Tell whoever called."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def lock_problems() -> Iterator[str]:
    """Hold the locks against what is asked for and against this environment."""
    served = locks.read_lock(_text("requirements.lock"))
    developed = locks.read_lock(_text("requirements-dev.lock"))
    tools = locks.read_lock(_text("supply/requirements.lock"))
    for name in ASKED:
        yield from locks.lock_problems(_text(name), served)
    for name in (*ASKED, *ASKED_TOO):
        yield from locks.lock_problems(_text(name), developed)
    yield from locks.lock_problems(_text("supply/requirements.txt"), tools)
    yield from locks.installed_problems(developed)
    yield from locks.npm_problems(locks.read_npm(ROOT / "frontend" / "package-lock.json"))


def bandit() -> Iterator[Finding]:
    """Let Bandit read our code."""
    said = run([tool("bandit"), "-q", "-r", *OUR_CODE, "-ll", "-f", "json"])
    return of_bandit(json.loads(said))


def semgrep() -> Iterator[Finding]:
    """Let semgrep look for what our own rules name."""
    return semgrep_findings([*OUR_CODE, "frontend/src"])


def semgrep_findings(places: Sequence[str], folder: Path = ROOT) -> Iterator[Finding]:
    """Return what our rules find in files and folders below `folder`."""
    command: list[str | Path] = [
        tool("semgrep"),
        "scan",
        "--metrics=off",
        "--disable-version-check",
        "--json",
        "-q",
    ]
    said = run([*command, "--config", HERE / "semgrep.yml", *places], folder=folder)
    report = json.loads(said)
    if report["errors"]:
        raise ValueError(f"semgrep cannot read: {report['errors'][0]['message'][:500]}")
    return of_semgrep(report)


def pip_audit() -> Iterator[Finding]:
    """Ask whether a vulnerability of a locked package is known."""
    command: list[str | Path] = [
        tool("pip-audit"),
        "--disable-pip",
        "--no-deps",
        "--progress-spinner",
        "off",
    ]
    for name in ("requirements.lock", "requirements-dev.lock"):
        command += ["-r", ROOT / name]
    report = _json(run([*command, "-f", "json"]))
    known = [one for one in report["dependencies"] if "skip_reason" not in one]
    if not known:
        raise UnreachableError("the registry answers no questions about vulnerabilities")
    return of_pip_audit(report)


def npm_audit() -> Iterator[Finding]:
    """Ask the same of the front end's packages."""
    report = _json(run(["npm", "audit", "--json"], folder=ROOT / "frontend"))
    if "vulnerabilities" not in report:
        raise UnreachableError("the registry answers no questions about vulnerabilities")
    return of_npm_audit(report)


LOOKS: dict[str, Callable[[], Iterator[Finding]]] = {
    "bandit": bandit,
    "semgrep": semgrep,
    "pip-audit": pip_audit,
    "npm-audit": npm_audit,
}


def bill_problems() -> Iterator[str]:
    """Write the bills of materials (CycloneDX), and see that they name every locked package."""
    BILLS.mkdir(parents=True, exist_ok=True)
    python = run([tool("cyclonedx-py"), "requirements", ROOT / "requirements.lock", "--of", "JSON"])
    npm = run(
        ["npm", "sbom", "--sbom-format", "cyclonedx", "--package-lock-only"],
        folder=ROOT / "frontend",
    )
    for name, text in (("python.json", python), ("frontend.json", npm)):
        (BILLS / name).write_text(text, encoding="utf-8")
    listed = {locks.plain(one["name"]) for one in _json(python)["components"]}
    for name in locks.read_lock(_text("requirements.lock")):
        if name not in listed:
            yield f"{name} is locked and not in the bill of materials"
    count = len(_json(npm)["components"])
    say(f"  SBOM: {len(listed)} Python and {count} npm packages in {BILLS.relative_to(ROOT)}/")


def tool(name: str) -> Path:
    """Return a tool of the environment `.venv-supply`, which is made when its lock has changed."""
    lock = HERE / "requirements.lock"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = TOOLS / "stamp"
    if not stamp.is_file() or stamp.read_text() != digest:
        uv = ROOT / ".venv" / "bin" / "uv"
        python = TOOLS / "bin" / "python"
        commands: tuple[list[str | Path], ...] = (
            [uv, "venv", "-q", "--clear", "--python", sys.executable, TOOLS],
            [uv, "pip", "install", "-q", "--python", python, "--require-hashes", "-r", lock],
        )
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                last = (done.stderr.strip().splitlines() or ["no word"])[-1]
                raise UnreachableError(f"{name} could not be installed: {last[:200]}")
        stamp.write_text(digest)
    return TOOLS / "bin" / name


def run(command: Sequence[str | Path], *, folder: Path = ROOT) -> str:
    """Run a tool and return what it printed; what it found is in there, not in its status."""
    path = f"{TOOLS / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={**os.environ, **QUIET, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout.strip():
        raise UnreachableError((done.stderr.strip().splitlines() or ["no answer"])[-1][:200])
    return done.stdout


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UnreachableError(text.strip().splitlines()[-1][:200]) from error


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
