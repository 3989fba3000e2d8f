"""The leaderboard: the same sentences for all, intervals, costs, and measuring again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.core.models import AuditEntry, Event, Job
from annotator.corpus.models import Sentence
from annotator.labelling.rewriting import Change
from annotator.learning import services
from annotator.learning.models import Judgement, ModelVersion
from annotator.learning.selectors.chunks import chunk_of
from annotator.learning.services.schema_changes import apply_change
from annotator.learning.services.schema_plan import preview_change
from annotator.projects.models import Project
from extraction.types import Example, Prediction
from tests.annotator.conftest import AddSentences
from tests.annotator.learning.conftest import GOLD, claim_next, texts
from tests.annotator.learning.judging import (
    COSTS,
    NOTHING,
    end_run,
    fail_measurement,
    gold,
    measure_saying,
    train_saying,
)

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
QUERIES = 9


@pytest.fixture
def held_out(project: Project, add_sentences: AddSentences) -> list[Sentence]:
    """Twelve labelled sentences of the hold-out, and three of the pool."""
    add_sentences(project, texts(3), gold=dict.fromkeys(range(3), GOLD))
    return add_sentences(
        project, texts(12, first=3), gold=dict.fromkeys(range(12), GOLD), split="holdout"
    )


def board(client: APIClient, project: Project, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/api/v1/projects/{project.pk}/models/leaderboard/", query)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def half(example: Example) -> Prediction:
    """Say what is gold of every second sentence."""
    return gold(example) if int(example.id) % 2 else NOTHING


@pytest.mark.usefixtures("held_out")
def test_versions_stand_by_what_they_say_of_the_same_sentences(
    project: Project, manager: User, ana: User, api: Api
) -> None:
    weak = train_saying(project, manager, half)
    strong = train_saying(project, manager, gold, encoder="chars-small")
    found = board(api(ana), project)
    assert (found["measured_on"], found["sentences"]) == ("holdout", 12)
    assert (found["active"], found["versions"]) == (strong.pk, 2)
    first, second = found["results"]
    assert (first["id"], second["id"]) == (strong.pk, weak.pk)
    assert first["triple"] == {"f1": 1.0, "low": 1.0, "high": 1.0}
    assert second["triple"]["f1"] == pytest.approx(2 / 3, abs=1e-4)
    assert second["triple"]["low"] < 2 / 3 < second["triple"]["high"]
    assert first["measured"] == {
        "is_comparable": True,
        "measured_on": "holdout",
        "sentences": 12,
        "common": 12,
    }
    assert first["costs"] == COSTS
    assert first["against_active"] is None
    gap = second["against_active"]["triple"]
    assert gap["difference"] == pytest.approx(-1 / 3, abs=1e-4)
    assert gap["high"] < 0
    assert gap["is_significant"] is True


@pytest.mark.usefixtures("held_out")
def test_equal_versions_do_not_differ_significantly(
    project: Project, manager: User, api: Api
) -> None:
    train_saying(project, manager, half)
    train_saying(project, manager, half)
    found = board(api(manager), project, versions="all")
    gap = found["results"][1]["against_active"]
    assert gap["sentences"] == 12
    assert gap["triple"] == {"difference": 0.0, "low": 0.0, "high": 0.0, "is_significant": False}


@pytest.mark.usefixtures("held_out")
def test_of_one_make_the_best_or_the_newest_stands_for_the_others(
    project: Project, manager: User, api: Api
) -> None:
    best = train_saying(project, manager, gold)
    newest = train_saying(project, manager, half)
    client = api(manager)
    (row,) = board(client, project)["results"]
    assert (row["id"], row["state"], row["siblings"]) == (best.pk, "active", 1)
    rows = board(client, project, versions="newest")["results"]
    assert [one["id"] for one in rows] == [best.pk, newest.pk]  # the active one is always there
    services.promote_version(version=newest, actor=manager)
    (row,) = board(client, project, versions="newest")["results"]
    assert row["id"] == newest.pk
    rows = board(client, project, versions="all")["results"]
    assert [one["id"] for one in rows] == [best.pk, newest.pk]


def test_a_version_measured_on_other_sentences_is_not_comparable_until_measured_again(
    project: Project,
    manager: User,
    api: Api,
    add_sentences: AddSentences,
    held_out: list[Sentence],
) -> None:
    old = train_saying(project, manager, half)
    add_sentences(project, texts(2, first=30), gold={0: GOLD, 1: GOLD}, split="holdout")
    new = train_saying(project, manager, half, encoder="chars-small")
    client = api(manager)
    first, second = board(client, project)["results"]
    assert (first["id"], first["measured"]["is_comparable"]) == (new.pk, True)
    assert second["measured"] == {
        "is_comparable": False,
        "measured_on": "holdout",
        "sentences": 12,
        "common": 12,
    }
    assert second["triple"]["f1"] == pytest.approx(2 / 3, abs=1e-4)
    assert second["against_active"] is None

    address = f"/api/v1/projects/{project.pk}/models/{old.pk}/measure/"
    for _ in range(2):
        assert client.post(address).status_code == 202
    assert Job.objects.filter(kind="measure").count() == 1
    row = board(client, project)["results"][1]
    assert row["measuring"] == {"state": "queued", "error": ""}
    measure_saying(gold)
    assert Judgement.objects.filter(model_version=old).count() == 14
    first, second = board(client, project)["results"]
    assert (first["id"], first["measuring"]) == (old.pk, None)
    assert (first["measured"]["sentences"], first["triple"]["f1"]) == (14, 1.0)
    told = Event.objects.filter(kind="model.measured").latest("pk").payload
    assert told == {"model_version": old.pk, "state": "done"}
    entry = AuditEntry.objects.get(action="model.measurement_requested")
    assert (entry.object_id, entry.actor_id) == (old.pk, manager.pk)
    assert ModelVersion.objects.get(pk=old.pk).metrics["triple_f1"] < 1.0  # as it was at the gate


@pytest.mark.usefixtures("held_out")
def test_a_measurement_that_failed_says_so_and_can_be_asked_for_again(
    project: Project, manager: User, api: Api
) -> None:
    version = train_saying(project, manager, half)
    client = api(manager)
    address = f"/api/v1/projects/{project.pk}/models/{version.pk}/measure/"
    client.post(address)
    fail_measurement("model_missing")
    (row,) = board(client, project)["results"]
    assert row["measuring"] == {"state": "failed", "error": "model_missing"}
    assert client.post(address).status_code == 202
    measure_saying(gold)
    (row,) = board(client, project)["results"]
    assert (row["measuring"], row["triple"]["f1"]) == (None, 1.0)


def test_without_a_hold_out_there_is_nothing_to_measure_on(
    project: Project, manager: User, api: Api, add_sentences: AddSentences
) -> None:
    client = api(manager)
    assert board(client, project)["results"] == []
    add_sentences(project, texts(3), gold=dict.fromkeys(range(3), GOLD))
    version = train_saying(project, manager, gold)
    Judgement.objects.all().delete()  # a worker keeps none of training sentences
    found = board(client, project)
    assert (found["measured_on"], found["sentences"]) == ("training", 0)
    (row,) = found["results"]
    assert row["measured"] == {
        "is_comparable": False,
        "measured_on": "training",
        "sentences": 3,
        "common": 0,
    }
    answer = client.post(f"/api/v1/projects/{project.pk}/models/{version.pk}/measure/")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_measure")


@pytest.mark.usefixtures("held_out")
def test_a_version_in_old_words_is_measured_in_those_of_the_renamed_schema(
    project: Project, manager: User, api: Api
) -> None:
    version = train_saying(project, manager, gold)
    change = Change("rename", "relation", ("协同",), "增强")
    token = preview_change(project=project, change=change)["token"]
    apply_change(project=project, change=change, token=token, actor=manager)
    client = api(manager)
    (row,) = board(client, project)["results"]
    assert (row["measured"]["is_comparable"], row["measured"]["common"]) == (False, 0)
    services.request_measurement(version=version, actor=manager)

    def in_old_words(_: Example) -> Prediction:
        return gold(Example("", "", GOLD))

    measure_saying(in_old_words)
    (row,) = board(client, project)["results"]
    assert (row["measured"]["is_comparable"], row["triple"]["f1"]) == (True, 1.0)


@pytest.mark.usefixtures("held_out")
@pytest.mark.parametrize(("say", "code"), [(gold, "not_worse"), (half, "worse")])
def test_the_gate_holds_a_version_against_a_rival_in_old_words(
    project: Project, manager: User, say: Callable[[Example], Prediction], code: str
) -> None:
    rival = train_saying(project, manager, gold)
    change = Change("rename", "relation", ("协同",), "增强")
    token = preview_change(project=project, change=change)["token"]
    apply_change(project=project, change=change, token=token, actor=manager)
    run = services.request_run(project=project, actor=manager, given={})

    def in_old_words(_: Example) -> Prediction:
        return gold(Example("", "", GOLD))

    version = end_run(run, say, rival_says=in_old_words)
    assert version.gate["code"] == code
    assert rival.judgements.filter(gold__in=run.snapshot["holdout"], triple_right=1).count() == 12


def test_a_chunk_is_looked_at_with_the_words_that_the_version_learnt(
    project: Project, manager: User, add_sentences: AddSentences, held_out: list[Sentence]
) -> None:
    train_saying(project, manager, gold)
    add_sentences(project, texts(1, first=20))
    services.suggest_for_new(project.pk)
    held = claim_next("predict")
    assert held is not None
    chunk = chunk_of(held)
    assert chunk is not None
    assert chunk.schema is not None
    change = Change("rename", "relation", ("协同",), "增强")
    token = preview_change(project=project, change=change)["token"]
    apply_change(project=project, change=change, token=token, actor=manager)
    chunk = chunk_of(held)
    assert chunk is not None
    assert chunk.schema is None


@pytest.mark.usefixtures("held_out")
def test_strangers_and_lower_roles(
    project: Project, manager: User, reviewer: User, ana: User, outsider: User, api: Api
) -> None:
    version = train_saying(project, manager, gold)
    base = f"/api/v1/projects/{project.pk}/models/"
    for user, status in ((ana, 200), (reviewer, 200), (outsider, 404), (None, 401)):
        assert api(user).get(f"{base}leaderboard/").status_code == status
    for user, status in ((ana, 403), (reviewer, 403), (outsider, 404), (None, 401)):
        assert api(user).post(f"{base}{version.pk}/measure/").status_code == status
    client = api(manager)
    assert client.post(f"{base}{10**9}/measure/").status_code == 404
    assert client.get(f"{base}leaderboard/?versions=some").status_code == 400
    assert client.get(f"{base}leaderboard/?colour=red").status_code == 400


@pytest.mark.usefixtures("held_out")
def test_the_leaderboard_asks_the_database_as_often_for_many_versions_as_for_one(
    project: Project, manager: User, api: Api
) -> None:
    train_saying(project, manager, gold)
    client = api(manager)
    board(client, project)
    for say in (half, gold, half):
        train_saying(project, manager, say)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(board(client, project, versions="all")["results"]) == 4
    assert len(queries) <= QUERIES
