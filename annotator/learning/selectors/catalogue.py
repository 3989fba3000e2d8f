"""What can be chosen on this machine: models, encoders, speeds, formats."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from annotator.projects.models import Speed
from extraction.catalogue import CATALOGUE, ENCODERS

ENCODER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

# The exchange room's table, which this room may not import; a test keeps the two equal.
FORMATS: tuple[tuple[str, bool, bool], ...] = (
    ("native", True, True),
    ("ch-ddi", True, True),
    ("ch-ddi-array", True, True),
    ("duie", True, True),
    ("spert", True, True),
    ("conll", True, True),
    ("brat", True, True),
    ("doccano", True, True),
    ("label-studio", True, True),
    ("triples-csv", True, True),
    ("xlsx", True, True),
    ("inserts", True, False),
    ("text", True, False),
    ("csv", True, False),
    ("docbin", False, True),
    ("rdf", False, True),
    ("neo4j", False, True),
    ("provenance", False, True),
    ("card", False, True),
)


def installed_encoders(folder: Path) -> list[str]:
    """Return the names of the encoder folders on this machine."""
    if not folder.is_dir():
        return []
    return sorted(
        child.name
        for child in folder.iterdir()
        if ENCODER_NAME.fullmatch(child.name) and (child / "config.json").is_file()
    )


def catalogue_json(encoder_folder: Path) -> dict[str, Any]:
    """Return everything a person can choose from."""
    built_in = [
        {"name": spec.name, "title": spec.title, "built_in": True} for spec in ENCODERS.values()
    ]
    installed = [
        {"name": name, "title": name, "built_in": False}
        for name in installed_encoders(encoder_folder)
    ]
    return {
        "models": [
            {
                "name": spec.name,
                "title": spec.title,
                "about": dict(spec.about),
                "paper": spec.paper,
                "nested": spec.nested,
                "directed": spec.directed,
                "settings_schema": dict(spec.settings),
            }
            for spec in CATALOGUE.values()
            if not spec.given_entities  # a project's model finds the entities itself
        ],
        "encoders": [*built_in, *installed],
        "speeds": list(Speed.values),
        "formats": [
            {"name": name, "import": may_import, "export": may_export}
            for name, may_import, may_export in FORMATS
        ],
    }
