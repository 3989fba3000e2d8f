"""The version stands in one place, and the changelog tells of it in one form."""

from __future__ import annotations

import json
import re

from annotator.core.version import version
from launch.places import ROOT

SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?")
HEADING = re.compile(r"## \[(Unreleased|[^\]]+)\](?: - (\d{4}-\d\d-\d\d))?")
PARTS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()


def test_the_version_is_semantic_and_nowhere_else() -> None:
    assert SEMVER.fullmatch(version())
    package = json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))
    assert package["version"] == "0.0.0", "the front end has none of its own"


def test_the_changelog_keeps_its_form() -> None:
    headings = [HEADING.fullmatch(line) for line in CHANGES if line.startswith("## ")]
    assert all(headings)
    told = [one[1] for one in headings if one]
    assert told[0] == "Unreleased"
    assert all(SEMVER.fullmatch(one) for one in told[1:])
    assert all(one[2] for one in headings[1:] if one), "a release has its day"
    assert {line[4:] for line in CHANGES if line.startswith("### ")} <= PARTS
    assert version() in told or len(told) == 1


def test_the_checklist_names_commands_that_there_are() -> None:
    page = (ROOT / "docs" / "release.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`(?:\w+=\w+ )?make ([a-z-]+)`", page)) <= targets
    there = {path.stem for path in ROOT.glob("annotator/*/management/commands/*.py")}
    assert set(re.findall(r"manage\.py (\w+)", page)) <= there
    for name in re.findall(r"`((?:tests|supply|docker)/[\w./-]+)`", page):
        assert (ROOT / name).exists(), name
