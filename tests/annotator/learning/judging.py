"""Versions that say what a test wants of the hold-out, registered as a worker does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from annotator.accounts.models import User
from annotator.core.states import JobState
from annotator.labelling.graphs import to_graph
from annotator.labelling.models import GoldRevision
from annotator.learning import services
from annotator.learning.models import ModelVersion, Run
from annotator.learning.selectors.training import measured_revisions
from annotator.projects.models import Project
from extraction.evaluation.report import evaluate
from extraction.types import (
    Entity,
    Example,
    Graph,
    Prediction,
    Relation,
    ScoredEntity,
    ScoredRelation,
)
from tests.annotator.learning.conftest import claim_next

Say = Callable[[Example], Prediction]

NOTHING = Prediction()
RIGHT = Graph((Entity(0, 5, "药物"), Entity(7, 10, "药物")), (Relation(1, 0, "协同"),))
COSTS: Mapping[str, Any] = {
    "train_seconds": 3.5,
    "sentences_per_second": 120.0,
    "peak_memory_bytes": 500_000_000,
    "model_bytes": 4_000_000,
}


def surely(graph: Graph, sure: float = 0.9) -> Prediction:
    """Return the prediction that says a graph."""
    return Prediction(
        tuple(ScoredEntity(e.start, e.end, e.type, sure) for e in graph.entities),
        tuple(ScoredRelation(r.head, r.tail, r.type, sure) for r in graph.relations),
    )


def everything(example: Example) -> Prediction:
    """Say of a sentence what an untaught model can say of it: hundreds of triples."""
    spans = [(start, start + width) for start in range(6) for width in (1, 2)]
    arrows = [
        Relation(head, tail, kind)
        for head in range(len(spans))
        for tail in range(len(spans))
        for kind in ("协同", "拮抗")
        if head < tail and spans[tail][1] <= len(example.text)
    ]
    return surely(Graph(tuple(Entity(*span, "药物") for span in spans), tuple(arrows)), 0.3)


def gold(example: Example) -> Prediction:
    """Say what is gold."""
    return surely(example.graph)


def examples_of(revisions: list[int]) -> list[Example]:
    """Return gold revisions as examples, in the given order."""
    rows = GoldRevision.objects.select_related("sentence").in_bulk(revisions)
    return [
        Example(str(rows[pk].sentence_id), rows[pk].sentence.text, to_graph(rows[pk].graph))
        for pk in revisions
    ]


def train_saying(project: Project, actor: User, say: Say, **given: Any) -> ModelVersion:
    """Ask for a run and end it: its version says so of the measured sentences."""
    run = services.request_run(project=project, actor=actor, given=given)
    return end_run(run, say)


def end_run(run: Run, say: Say, *, rival_says: Say | None = None) -> ModelVersion:
    """End the oldest waiting run as a worker would; a rival is counted by what it says."""
    held = claim_next("train")
    assert held is not None
    assert held.subject_id == run.pk
    services.begin_run(held)
    examples = examples_of(measured_revisions(run))
    said = [say(one) for one in examples]
    kinds = run.options["schema"]["relation_types"]
    symmetric = frozenset(one["name"] for one in kinds if one["symmetric"])
    report = evaluate(examples, [one.graph() for one in said], symmetric)
    active = ModelVersion.objects.filter(project=run.project_id, state="active").first()
    return services.register_version(
        held,
        services.Measured(
            digest=f"{run.pk:064x}",
            metrics={**report, "measured_on": run.options["measured_on"], "costs": dict(COSTS)},
            rival_id=active.pk if active else None,
            rival=active.metrics if active and rival_says is None else None,
            said=[(one.id, what) for one, what in zip(examples, said, strict=True)],
            rival_said=rival_says and [(one.id, rival_says(one)) for one in examples],
        ),
    )


def measure_saying(say: Say) -> None:
    """Do the oldest waiting measurement as a worker would."""
    held = claim_next("measure")
    assert held is not None
    examples = examples_of(held.payload["revisions"])
    services.store_measurement(held, [(one.id, say(one)) for one in examples], COSTS)


def fail_measurement(code: str) -> None:
    """Let the oldest waiting measurement fail."""
    held = claim_next("measure")
    assert held is not None
    services.end_measurement(held, JobState.FAILED, code=code, message="it did not work")
