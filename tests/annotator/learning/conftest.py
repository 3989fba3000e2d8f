"""The worker's side of the loop, played through the services that the worker calls."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.core import jobs
from annotator.core.jobs import Claim
from annotator.core.models import Job
from annotator.core.states import JobState
from annotator.corpus.models import Sentence
from annotator.learning import services
from annotator.learning.models import ModelVersion
from annotator.projects.models import Project
from extraction.types import Entity, Graph, Prediction, Relation, ScoredEntity, ScoredRelation

TEXT = "布美他尼片@与多巴胺合用,利尿作用加强"
GOLD = Graph((Entity(0, 5, "药物"), Entity(7, 10, "药物")), (Relation(1, 0, "协同"),))

Train = Callable[..., ModelVersion]


def texts(count: int, *, first: int = 0) -> list[str]:
    """Return different sentences that all carry GOLD's surfaces at GOLD's places."""
    return [f"{TEXT}{number:03}" for number in range(first, first + count)]


def say(sure: float) -> Prediction:
    """Return a prediction of GOLD in which everything is so sure."""
    return Prediction(
        (ScoredEntity(0, 5, "药物", sure), ScoredEntity(7, 10, "药物", sure)),
        (ScoredRelation(1, 0, "协同", sure),),
    )


def claim_next(kind: str) -> Claim | None:
    """Take the oldest waiting job of a kind, as a worker does."""
    job = Job.objects.filter(kind=kind, state=JobState.QUEUED).order_by("pk").first()
    return jobs.claim(job_id=job.pk, worker="test") if job else None


def measured(triple_f1: float, entity_f1: float, *, seed: int, **more: Any) -> services.Measured:
    """Return what a training came to."""
    figures = {"triple_f1": triple_f1, "entity_f1": entity_f1, "measured_on": "holdout"}
    digest = hashlib.sha256(str(seed).encode()).hexdigest()
    return services.Measured(digest, figures, **{"rival_id": None, "rival": None, **more})


@pytest.fixture
def train(manager: User) -> Train:
    """Return a function that asks for a run and ends it as a worker would."""

    def run(
        project: Project, *, triple_f1: float = 0.5, entity_f1: float = 0.7, rival: Any = None
    ) -> ModelVersion:
        asked = services.request_run(project=project, actor=manager, given={})
        held = claim_next("train")
        assert held is not None
        services.begin_run(held)
        active = ModelVersion.objects.filter(project=project, state="active").first()
        return services.register_version(
            held,
            measured(
                triple_f1,
                entity_f1,
                seed=asked.pk,
                rival_id=active.pk if active else None,
                rival=rival or (active.metrics if active else None),
            ),
        )

    return run


def suggest(sureness: Mapping[int, float] | None = None) -> int:
    """Do all waiting chunks; each sentence is as sure as told, else 0.9. Return the chunks done."""
    done = 0
    while (held := claim_next("predict")) is not None:
        ids: Iterable[int] = held.payload["sentences"]
        services.store_suggestions(held, [look(pk, (sureness or {}).get(pk, 0.9)) for pk in ids])
        done += 1
    return done


def look(sentence_id: int, sure: float) -> services.Suggested:
    """Return what a model says of a sentence when it is so sure of everything."""
    length = len(Sentence.objects.get(pk=sentence_id).text)
    doubt = 3 * (1 - sure)
    return services.Suggested(sentence_id, length, say(sure), doubt, doubt / 10, 1 - doubt / 3)


def ask(client: APIClient, project: Project, **body: Any) -> list[dict[str, Any]]:
    """Ask for the next sentences."""
    answer = client.post(f"/api/v1/projects/{project.pk}/next/", body)
    assert answer.status_code == 200, answer.content
    sentences: list[dict[str, Any]] = answer.json()["sentences"]
    return sentences
