"""Known vulnerabilities of packages; each service is first asked about one that everybody knows.

A mirror may answer every question with an empty list, and "nothing known" would then be no news.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from supply.findings import Finding, of_npm_audit, of_pip_audit
from supply.tools import UnreachableError, ask, tool

# Vulnerable since long ago, and nothing that we use.
KNOWN_IN_PYTHON = ("rsa", "3.0")
KNOWN_IN_NPM = ("lodash", "4.17.4")
NO_ANSWER = "the service answers no questions about vulnerabilities"


def python(
    packages: Mapping[str, Iterable[str]], service: Sequence[str] = ()
) -> tuple[list[Finding], list[str]]:
    """Return what is known of our packages, and the names of those it knows nothing of."""
    command: list[str | Path] = [
        tool("pip-audit"), "--disable-pip", "--no-deps", "--progress-spinner", "off",
        "--timeout", "10", *service, "-f", "json",
    ]  # fmt: skip
    found: list[Finding] = []
    unknown: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for file in _one_version_each(packages, Path(folder)):
            more, names = judge_python(ask([*command, "-r", file]))
            found += more
            unknown += names
    return found, unknown


def judge_python(report: Mapping[str, Any]) -> tuple[list[Finding], list[str]]:
    """Return what a report of pip-audit says of our packages, if it can be believed."""
    ours, is_believed = [], False
    for one in report["dependencies"]:
        if (one["name"], one.get("version", KNOWN_IN_PYTHON[1])) == KNOWN_IN_PYTHON:
            is_believed |= bool(one.get("vulns"))
        else:
            ours.append(one)
    if not is_believed:
        raise UnreachableError(NO_ANSWER)
    unknown = [one["name"] for one in ours if "skip_reason" in one]
    return list(of_pip_audit({"dependencies": ours})), unknown


def npm(frontend: Path) -> list[Finding]:
    """Return what is known of the packages in a package-lock.json."""
    command = ["npm", "audit", "--json", "--package-lock-only"]
    with tempfile.TemporaryDirectory() as folder:
        _write_known(Path(folder))
        known = ask(command, folder=Path(folder), seconds=20)
    if not known.get("vulnerabilities"):
        raise UnreachableError(_why(known))
    report = ask(command, folder=frontend, seconds=20)
    if "vulnerabilities" not in report:
        raise UnreachableError(_why(report))
    return list(of_npm_audit(report))


def _one_version_each(packages: Mapping[str, Iterable[str]], folder: Path) -> list[Path]:
    """Write files that name each package once, as pip-audit wants it; more where it has more."""
    columns = [
        [f"{name}=={one}" for one in sorted(all_)] for name, all_ in sorted(packages.items())
    ]
    files = []
    for number, row in enumerate(zip_longest(*columns, fillvalue="")):
        file = folder / f"{number}.txt"
        lines = ["==".join(KNOWN_IN_PYTHON), *(line for line in row if line)]
        file.write_text("\n".join(lines), encoding="utf-8")
        files.append(file)
    return files


def _why(report: Mapping[str, Any]) -> str:
    """Return npm's own words for having no answer, where it has some."""
    said = report.get("message") or report.get("error", {}).get("summary") or ""
    return f"{NO_ANSWER}{': ' if said else ''}{said[:200]}"


def _write_known(folder: Path) -> None:
    name, version = KNOWN_IN_NPM
    top = {"name": "control", "version": "1.0.0", "dependencies": {name: version}}
    lock = {
        **top,
        "lockfileVersion": 3,
        "packages": {"": top, f"node_modules/{name}": {"version": version}},
    }
    (folder / "package.json").write_text(json.dumps(top), encoding="utf-8")
    (folder / "package-lock.json").write_text(json.dumps(lock), encoding="utf-8")
