"""What the tools found, and the answers that were given to it."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeAlias

What: TypeAlias = tuple[str, str, str]

GRAVE = frozenset({"high", "critical"})
TOOLS = frozenset({"bandit", "semgrep", "pip-audit", "npm-audit"})
LONGEST = timedelta(days=400)
SHORTEST_REASON = 30


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a tool found: by which name, where, and in words."""

    tool: str
    id: str
    place: str
    words: str

    @property
    def what(self) -> What:
        """By which an answer names it."""
        return self.tool, self.id, self.place


@dataclass(frozen=True, slots=True)
class Answer:
    """Why a finding stays, and until when; `times` says how often it is there."""

    tool: str
    id: str
    place: str
    reason: str
    until: date
    times: int = 1

    @property
    def what(self) -> What:
        """What this answers."""
        return self.tool, self.id, self.place

    def faults(self, today: date) -> Iterator[str]:
        """Yield why this is no answer, or none any more."""
        if self.tool not in TOOLS:
            yield f"names no tool: {', '.join(sorted(TOOLS))}"
        if len(self.reason) < SHORTEST_REASON:
            yield "says too little"
        if self.until < today:
            yield f"was good until {self.until}: look again"
        if self.until > today + LONGEST:
            yield f"holds for more than {LONGEST.days} days: look sooner"


def read_answers(path: Path) -> list[Answer]:
    """Read the recorded answers; one without a reason or a date is an error."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["answer"]
    return [Answer(**row) for row in rows]


def open_problems(
    found: Sequence[Finding], answers: Iterable[Answer], ran: Iterable[str], today: date
) -> Iterator[str]:
    """Yield what has no answer, and the answers that do not hold or answer nothing.

    `ran` names the tools that ran: answers to the others are left alone.
    """
    answers, tools = list(answers), set(ran)
    times = Counter(one.what for one in found)
    answered = Counter({answer.what: answer.times for answer in answers})
    for one in found:
        if times[one.what] > answered[one.what]:
            yield f"{one.tool} {one.id} at {one.place}: {one.words}"
    for answer in answers:
        name = f"the answer to {answer.tool} {answer.id} at {answer.place}"
        yield from (f"{name} {fault}" for fault in answer.faults(today))
        if answer.tool in tools and times[answer.what] < answer.times:
            seen = times[answer.what]
            yield f"{name} is not needed any more: {seen} of {answer.times} are there"


def of_bandit(report: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what Bandit found of medium and high severity."""
    for row in report["results"]:
        if row["issue_severity"] != "LOW":
            words = f"line {row['line_number']}: {row['issue_text']}"
            yield Finding("bandit", row["test_id"], row["filename"].removeprefix("./"), words)


def of_semgrep(report: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what our own rules found, a line once."""
    seen = set()
    for row in report["results"]:
        rule = row["check_id"].rpartition(".")[2]
        words = f"line {row['start']['line']}: {row['extra']['message']}"
        found = Finding("semgrep", rule, row["path"], words)
        if found not in seen:
            yield found
        seen.add(found)


def of_pip_audit(report: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield known vulnerabilities of Python packages; its reports have no severity: all count."""
    for package in report["dependencies"]:
        for known in package.get("vulns", ()):
            fixed = ", ".join(known.get("fix_versions", ())) or "no version yet"
            words = f"{package['version']} is vulnerable; fixed in {fixed}"
            yield Finding("pip-audit", known["id"], package["name"], words)


def of_npm_audit(report: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield known vulnerabilities of high or critical severity of the front end's packages.

    Each by its own number: an answer to one is none to the next. A package that only brings in a
    vulnerable one has the other's name there, and no number.
    """
    for name, known in report["vulnerabilities"].items():
        for cause in known["via"]:
            if isinstance(cause, dict) and cause["severity"] in GRAVE:
                number = cause["url"].rpartition("/")[2]
                words = f"{cause['title']}; vulnerable in {cause['range']}"
                yield Finding("npm-audit", number, name, words)
