"""Checks of models: what is served is whole, and there is one of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from annotator.core.files import sha256_of
from annotator.core.integrity import Finding, rows
from annotator.learning.models import ModelVersion
from annotator.learning.states import VersionState

MANIFEST = "manifest.json"
REMEDY = "restore the folder from a backup, promote another version, or train again"

FOREIGN = """
SELECT g.id FROM learning_suggestion AS g
  JOIN learning_modelversion AS m ON m.id = g.model_version_id
  JOIN corpus_sentence AS s ON s.id = g.sentence_id
 WHERE m.project_id <> s.project_id
   AND (%(project)s::bigint IS NULL OR s.project_id = %(project)s)
 ORDER BY g.id
"""


def model_findings(project_id: int | None) -> Iterator[Finding]:
    """Check that the served versions verify and that no suggestion is another project's."""
    served = ModelVersion.objects.filter(state=VersionState.ACTIVE).order_by("pk")
    if project_id is not None:
        served = served.filter(project=project_id)
    seen: set[int] = set()
    for version in served:
        place = f"version {version.number} of project {version.project_id}"
        if version.project_id in seen:
            yield Finding("one_is_served", place, "two versions are active", "promote one of them")
        seen.add(version.project_id)
        fault = fault_of(settings.MODEL_FOLDER / version.digest)
        if fault is not None:
            yield Finding("served_model_is_whole", place, fault, REMEDY)
    for (suggestion,) in rows(FOREIGN, project=project_id):
        yield Finding(
            "suggestion_is_own",
            f"suggestion {suggestion}",
            "its model belongs to another project",
            "delete it and train again",
        )


def fault_of(folder: Path) -> str | None:
    """Say what is wrong with a folder of the model store, by its manifest, if anything is."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return f"{folder.name} is not in the model store"
    if sha256_of(manifest) != folder.name:
        return f"the manifest of {folder.name} was changed"
    for name, kept in json.loads(manifest.read_text(encoding="utf-8"))["files"].items():
        path = folder / name
        if not path.is_file() or sha256_of(path) != kept["sha256"]:
            return f"{name} in {folder.name} is missing or was changed"
    return None
