"""What a training goes on from: the active version, or nothing and why."""

from __future__ import annotations

from typing import Any

from annotator.learning.models import ModelVersion
from annotator.learning.selectors.choices import Choice
from annotator.learning.selectors.snapshots import Snapshot
from annotator.learning.states import Anew, VersionState
from annotator.projects.models import Project, Speed
from annotator.projects.selectors import schema_of

GROWTH = 1.5  # times the labels of the origin


def origin_of(
    project: Project, choice: Choice, snapshot: Snapshot
) -> tuple[ModelVersion | None, str]:
    """Return the active version if a quick run may go on from it, or why it begins anew.

    It must be of the same make, and measured in the same way, so that nothing which measures
    this run has trained it or what it came from. When labels have grown by half, a fresh start
    learns more.
    """
    active = ModelVersion.objects.filter(project=project, state=VersionState.ACTIVE)
    origin = active.select_related("run").first()
    if origin is None:
        return None, Anew.NO_VERSION.value
    if choice.speed != Speed.QUICK:
        return None, Anew.FULL.value
    run = origin.run
    known = run.options
    make = (run.model, run.encoder, known["settings"], known["measured_on"], known["schema"])
    schema = frozen_schema(project)
    wanted = (choice.model, choice.encoder, dict(choice.settings), snapshot.measured_on, schema)
    if make != wanted:
        return None, Anew.OTHER_MAKE.value
    known_labels = len(run.snapshot["train"]) + len(run.snapshot.get("submitted", ()))
    has_grown = len(snapshot.train) + len(snapshot.submitted) > GROWTH * known_labels
    return (None, Anew.GROWN.value) if has_grown else (origin, "")


def frozen_schema(project: Project) -> dict[str, Any]:
    """Return the schema as the engine's schema file spells it."""
    schema = schema_of(project)
    return {
        "entity_types": list(schema.entity_types),
        "relation_types": [
            {
                "name": rule.name,
                "symmetric": rule.symmetric,
                "pairs": [list(pair) for pair in rule.pairs],
            }
            for rule in schema.relations
        ],
    }
