"""Bills of materials (CycloneDX): what is in the product, for whoever has to know."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from supply import locks
from supply.locks import Locked
from supply.tools import ROOT, BrokenError, UnreachableError, make, tool

BILLS = ROOT / "build" / "sbom"
FRONTEND = ROOT / "frontend"


def write(torch: str, served: Mapping[str, Locked]) -> list[str]:
    """Write both bills; return what they lack."""
    BILLS.mkdir(parents=True, exist_ok=True)
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "requirements.txt"
        whole.write_text(f"{lock}\n{torch}\n", encoding="utf-8")
        python = make([tool("cyclonedx-py"), "requirements", whole, "--of", "JSON"])
    command = ["npm", "sbom", "--sbom-format", "cyclonedx", "--package-lock-only"]
    npm = make(command, folder=FRONTEND)
    for name, bill in (("python.json", python), ("frontend.json", npm)):
        (BILLS / name).write_text(json.dumps(bill, indent=1), encoding="utf-8")
    wanted = [("torch", torch.partition("==")[2])]
    wanted += [(name, one) for name, locked in served.items() for one in locked.versions]
    places = locks.read_npm(FRONTEND / "package-lock.json")["packages"]
    return [*lacks(python, wanted), *lacks(npm, _named(places))]


def lacks(bill: Mapping[str, Any], wanted: Iterable[tuple[str, str]]) -> list[str]:
    """Return what a bill does not name."""
    listed = {(_name(one), one.get("version", "")) for one in bill["components"]}
    return [
        f"{name} {version} is not in the bill of materials"
        for name, version in wanted
        if (name, version) not in listed
    ]


def _name(component: Mapping[str, Any]) -> str:
    """Return a component's name as its registry compares it."""
    name: str = component["name"]
    if component["purl"].startswith("pkg:npm/"):
        group = component.get("group")
        return f"{group}/{name}" if group else name
    return locks.plain(name)


def _named(places: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for place, entry in places.items():
        if place and not entry.get("link"):
            yield entry.get("name") or place.rpartition("node_modules/")[2], entry["version"]


def main() -> int:
    """Write the bills alone: `make sbom`."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    try:
        problems = write(locks.torch(text), locks.read_lock(lock))
    except (UnreachableError, BrokenError) as error:
        problems = [str(error)]
    for line in problems or [f"written: {BILLS.relative_to(ROOT)}/"]:
        sys.stdout.write(f"{line}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
