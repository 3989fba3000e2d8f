"""Fetch a project's gold into a file, every night; the file is never half of anything.

    RELATA_TOKEN=… python nightly_gold.py http://127.0.0.1:8000 7 /data/gold.jsonl
    python nightly_gold.py --check /data/gold.jsonl

Beside the file stands `gold.jsonl.manifest.json` with its lines and its SHA-256. Ends with
0 when the file is as it should be, 1 when the server refuses, 2 when it was called wrongly,
3 when the server was not reached or the end of the file did not come: try again later,
4 when something is odd and a person should look; the old file stays.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from relata_client import RefusedError, Relata, UnreachableError

GOOD, REFUSED, LATER, ODD = 0, 1, 3, 4


class OddError(Exception):
    """What came is not what a person would expect."""


def manifest_of(path: Path) -> Path:
    """Return where the manifest of a file is."""
    return path.with_name(f"{path.name}.manifest.json")


def describe(path: Path) -> dict[str, Any]:
    """Read a file through, and return its manifest; every line must be a sentence of its own."""
    digest, ids = hashlib.sha256(), set()
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            digest.update(line)
            try:
                ids.add(json.loads(line)["id"])
            except (ValueError, KeyError, TypeError) as error:
                raise OddError(f"line {number} is no sentence") from error
            if len(ids) < number:
                raise OddError(f"line {number} has the id of a line before it")
    return {"lines": len(ids), "sha256": digest.hexdigest()}


def check(path: Path) -> dict[str, Any] | None:
    """Return the manifest of a file that is as its manifest says; None if there is no such file."""
    manifest = manifest_of(path)
    if not (path.is_file() and manifest.is_file()):
        return None
    said: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
    try:
        seen = describe(path)
    except OddError:
        return None
    return said if seen.items() <= said.items() else None


def fetch(relata: Relata, project: int, path: Path, least: float) -> str:
    """Fetch beside the file, look at it, and only then replace the file."""
    before = check(path)
    new = relata.download(project, path.with_name(f"{path.name}.new"), format="native")
    try:
        seen = describe(new)
        _compare(seen, before, least)
    except OddError:
        new.unlink()
        raise
    if before and seen["sha256"] == before["sha256"]:
        new.unlink()
        return f"unchanged, {seen['lines']} lines"
    written = {**seen, "project": project, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    new.replace(path)
    half = manifest_of(path).with_suffix(".new")
    half.write_text(json.dumps(written) + "\n", encoding="utf-8")
    half.replace(manifest_of(path))
    return f"{seen['lines']} lines, {seen['sha256']}"


def _compare(seen: dict[str, Any], before: dict[str, Any] | None, least: float) -> None:
    if before and seen["lines"] < least * before["lines"]:
        raise OddError(f"{seen['lines']} lines, where there were {before['lines']}")


def main() -> int:
    """Fetch, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", type=Path, help="only compare this file with its manifest")
    parser.add_argument("--least", type=float, default=0.9, help="share of lines that must be left")
    parser.add_argument("where", nargs="*", metavar="URL PROJECT FILE")
    asked = parser.parse_args()
    if asked.check:
        is_good = check(asked.check) is not None
        print("as its manifest says" if is_good else "not as its manifest says")
        return GOOD if is_good else ODD
    if len(asked.where) != len(("url", "project", "file")):
        parser.error("URL PROJECT FILE are needed")
    url, project, file = asked.where
    try:
        with Relata(url, os.environ["RELATA_TOKEN"]) as relata:
            print(fetch(relata, int(project), Path(file), asked.least))
    except RefusedError as error:
        print(error, file=sys.stderr)
        return REFUSED
    except UnreachableError as error:
        print(error, file=sys.stderr)
        return LATER
    except OddError as error:
        print(f"{error}; {file} was left as it is", file=sys.stderr)
        return ODD
    return GOOD


if __name__ == "__main__":
    sys.exit(main())
