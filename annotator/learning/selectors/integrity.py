"""Checks of models: what is served is whole, and there is one of it."""

from __future__ import annotations

from collections.abc import Iterator

from annotator.core.integrity import Finding, rows
from annotator.learning.models import ModelVersion
from annotator.learning.states import VersionState
from annotator.learning.store import fault_of

REMEDY = "restore the folder from a backup, promote another version, or train again"

FOREIGN = """
SELECT g.id FROM learning_suggestion AS g
  JOIN learning_modelversion AS m ON m.id = g.model_version_id
  JOIN corpus_sentence AS s ON s.id = g.sentence_id
 WHERE m.project_id <> s.project_id
   AND (%(project)s::bigint IS NULL OR s.project_id = %(project)s)
 ORDER BY g.id
"""


def served_digests() -> list[str]:
    """Return the models that are served in some project."""
    served = ModelVersion.objects.filter(state=VersionState.ACTIVE)
    return sorted(set(served.values_list("digest", flat=True)))


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
        fault = fault_of(version.digest)
        if fault is not None:
            yield Finding("served_model_is_whole", place, fault, REMEDY)
    for (suggestion,) in rows(FOREIGN, project=project_id):
        yield Finding(
            "suggestion_is_own",
            f"suggestion {suggestion}",
            "its model belongs to another project",
            "delete it and train again",
        )
