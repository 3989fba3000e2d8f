"""Several models on the same labels: asked for at once, trained in turn, held side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.core.models import Job
from annotator.learning import services
from annotator.learning.models import Comparison, ModelVersion, Run
from annotator.projects.models import Project
from extraction.types import Example, Prediction
from tests.annotator.conftest import AddSentences
from tests.annotator.learning.conftest import GOLD, claim_next, texts
from tests.annotator.learning.judging import NOTHING, end_run, gold, train_saying

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
CHOICES: list[dict[str, Any]] = [
    {"model": "spert.v1"},
    {"model": "spert.v1", "settings": {"epochs": 3}},
    {"model": "onerel.v1"},
]
QUERIES = 7


@pytest.fixture(autouse=True)
def labels(project: Project, add_sentences: AddSentences) -> None:
    """Three labelled sentences of the pool and twelve of the hold-out."""
    add_sentences(project, texts(3), gold=dict.fromkeys(range(3), GOLD))
    more = texts(12, first=3)
    add_sentences(project, more, gold=dict.fromkeys(range(12), GOLD), split="holdout")


def post(client: APIClient, project: Project, choices: Any = None) -> Any:
    address = f"/api/v1/projects/{project.pk}/runs/several/"
    return client.post(address, {"choices": CHOICES if choices is None else choices}, format="json")


def half(example: Example) -> Prediction:
    return gold(example) if int(example.id) % 2 else NOTHING


def test_all_runs_share_labels_and_seed_and_none_is_promoted(
    project: Project, manager: User, ana: User, api: Api
) -> None:
    client = api(manager)
    active = train_saying(project, manager, half)
    answer = post(client, project)
    assert answer.status_code == 202, answer.content
    asked = answer.json()
    assert [one["state"] for one in asked["runs"]] == ["queued"] * 3
    assert (asked["is_over"], asked["sentences"], asked["measured_on"]) == (False, 12, "holdout")
    runs = list(Run.objects.filter(comparison=asked["id"]).order_by("pk"))
    assert len({(one.seed, one.snapshot_hash) for one in runs}) == 1
    assert all(one.options["origin"] is None for one in runs)
    for run, say in zip(runs, (gold, half, lambda _: NOTHING), strict=True):
        version = end_run(run, say)
        assert (version.state, version.gate["code"]) == ("candidate", "compared")
    active.refresh_from_db()
    assert active.state == "active"

    found = api(ana).get(f"/api/v1/projects/{project.pk}/comparisons/{asked['id']}/").json()
    assert found["is_over"] is True
    best, middle, worst = found["versions"]
    assert [one["run"] for one in found["versions"]] == [run.pk for run in runs]
    assert (best["triple"]["f1"], worst["triple"]["f1"]) == (1.0, 0.0)
    assert middle["triple"]["low"] < 0.7 < middle["triple"]["high"]
    pairs = {(one["first"], one["second"]): one for one in found["pairs"]}
    assert len(pairs) == 3
    gap = pairs[best["id"], worst["id"]]["triple"]
    assert (gap["difference"], gap["is_significant"]) == (1.0, True)
    assert client.post(f"/api/v1/models/{best['id']}/promote/").json()["state"] == "active"
    (listed,) = client.get(f"/api/v1/projects/{project.pk}/comparisons/").json()["results"]
    assert listed["id"] == asked["id"]


def test_the_first_version_of_a_project_is_not_promoted_out_of_a_comparison(
    project: Project, manager: User, api: Api
) -> None:
    post(api(manager), project)
    version = end_run(Run.objects.earliest("pk"), gold)
    assert version.state == "candidate"
    assert not ModelVersion.objects.filter(state="active").exists()


def test_a_comparison_under_way_shows_what_has_come_of_it(
    project: Project, manager: User, api: Api
) -> None:
    client = api(manager)
    asked = post(client, project).json()
    end_run(Run.objects.earliest("pk"), gold)
    held = claim_next("train")
    assert held is not None
    services.begin_run(held)
    services.fail_run(held, code="out_of_memory", message="no room")
    found = client.get(f"/api/v1/projects/{project.pk}/comparisons/{asked['id']}/").json()
    assert [one["state"] for one in found["runs"]] == ["done", "failed", "queued"]
    assert (len(found["versions"]), found["pairs"], found["is_over"]) == (1, [], False)
    refused = post(client, project)
    assert (refused.status_code, refused.json()["code"]) == (409, "already_comparing")
    assert refused.json()["context"] == {"comparison": asked["id"]}
    last = found["runs"][2]["id"]
    assert client.post(f"/api/v1/runs/{last}/cancel/").json()["state"] == "cancelled"
    assert post(client, project).status_code == 202


def test_one_ordinary_run_may_wait_beside_a_comparison(
    project: Project, manager: User, api: Api
) -> None:
    client = api(manager)
    post(client, project)
    runs = f"/api/v1/projects/{project.pk}/runs/"
    waiting = client.post(runs, {}).json()
    assert (waiting["state"], waiting["comparison"]) == ("queued", None)
    refused = client.post(runs, {})
    assert (refused.status_code, refused.json()["code"]) == (409, "already_queued")
    assert refused.json()["context"]["run_id"] == waiting["id"]
    assert claim_next("train") is not None
    assert claim_next("train") is None  # one is trained at a time


@pytest.mark.parametrize(
    ("choices", "code", "place"),
    [
        ([CHOICES[0]], "invalid", None),
        (CHOICES * 3, "invalid", None),
        ([CHOICES[0], {"speed": "full"}, CHOICES[0]], "invalid", 2),
        ([{}, {"model": "bert.v9"}], "unknown_model", 1),
        ([{}, {"settings": {"epochz": 3}}], "bad_settings", 1),
        ([{}, {"colour": "red"}], "invalid", None),
    ],
)
def test_a_bad_choice_is_named_and_nothing_is_asked_for(
    project: Project, manager: User, api: Api, choices: Any, code: str, place: int | None
) -> None:
    answer = post(api(manager), project, choices)
    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.content
    assert answer.json()["context"].get("choice") == place
    assert not Run.objects.exists()
    assert not Comparison.objects.exists()
    assert not Job.objects.exists()


def test_without_sentences_to_measure_on_nothing_can_be_compared(
    manager: User, api: Api, add_sentences: AddSentences
) -> None:
    client = api(manager)
    body = {"name": "Other", "template": "ch-ddi"}
    other = Project.objects.get(pk=client.post("/api/v1/projects/", body).json()["id"])
    assert post(client, other).json()["code"] == "nothing_to_learn"
    add_sentences(other, texts(3, first=40), gold=dict.fromkeys(range(3), GOLD))
    refused = post(client, other)
    assert (refused.status_code, refused.json()["code"]) == (409, "too_few_to_compare")


def test_strangers_and_lower_roles(
    project: Project, manager: User, reviewer: User, ana: User, outsider: User, api: Api
) -> None:
    for user, status in ((ana, 403), (reviewer, 403), (outsider, 404), (None, 401)):
        assert post(api(user), project).status_code == status
    made = post(api(manager), project).json()["id"]
    base = f"/api/v1/projects/{project.pk}/comparisons/"
    for user, status in ((ana, 200), (reviewer, 200), (outsider, 404), (None, 401)):
        assert api(user).get(base).status_code == status
        assert api(user).get(f"{base}{made}/").status_code == status
    assert api(ana).get(f"{base}{10**9}/").status_code == 404


def test_a_list_of_comparisons_costs_the_same_queries_whatever_its_length(
    project: Project, manager: User, api: Api
) -> None:
    client = api(manager)
    for _ in range(3):
        post(client, project)
        Run.objects.update(state="cancelled", finished_at="2030-01-01T00:00:00Z")
    with CaptureQueriesContext(connection) as queries:
        listed = client.get(f"/api/v1/projects/{project.pk}/comparisons/").json()["results"]
    assert len(listed) == 3
    assert len(queries) <= QUERIES
