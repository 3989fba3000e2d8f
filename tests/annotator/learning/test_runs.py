"""Runs: asked for by managers, frozen, queued once, told of, cancelled."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.core import jobs
from annotator.core.jobs import JobLostError, Standing
from annotator.core.models import AuditEntry, Event, Job
from annotator.learning import services
from annotator.learning.models import Run
from annotator.learning.selectors.snapshots import Labelled, share_pool
from annotator.learning.selectors.training import examples, order_of
from annotator.projects.models import Project
from tests.annotator.conftest import AddSentences
from tests.annotator.learning.conftest import GOLD, Train, claim_next, texts

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
QUERIES_OF_A_LIST = 6


def address(project: Project, rest: str = "") -> str:
    return f"/api/v1/projects/{project.pk}/runs/{rest}"


@pytest.fixture
def labelled(project: Project, add_sentences: AddSentences) -> Project:
    """The project with labels in pool and hold-out."""
    add_sentences(project, texts(4), gold=dict.fromkeys(range(4), GOLD))
    add_sentences(project, texts(2, first=4), gold={0: GOLD}, split="holdout")
    return project


def test_a_run_freezes_labels_options_and_seed(
    labelled: Project, manager: User, api: Api, add_sentences: AddSentences
) -> None:
    answer = api(manager).post(address(labelled), {"settings": {"epochs": 2}})
    assert answer.status_code == 202
    run = answer.json()
    assert (run["state"], run["gold_count"], run["holdout_count"]) == ("queued", 4, 1)
    assert run["settings"] == {"epochs": 2}
    assert run["measured_on"] == "holdout"
    assert run["requested_by"] == "mei"
    add_sentences(labelled, texts(3, first=6), gold=dict.fromkeys(range(3), GOLD))
    order = order_of(run["id"])
    assert [one.text for one in examples(order.train)] == texts(4)
    assert [one.text for one in examples(order.dev)] == texts(1, first=4)
    assert next(examples(order.dev)).graph == GOLD
    assert order.schema["entity_types"] == ["药物"]
    assert order.rival is None
    assert Job.objects.get().subject_id == run["id"]
    assert AuditEntry.objects.filter(action="run.requested", actor=manager).count() == 1


def test_while_a_run_waits_another_is_refused_with_its_number(
    labelled: Project, manager: User, api: Api
) -> None:
    client = api(manager)
    first = client.post(address(labelled), {}).json()["id"]
    refused = client.post(address(labelled), {})
    assert refused.status_code == 409
    assert refused.json()["code"] == "already_queued"
    assert refused.json()["context"] == {"run_id": first}
    assert Job.objects.count() == 1


def test_while_a_run_is_under_way_one_more_may_wait(
    labelled: Project, manager: User, api: Api
) -> None:
    client = api(manager)
    client.post(address(labelled), {})
    held = claim_next("train")
    assert held is not None
    services.begin_run(held)
    assert client.post(address(labelled), {}).status_code == 202
    assert claim_next("train") is None
    assert client.post(address(labelled), {}).status_code == 409


def test_without_gold_in_the_pool_there_is_nothing_to_learn(
    project: Project, manager: User, api: Api, add_sentences: AddSentences
) -> None:
    add_sentences(project, texts(2), gold={0: GOLD}, split="holdout")
    add_sentences(project, texts(2, first=2))
    refused = api(manager).post(address(project), {})
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_learn")


def test_retraining_needs_a_manager(
    labelled: Project, ana: User, reviewer: User, outsider: User, manager: User, api: Api
) -> None:
    run = api(manager).post(address(labelled), {}).json()["id"]
    for user, status in ((ana, 403), (reviewer, 403), (outsider, 404), (None, 401)):
        client = api(user)
        assert client.post(address(labelled), {}).status_code == status
        assert client.post(address(labelled, f"{run}/cancel/")).status_code == status
        assert client.post(f"/api/v1/runs/{run}/cancel/").status_code == status
    for user, status in ((ana, 200), (outsider, 404), (None, 401)):
        client = api(user)
        assert client.get(address(labelled)).status_code == status
        assert client.get(address(labelled, f"{run}/")).status_code == status
        assert client.get(f"/api/v1/runs/{run}/").status_code == status
    missing = api(outsider).get("/api/v1/runs/999999/").json()
    hidden = api(outsider).get(f"/api/v1/runs/{run}/").json()
    assert {**hidden, "context": {}} == {**missing, "context": {}}
    assert Run.objects.get().state == "queued"


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"model": "gpt"}, "unknown_model", "model"),
        ({"model": "bio_mtl.v1"}, "unfit_model", "model"),
        ({"encoder": "../../etc"}, "unknown_encoder", "encoder"),
        ({"encoder": "/etc"}, "unknown_encoder", "encoder"),
        ({"encoder": "not-there"}, "unknown_encoder", "encoder"),
        ({"settings": {"epoch": 3}}, "bad_settings", "settings"),
        ({"settings": {"epochs": "many"}}, "bad_settings", "settings"),
        ({"settings": {"epochs": True}}, "bad_settings", "settings"),
        ({"settings": {"epochs": 0}}, "bad_settings", "settings"),
        ({"settings": {"overlaps": "perhaps"}}, "bad_settings", "settings"),
    ],
)
def test_a_bad_choice_is_refused_by_name(
    labelled: Project, manager: User, api: Api, body: dict[str, Any], code: str, field: str
) -> None:
    refused = api(manager).post(address(labelled), body)
    assert refused.status_code == 400
    assert refused.json()["code"] == code
    assert refused.json()["context"]["field"] == field
    assert not Run.objects.exists()


def test_a_model_that_needs_entities_is_refused_with_the_one_that_finds_them(
    labelled: Project, manager: User, api: Api
) -> None:
    client = api(manager)
    offered = {model["name"] for model in client.get("/api/v1/catalogue/").json()["models"]}
    assert "pipeline_bio_mtl.v1" in offered
    assert "bio_mtl.v1" not in offered
    refused = client.post(address(labelled), {"model": "bio_mtl.v1"}).json()
    assert "choose pipeline_bio_mtl.v1" in refused["message"]
    assert (
        client.patch(f"/api/v1/projects/{labelled.pk}/", {"model": "bio_mtl.v1"}).status_code == 400
    )


def test_every_bad_setting_is_told_at_once(labelled: Project, manager: User, api: Api) -> None:
    refused = api(manager).post(address(labelled), {"settings": {"epochs": 0, "warmup": 3}})
    problems = refused.json()["context"]["problems"]
    assert [problem.split(":")[0] for problem in problems] == ["epochs", "warmup"]


def test_an_installed_encoder_can_be_chosen_by_its_name(
    labelled: Project, manager: User, api: Api, settings: Any, tmp_path: Path
) -> None:
    settings.ENCODER_FOLDER = tmp_path
    (tmp_path / "our-bert").mkdir()
    (tmp_path / "our-bert" / "config.json").write_text(json.dumps({"model_type": "bert"}))
    client = api(manager)
    encoders = client.get("/api/v1/catalogue/").json()["encoders"]
    built_in = {one["name"]: one["built_in"] for one in encoders}
    assert (built_in["chars-tiny"], built_in["our-bert"]) == (True, False)
    assert client.post(address(labelled), {"encoder": "our-bert"}).status_code == 202


def test_progress_is_shown_told_and_fenced(labelled: Project, manager: User, api: Api) -> None:
    client = api(manager)
    run_id = client.post(address(labelled), {}).json()["id"]
    held = claim_next("train")
    assert held is not None
    services.begin_run(held)
    for epoch, loss in ((1, 0.9), (2, 0.5)):
        services.record_progress(
            held,
            services.Progress("training", epoch / 4, epoch, 4, loss, eta_seconds=9.0),
        )
    services.record_progress(held, services.Progress("training", 0.5, 2, dev_f1=0.4))
    run = client.get(f"/api/v1/runs/{run_id}/").json()
    assert (run["state"], run["progress"], run["epochs"], run["dev_f1"]) == ("running", 0.5, 4, 0.4)
    assert run["history"] == [
        {"epoch": 1, "loss": 0.9, "dev_f1": None},
        {"epoch": 2, "loss": 0.5, "dev_f1": 0.4},
    ]
    told = Event.objects.filter(kind="run.progress").latest("pk").payload
    assert (told["run_id"], told["progress"]) == (run_id, 0.5)
    jobs.retry_later(held, code="killed", message="The training was killed")
    late = services.record_progress(held, services.Progress("training", 0.9))
    assert late is Standing.LOST
    assert Run.objects.get().progress == 0.5


def test_a_training_that_begins_again_forgets_the_epochs_it_has_not_reached(
    labelled: Project, manager: User
) -> None:
    services.request_run(project=labelled, actor=manager, given={})
    held = claim_next("train")
    assert held is not None
    for epoch in (1, 2, 3, 1):
        services.record_progress(held, services.Progress("training", epoch=epoch, loss=1 / epoch))
    assert [point["epoch"] for point in Run.objects.get().history] == [1]


def test_a_waiting_run_is_cancelled_at_once(labelled: Project, manager: User, api: Api) -> None:
    client = api(manager)
    run_id = client.post(address(labelled), {}).json()["id"]
    for _ in range(2):
        answer = client.post(address(labelled, f"{run_id}/cancel/"))
        assert answer.status_code == 200
        assert answer.json()["state"] == "cancelled"
    assert claim_next("train") is None
    assert client.post(address(labelled), {}).status_code == 202


def test_a_run_under_way_is_asked_to_stop(labelled: Project, manager: User, api: Api) -> None:
    client = api(manager)
    run_id = client.post(address(labelled), {}).json()["id"]
    held = claim_next("train")
    assert held is not None
    services.begin_run(held)
    assert client.post(f"/api/v1/runs/{run_id}/cancel/").json()["state"] == "running"
    assert services.record_progress(held, services.Progress("training")) is Standing.CANCEL
    services.cancel_held_run(held)
    assert client.get(f"/api/v1/runs/{run_id}/").json()["state"] == "cancelled"


def test_a_failed_run_says_why_and_is_over(labelled: Project, manager: User, api: Api) -> None:
    client = api(manager)
    run_id = client.post(address(labelled), {}).json()["id"]
    held = claim_next("train")
    assert held is not None
    services.begin_run(held)
    services.fail_run(held, code="no_entities", message="Nothing to learn from")
    run = client.get(f"/api/v1/runs/{run_id}/").json()
    assert run["state"] == "failed"
    assert run["error"] == {"code": "no_entities", "message": "Nothing to learn from"}
    over = client.post(f"/api/v1/runs/{run_id}/cancel/")
    assert (over.status_code, over.json()["code"]) == (409, "run_is_over")
    with pytest.raises(JobLostError):
        services.fail_run(held, code="again", message="")


def test_a_run_that_was_picked_up_by_another_worker_cannot_be_ended_by_the_first(
    labelled: Project, manager: User
) -> None:
    services.request_run(project=labelled, actor=manager, given={})
    dead = claim_next("train")
    assert dead is not None
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_job SET lease_until = clock_timestamp() - interval '1 s'")
    jobs.sweep()
    heir = claim_next("train")
    assert heir is not None
    services.begin_run(heir)
    with pytest.raises(JobLostError):
        services.fail_run(dead, code="late", message="")
    assert Run.objects.get().state == "running"


def test_without_a_labelled_hold_out_a_share_of_the_pool_measures_and_the_run_says_so(
    project: Project, manager: User, add_sentences: AddSentences
) -> None:
    add_sentences(project, texts(60), gold=dict.fromkeys(range(60), GOLD))
    run = services.request_run(project=project, actor=manager, given={})
    assert run.options["measured_on"] == "pool_share"
    assert 0 < len(run.snapshot["dev"]) < 25
    assert run.gold_count == 60
    assert not set(run.snapshot["dev"]) & set(run.snapshot["train"])


def test_with_few_labels_all_of_them_train(
    project: Project, manager: User, add_sentences: AddSentences
) -> None:
    add_sentences(project, texts(3), gold=dict.fromkeys(range(3), GOLD))
    run = services.request_run(project=project, actor=manager, given={})
    assert run.options["measured_on"] == "training"
    assert order_of(run.pk).dev == order_of(run.pk).train == run.snapshot["train"]


def test_a_quick_run_goes_on_from_the_active_version_of_the_same_make(
    labelled: Project, manager: User, train: Train, add_sentences: AddSentences
) -> None:
    def origin(**given: Any) -> int | None:
        run = services.request_run(project=labelled, actor=manager, given=given)
        services.cancel_run(run=run, actor=manager)
        origin_id: int | None = run.options["origin"]
        assert (order_of(run.pk).origin_digest is None) is (origin_id is None)
        return origin_id

    assert origin() is None
    version = train(labelled)
    assert origin() == version.pk
    assert origin(speed="full") is None
    assert origin(encoder="chars-small") is None
    assert origin(settings={"epochs": 3}) is None
    add_sentences(labelled, texts(6, first=6), gold=dict.fromkeys(range(6), GOLD))
    assert origin() is None


def test_a_run_never_goes_on_from_a_model_that_has_seen_what_measures_it(
    project: Project, manager: User, train: Train, add_sentences: AddSentences
) -> None:
    add_sentences(project, texts(18), gold=dict.fromkeys(range(18), GOLD))
    train(project)
    add_sentences(project, texts(3, first=18), gold=dict.fromkeys(range(3), GOLD))
    run = services.request_run(project=project, actor=manager, given={})
    assert run.options["measured_on"] == "pool_share"
    assert run.options["origin"] is None


def test_near_duplicates_are_never_split_and_their_lot_stays_when_labels_are_added() -> None:
    pool = [Labelled(number, number // 3) for number in range(300)]
    train, dev = share_pool(pool, seed=1)
    assert not {number // 3 for number in train} & {number // 3 for number in dev}
    _, later = share_pool([*pool, *(Labelled(n, n // 3) for n in range(300, 600))], seed=1)
    assert later[: len(dev)] == dev
    assert share_pool(pool, seed=2)[1] != dev


def test_the_list_of_runs_needs_the_same_few_queries_for_many(
    labelled: Project, manager: User, api: Api, train: Train
) -> None:
    client = api(manager)
    for _ in range(3):
        train(labelled)
    with CaptureQueriesContext(connection) as seen:
        runs = client.get(address(labelled)).json()["results"]
    assert len(seen) <= QUERIES_OF_A_LIST
    assert [run["state"] for run in runs] == ["done"] * 3
    assert runs[0]["id"] > runs[1]["id"]
    assert runs[0]["model_version"] is not None
    assert runs[0]["metrics"]["measured_on"] == "holdout"
