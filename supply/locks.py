"""Locks: every package of ours by version and SHA-256, held against what is asked for and there.

torch stands outside: people install it as a CPU or a CUDA build, from an index of their choice, and
each build has a hash of its own. Its version is pinned, and what it needs is locked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distributions, requires
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

OUTSIDE = re.compile(r"torch|triton|nvidia-.*|cuda-.*|pip|relata")
ENTRY = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
WISH = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?(?:==([^\s;#]+))?")
NPM = "https://registry.npmjs.org/"
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")


@dataclass(frozen=True, slots=True)
class Locked:
    """A package in a lock: the versions for the platforms, and whether each has a hash."""

    versions: frozenset[str]
    has_hashes: bool


def plain(name: str) -> str:
    """Return a package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(text: str) -> Mapping[str, Locked]:
    """Read what `uv pip compile --generate-hashes` wrote."""
    found: dict[str, Locked] = {}
    name, hashes = "", 0
    rows = [*text.splitlines(), "end==0"]
    version = ""
    for row in rows:
        entry = ENTRY.match(row)
        if entry:
            if name:
                known = found.get(name, Locked(frozenset(), has_hashes=True))
                found[name] = Locked(known.versions | {version}, known.has_hashes and hashes > 0)
            name, version, hashes = plain(entry[1]), entry[2], 0
        hashes += len(HASH.findall(row))
    return found


def wishes(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield name and version of what a requirements file asks for."""
    for row in text.splitlines():
        wish = WISH.match(row.strip())
        if wish and not row.startswith("-"):
            yield plain(wish[1]), wish[2]


def lock_problems(asked: str, lock: Mapping[str, Locked]) -> Iterator[str]:
    """Yield what is asked for and not locked, and what is locked without a hash."""
    for name, version in wishes(asked):
        if OUTSIDE.fullmatch(name):
            continue
        if name not in lock:
            yield f"{name} is asked for and not locked: make lock"
        elif version is not None and version not in lock[name].versions:
            yield f"{name}=={version} is asked for, {sorted(lock[name].versions)} locked: make lock"
    for name, locked in lock.items():
        if not locked.has_hashes:
            yield f"{name} is locked without a hash: make lock"


def missing_problems(asked: str, lock: Mapping[str, Locked]) -> Iterator[str]:
    """Yield what the installed packages bring in and no lock names: nobody would check its hash."""
    waiting = [Requirement(row) for row in _rows(asked)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        one = waiting.pop()
        name, extras = plain(one.name), frozenset(one.extras)
        if (name, extras) in seen or not _is_for_here(one, frozenset({""})):
            continue
        seen.add((name, extras))
        if name not in lock and not OUTSIDE.fullmatch(name):
            yield f"{name} is brought in and not locked: make lock"
        needs = map(Requirement, _needs(one.name))
        waiting += [need for need in needs if _is_for_here(need, extras | {""})]


def torch(asked: str) -> str:
    """Return the pin of torch, which is in no lock."""
    return next(f"{name}=={version}" for name, version in wishes(asked) if name == "torch")


def _rows(asked: str) -> Iterator[str]:
    for row in asked.splitlines():
        wish = row.partition("#")[0].strip()
        if wish and not wish.startswith("-"):
            yield wish


def _needs(name: str) -> list[str]:
    try:
        return requires(name) or []
    except PackageNotFoundError:  # nothing that this machine has can be asked
        return []


def _is_for_here(need: Requirement, extras: frozenset[str]) -> bool:
    marker = need.marker
    if marker is None:
        return True
    return any(marker.evaluate({"extra": extra}) for extra in sorted(extras))


def installed_problems(lock: Mapping[str, Locked]) -> Iterator[str]:
    """Yield the packages of this environment that are there in another version than the lock's.

    What somebody installed beside for their own use is none of ours.
    """
    for one in distributions():
        name, version = plain(one.metadata["Name"]), one.version
        if OUTSIDE.fullmatch(name) or name not in lock:
            continue
        if version not in lock[name].versions:
            expected = ", ".join(sorted(lock[name].versions))
            yield f"{name} {version} is installed, {expected} locked: make setup"


def npm_problems(lock: Mapping[str, Any]) -> Iterator[str]:
    """Yield the packages of a package-lock.json without a SHA-512, or not from the registry."""
    for place, entry in lock["packages"].items():
        if not place or entry.get("link"):
            continue
        if not entry.get("integrity", "").startswith("sha512-"):
            yield f"{place} has no integrity in package-lock.json: npm install"
        if not entry.get("resolved", NPM).startswith(NPM):
            yield f"{place} comes from {entry['resolved']}, not from the registry"


def read_npm(path: Path) -> Any:
    """Return a package-lock.json."""
    return json.loads(path.read_text(encoding="utf-8"))
