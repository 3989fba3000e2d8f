"""`python -m supply.check`: everything that is said in `supply/__init__.py`, in a minute.

What cannot be reached (an audit service, a registry) is said in a line; with
RELATA_REQUIRE_AUDIT=1, as for a release, it is a failure.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from supply import audits, bills, locks
from supply.findings import Finding, of_bandit, of_semgrep, open_problems, read_answers
from supply.tools import ROOT, BrokenError, UnreachableError, read_code, tool

HERE = ROOT / "supply"
LOCKS = (
    "requirements.lock",
    "requirements-dev.lock",
    "requirements-installer.lock",
    "supply/requirements.lock",
)
OUR_CODE = ("annotator", "extraction", "worker", "launch")
ASKED = ("requirements.txt", "requirements-embedded.txt", "requirements-node.txt")
ASKED_TOO = ("requirements-dev.txt",)
APART = ("requirements-installer.txt", "supply/requirements.txt")


@dataclass(frozen=True, slots=True)
class News:
    """What came of one look: findings, what is wrong with it, or what it did not get to see."""

    findings: Sequence[Finding] = ()
    problems: Sequence[str] = ()
    gaps: Sequence[str] = ()
    ran: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What fails, and what could not be asked."""

    problems: Sequence[str]
    gaps: Sequence[str]


def main() -> int:
    """Do all checks; return the exit status."""
    verdict = judge(date.today())  # noqa: DTZ011
    for line in verdict.gaps:
        say(f"  {line}")
    problems = verdict.problems
    if os.environ.get("RELATA_REQUIRE_AUDIT") == "1":
        problems = [*problems, *verdict.gaps]
    for line in problems:
        say(f"supply: {line}")
    return 1 if problems else 0


def judge(today: date) -> Verdict:
    """Look everywhere at once, and hold what was found against the answers."""
    with ThreadPoolExecutor() as pool:
        waiting = {name: pool.submit(attempt, name, look) for name, look in LOOKS.items()}
        news = {name: one.result() for name, one in waiting.items()}
    found = [finding for one in news.values() for finding in one.findings]
    ran = [name for name, one in news.items() if one.ran]
    answers = read_answers(HERE / "answers.toml")
    problems = [*lock_problems(), *open_problems(found, answers, ran, today)]
    problems += [line for one in news.values() for line in one.problems]
    return Verdict(problems, [line for one in news.values() for line in one.gaps])


def attempt(name: str, look: Callable[[], News]) -> News:
    """Look; say what was seen, or why nothing was."""
    try:
        news = look()
    except UnreachableError as error:
        return News(gaps=[f"{name}: not checked ({error})"], ran=False)
    except BrokenError as error:
        return News(problems=[f"{name} failed: {error}"], ran=False)
    say(f"  {name}: {len(news.findings)} findings")
    return news


def say(line: str) -> None:
    """Tell whoever called."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def lock_problems() -> Iterator[str]:
    """Hold the locks against what is asked for and against this environment."""
    served = locks.read_lock(_text("requirements.lock"))
    developed = locks.read_lock(_text("requirements-dev.lock"))
    for name in ASKED:
        yield from locks.lock_problems(_text(name), served)
        yield from locks.missing_problems(_text(name), served)
    for name in (*ASKED, *ASKED_TOO):
        yield from locks.lock_problems(_text(name), developed)
        yield from locks.missing_problems(_text(name), developed)
    for name in APART:
        lock = locks.read_lock(_text(name.replace(".txt", ".lock")))
        yield from locks.lock_problems(_text(name), lock)
    yield from locks.installed_problems(developed)
    yield from locks.npm_problems(locks.read_npm(ROOT / "frontend" / "package-lock.json"))


def bandit(rooms: Sequence[str] = OUR_CODE, folder: Path = ROOT) -> News:
    """Let Bandit read our code; comments do not silence it, answers do."""
    command: list[str | Path] = [
        tool("bandit"),
        "-q",
        "-r",
        *rooms,
        "-ll",
        "--ignore-nosec",
        "-f",
        "json",
    ]
    return News(list(of_bandit(read_code(command, folder=folder))))


def semgrep(places: Sequence[str] = (*OUR_CODE, "frontend/src"), folder: Path = ROOT) -> News:
    """Let semgrep look for what our own rules name; here, too, only answers silence it."""
    command: list[str | Path] = [
        tool("semgrep"), "scan", "--metrics=off", "--disable-version-check", "--disable-nosem",
        "--no-git-ignore", "--json", "-q", "--config", HERE / "semgrep.yml", *places,
    ]  # fmt: skip
    return News(list(of_semgrep(read_code(command, folder=folder))))


def pip_audit() -> News:
    """Ask whether a vulnerability of a Python package is known."""
    found, unknown = audits.python(packages())
    gaps = [f"pip-audit: nothing is known of {name}" for name in unknown]
    return News(found, gaps=gaps)


def npm_audit() -> News:
    """Ask the same of the front end's packages."""
    return News(audits.npm(ROOT / "frontend"))


def sbom() -> News:
    """Write the bills of materials, and see that they name everything."""
    served = locks.read_lock(_text("requirements.lock"))
    problems = bills.write(locks.torch(_text("requirements.txt")), served)
    return News(problems=problems)


LOOKS: dict[str, Callable[[], News]] = {
    "bandit": bandit,
    "semgrep": semgrep,
    "pip-audit": pip_audit,
    "npm-audit": npm_audit,
    "SBOM": sbom,
}


def packages() -> dict[str, set[str]]:
    """Return the versions of all Python packages that we run, test or check with."""
    every: dict[str, set[str]] = {}
    for name in LOCKS:
        for package, locked in locks.read_lock(_text(name)).items():
            every.setdefault(package, set()).update(locked.versions)
    every["torch"] = {locks.torch(_text("requirements.txt")).partition("==")[2]}
    return every


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
