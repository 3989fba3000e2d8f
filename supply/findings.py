"""What the tools found, and the answers that were given to it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

GRAVE = frozenset({"high", "critical"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a tool found: by which name, where, and in words."""

    tool: str
    id: str
    place: str
    words: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Why a finding stays, and until when."""

    tool: str
    id: str
    place: str
    reason: str
    until: date

    def fits(self, found: Finding) -> bool:
        """Say whether this answers a finding."""
        return (self.tool, self.id, self.place) == (found.tool, found.id, found.place)


def read_answers(path: Path) -> list[Answer]:
    """Read the recorded answers; one without a reason or a date is an error."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["answer"]
    return [Answer(**row) for row in rows]


def open_problems(
    found: Sequence[Finding], answers: Iterable[Answer], ran: Iterable[str], today: date
) -> Iterator[str]:
    """Yield what has no answer, and the answers that are past their date or answer nothing.

    `ran` names the tools that ran: answers to the others are left alone.
    """
    answers, tools = list(answers), set(ran)
    for one in found:
        if not any(answer.fits(one) for answer in answers):
            yield f"{one.tool} {one.id} at {one.place}: {one.words}"
    for answer in answers:
        name = f"the answer to {answer.tool} {answer.id} at {answer.place}"
        if answer.until < today:
            yield f"{name} was good until {answer.until}: look again"
        elif answer.tool in tools and not any(answer.fits(one) for one in found):
            yield f"{name} is not needed any more: take it out"


def of_bandit(report: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what Bandit found of medium and high severity."""
    for row in report["results"]:
        if row["issue_severity"] != "LOW":
            yield Finding(
                "bandit", row["test_id"], row["filename"].removeprefix("./"), row["issue_text"]
            )


def of_semgrep(report: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what our own rules found."""
    for row in report["results"]:
        rule = row["check_id"].rpartition(".")[2]
        place = f"{row['path']}:{row['start']['line']}"
        yield Finding("semgrep", rule, place, row["extra"]["message"])


def of_pip_audit(report: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield known vulnerabilities of Python packages; its reports have no severity: all count."""
    for package in report["dependencies"]:
        for known in package.get("vulns", ()):
            fixed = ", ".join(known.get("fix_versions", ())) or "no version yet"
            words = f"{package['version']} is vulnerable; fixed in {fixed}"
            yield Finding("pip-audit", known["id"], package["name"], words)


def of_npm_audit(report: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield known vulnerabilities of high or critical severity of the front end's packages."""
    for name, known in report["vulnerabilities"].items():
        if known["severity"] in GRAVE:
            yield Finding("npm-audit", known["severity"], name, f"vulnerable in {known['range']}")
