"""When training starts by itself, and what the card says while it does not."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.core import jobs
from annotator.core.models import AuditEntry, Job, Worker
from annotator.corpus.models import Sentence
from annotator.labelling.graphs import from_example
from annotator.labelling.models import GoldRevision
from annotator.learning import services
from annotator.learning.models import Run, RunPolicy
from annotator.learning.selectors.training import examples, order_of, submitted_examples
from annotator.projects.models import Project
from tests.annotator.conftest import AddSentences, entity
from tests.annotator.learning.conftest import GOLD, Train, claim_next, texts

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
Label = Callable[..., list[Sentence]]
QUERIES_OF_A_CARD = 20


def settings_of(project: Project) -> str:
    return f"/api/v1/projects/{project.pk}/policy/"


@pytest.fixture
def worker() -> None:
    """A worker of the queue `train` that was just seen."""
    jobs.beat("train@here", ["train"])


@pytest.fixture
def switched_on(project: Project, manager: User, api: Api) -> Project:
    """The project, training by itself after ten new labels."""
    answer = api(manager).patch(settings_of(project), {"automatic": True, "wanted": 10})
    assert answer.status_code == 200, answer.content
    return project


@pytest.fixture
def label(project: Project, add_sentences: AddSentences) -> Label:
    """Return a function that adds labelled sentences."""

    def add(count: int, split: str = "pool", *, ago: float = 0.0) -> list[Sentence]:
        first = Sentence.objects.filter(project=project).count()
        made = add_sentences(project, texts(count, first=first), split=split)
        for sentence in made:
            GoldRevision.objects.create(
                sentence=sentence,
                version=1,
                graph=from_example(GOLD, source="imported"),
                origin="imported",
                at=timezone.now() - timedelta(minutes=ago),
            )
        Sentence.objects.filter(pk__in=[one.pk for one in made]).update(
            gold_version=1, state="gold"
        )
        return made

    return add


def card(client: APIClient, project: Project) -> dict[str, Any]:
    answer = client.get(f"/api/v1/projects/{project.pk}/training/")
    assert answer.status_code == 200, answer.content
    said: dict[str, Any] = answer.json()
    return said


def wait(minutes: float) -> None:
    """Let time go by since runs ended."""
    by = timedelta(minutes=minutes)
    Run.objects.filter(finished_at__isnull=False).update(finished_at=F("finished_at") - by)


def fail() -> None:
    """End the waiting run as a worker does that cannot train."""
    held = claim_next("train")
    assert held is not None
    services.begin_run(held)
    services.fail_run(held, code="out_of_memory", message="Too little memory")


def test_nothing_trains_by_itself_until_a_manager_says_so(
    project: Project, manager: User, api: Api, label: Label, worker: None
) -> None:
    label(40)
    services.start_due_runs()
    assert not Run.objects.exists()
    said = card(api(manager), project)
    assert (said["why"]["code"], said["is_training"], said["automatic"]) == ("off", False, False)
    assert api(manager).get(settings_of(project)).json() == {
        "automatic": False,
        "wanted": 30,
        "minutes": 10,
        "speed": "quick",
        "nightly_hour": None,
        "labels": "gold",
    }


def test_enough_new_labels_start_a_run_that_says_so(
    switched_on: Project, ana: User, api: Api, label: Label, worker: None
) -> None:
    label(9)
    services.start_due_runs()
    said = card(api(ana), switched_on)
    assert said["why"]["code"] == "waiting_for_time"
    assert (said["next"]["new_gold"], said["next"]["wanted"]) == (9, 10)
    label(1)
    services.start_due_runs()
    run = Run.objects.get()
    assert (run.requested_by, run.speed, run.options["automatic"]) == (
        None,
        "quick",
        "enough_labels",
    )
    said = card(api(ana), switched_on)
    assert (said["why"]["code"], said["run"]["id"], said["run"]["anew"]) == (
        "queued",
        run.pk,
        "no_version",
    )
    assert AuditEntry.objects.get(action="run.requested").actor is None


def test_time_starts_a_run_when_there_is_a_handful_of_labels(
    switched_on: Project, ana: User, api: Api, label: Label, worker: None
) -> None:
    label(4, ago=3)
    services.start_due_runs()
    assert card(api(ana), switched_on)["why"]["code"] == "waiting_for_labels"
    label(1)
    assert card(api(ana), switched_on)["next"]["minutes_left"] == 7
    services.start_due_runs()
    assert not Run.objects.exists()
    label(1, ago=10)
    services.start_due_runs()
    assert Run.objects.get().options["automatic"] == "time_is_up"


def test_time_alone_starts_nothing_for_a_few_labels(
    switched_on: Project, label: Label, worker: None
) -> None:
    label(4, ago=60)
    services.start_due_runs()
    assert not Run.objects.exists()


def test_labels_that_arrive_during_a_run_count_to_the_next(
    switched_on: Project, train: Train, ana: User, api: Api, label: Label, worker: None
) -> None:
    label(10)
    train(switched_on)
    assert card(api(ana), switched_on)["why"]["code"] == "just_trained"
    label(10)
    services.start_due_runs()
    label(9)
    held = claim_next("train")
    assert held is not None
    services.begin_run(held)
    services.start_due_runs()
    said = card(api(ana), switched_on)
    assert (said["why"]["code"], said["next"]["new_gold"]) == ("running", 9)
    assert Run.objects.count() == 2


def test_the_card_says_what_a_run_goes_on_from(
    switched_on: Project, train: Train, ana: User, api: Api, label: Label, worker: None
) -> None:
    label(30)
    version = train(switched_on)
    label(10)
    services.start_due_runs()
    said = card(api(ana), switched_on)["run"]
    assert (said["origin_number"], said["anew"]) == (version.number, None)


def test_labels_of_the_hold_out_start_nothing(
    switched_on: Project, ana: User, api: Api, label: Label, worker: None
) -> None:
    label(20, "holdout", ago=60)
    services.start_due_runs()
    assert not Run.objects.exists()
    assert card(api(ana), switched_on)["why"]["code"] == "nothing_to_learn"


def test_after_failures_it_waits_longer_each_time(
    switched_on: Project, ana: User, api: Api, label: Label, worker: None
) -> None:
    label(10)
    for pause in (10, 20, 40):
        services.start_due_runs()
        fail()
        services.start_due_runs()
        said = card(api(ana), switched_on)["why"]
        assert said["code"] == "failed_backing_off"
        assert (said["failure"], said["retry_minutes"]) == ("out_of_memory", pause)
        wait(pause)
    services.start_due_runs()
    assert Run.objects.filter(state="queued").count() == 1


def test_what_somebody_cancelled_is_not_begun_again(
    switched_on: Project, manager: User, api: Api, label: Label, worker: None
) -> None:
    label(10)
    services.start_due_runs()
    services.cancel_run(run=Run.objects.get(), actor=manager)
    services.start_due_runs()
    assert Run.objects.count() == 1
    assert card(api(manager), switched_on)["why"]["code"] == "cancelled"


@pytest.mark.parametrize("queues", [[], ["io", "predict"]])
def test_without_a_worker_that_trains_nothing_is_asked_for(
    switched_on: Project, ana: User, api: Api, label: Label, queues: list[str]
) -> None:
    label(10)
    jobs.beat("other@here", queues)
    jobs.beat("train@gone", ["train"])
    Worker.objects.filter(name="train@gone").update(seen_at=timezone.now() - timedelta(minutes=5))
    services.start_due_runs()
    assert not Run.objects.exists()
    said = card(api(ana), switched_on)
    assert (said["why"]["code"], said["workers_alive"]) == ("no_worker", 0)


def test_the_command_shows_and_changes_when_it_trains(
    project: Project, label: Label, worker: None
) -> None:
    label(6)

    def command(*pairs: str) -> dict[str, Any]:
        out = StringIO()
        call_command(
            "training_policy", project.pk, *(["--set", *pairs] if pairs else []), stdout=out
        )
        found: dict[str, Any] = json.loads(out.getvalue())
        return found

    assert command()["training"]["why"]["code"] == "off"
    said = command("automatic=true", "wanted=5", "nightly_hour=2")
    assert said["policy"] == {
        "automatic": True,
        "wanted": 5,
        "minutes": 10,
        "speed": "quick",
        "nightly_hour": 2,
        "labels": "gold",
    }
    assert said["training"]["why"]["code"] == "enough_labels"
    assert command("nightly_hour=null")["policy"]["nightly_hour"] is None
    for bad in ("wanted=4", "wanted", "hours=3"):
        with pytest.raises(CommandError, match=bad.partition("=")[0]):
            command(bad)
    with pytest.raises(CommandError, match="no project"):
        call_command("training_policy", project.pk + 1)


def test_the_night_brings_one_full_training(
    switched_on: Project, manager: User, train: Train, api: Api, label: Label, worker: None
) -> None:
    label(10)
    train(switched_on)
    here = timezone.now().hour
    for hour, runs in (((here + 12) % 24, 1), (here, 2)):
        api(manager).patch(settings_of(switched_on), {"nightly_hour": hour})
        services.start_due_runs()
        assert Run.objects.count() == runs
    night = Run.objects.get(speed="full")
    assert night.options["automatic"] == "nightly"
    services.cancel_run(run=night, actor=manager)
    services.start_due_runs()
    assert Run.objects.count() == 2


@pytest.fixture
def nights(switched_on: Project, manager: User, api: Api, worker: None) -> datetime:
    """The start of a night that ended an hour ago; the setting was made days before it."""
    night = timezone.now() - timedelta(hours=2)
    api(manager).patch(settings_of(switched_on), {"nightly_hour": night.hour, "wanted": 1000})
    RunPolicy.objects.update(changed_at=timezone.now() - timedelta(days=3), minutes=1440)
    return night.replace(minute=0, second=0, microsecond=0)


def test_a_night_without_a_worker_is_made_up_for_once(
    switched_on: Project, manager: User, api: Api, label: Label, nights: datetime
) -> None:
    label(6, ago=(timezone.now() - nights).total_seconds() / 60 + 30)
    api(manager).patch(settings_of(switched_on), {"wanted": 999})  # no word on the nights
    said = card(api(manager), switched_on)
    assert (said["why"]["code"], said["next"]["speed"]) == ("nightly", "full")
    for _ in range(2):
        services.start_due_runs()
    run = Run.objects.get()
    assert (run.speed, run.options["automatic"]) == ("full", "nightly")
    services.cancel_run(run=run, actor=manager)
    label(6)
    services.start_due_runs()
    assert Run.objects.count() == 1


def test_what_was_labelled_after_the_night_waits_for_the_next(
    switched_on: Project, ana: User, api: Api, label: Label, nights: datetime
) -> None:
    label(6, ago=(timezone.now() - nights).total_seconds() / 60 - 61)
    services.start_due_runs()
    assert not Run.objects.exists()
    assert card(api(ana), switched_on)["why"]["code"] == "waiting_for_time"


def test_a_night_before_the_setting_is_not_made_up_for(
    switched_on: Project, manager: User, api: Api, label: Label, nights: datetime
) -> None:
    label(6, ago=60 * 24)
    client = api(manager)
    client.patch(settings_of(switched_on), {"nightly_hour": None, "automatic": False})
    client.patch(settings_of(switched_on), {"automatic": True, "nightly_hour": nights.hour})
    assert card(client, switched_on)["why"]["code"] != "nightly"


def requests_of_a_run(client: APIClient, project: Project) -> str:
    """Return the code for which a run is refused now."""
    answer = client.post(f"/api/v1/projects/{project.pk}/runs/", {})
    assert answer.status_code in {400, 409}, answer.content
    code: str = answer.json()["code"]
    return code


def test_submissions_without_gold_measure_nothing_and_the_card_says_so(  # noqa: PLR0917 - fixtures
    switched_on: Project,
    manager: User,
    ana: User,
    api: Api,
    add_sentences: AddSentences,
    label: Label,
    put: Callable[..., Any],
    worker: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    Project.objects.update(overlap=2)  # one submission makes no gold
    api(manager).patch(settings_of(switched_on), {"labels": "submitted"})
    for sentence in add_sentences(switched_on, texts(10)):
        put(api(ana), sentence, entities=[entity("e1", 0, 5)], action="submit")
    said = card(api(ana), switched_on)
    assert said["why"]["code"] == "submitted_only"
    assert (said["why"]["is_due"], said["next"]["labels"]) == (False, 10)
    services.start_due_runs()
    assert not Run.objects.exists()
    assert not caplog.records
    assert requests_of_a_run(api(manager), switched_on) == "submitted_only"
    label(1, "holdout")
    assert card(api(ana), switched_on)["why"]["code"] == "enough_labels"
    services.start_due_runs()
    assert Run.objects.get().snapshot["submitted"]


def test_an_encoder_that_is_gone_is_told_before_anything_is_tried(
    switched_on: Project,
    manager: User,
    api: Api,
    label: Label,
    worker: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    label(10)
    Project.objects.update(encoder="was-here")
    services.start_due_runs()
    assert not caplog.records
    said = card(api(manager), switched_on)
    assert (said["why"]["code"], said["why"]["is_due"]) == ("refused", False)
    assert said["why"]["refusal"] == requests_of_a_run(api(manager), switched_on)
    assert said["why"]["refusal"] == "unknown_encoder"
    assert "encoder" in said["why"]["refusal_message"]
    assert (said["next"]["origin_number"], said["next"]["anew"]) == (None, None)
    Project.objects.update(encoder="chars-tiny")
    services.start_due_runs()
    assert Run.objects.count() == 1


def test_the_card_says_what_the_next_training_would_go_on_from(
    switched_on: Project, manager: User, train: Train, api: Api, label: Label, worker: None
) -> None:
    client = api(manager)

    def foreseen() -> tuple[Any, ...]:
        following = card(client, switched_on)["next"]
        return following["speed"], following["origin_number"], following["anew"]

    label(30)
    assert foreseen() == ("quick", None, "no_version")
    version = train(switched_on)
    assert foreseen() == ("quick", version.number, None)
    client.patch(settings_of(switched_on), {"speed": "full"})
    assert foreseen() == ("full", None, "full")
    client.patch(settings_of(switched_on), {"automatic": False})
    assert foreseen() == ("quick", version.number, None)
    label(30)
    assert foreseen() == ("quick", None, "grown")
    Project.objects.update(model="iser.v1")
    assert foreseen() == ("quick", None, "other_make")


def test_the_last_failure_stays_on_the_card_while_the_next_one_waits(
    switched_on: Project, manager: User, api: Api, label: Label, worker: None
) -> None:
    label(10)
    services.start_due_runs()
    fail()
    services.request_run(project=switched_on, actor=manager, given={})
    said = card(api(manager), switched_on)["why"]
    assert (said["code"], said["failure"]) == ("queued", "out_of_memory")
    assert said["failure_message"] == "Too little memory"


def test_submissions_that_are_not_gold_train_only_when_asked_for(  # noqa: PLR0917 - fixtures
    switched_on: Project,
    manager: User,
    ana: User,
    bo: User,
    api: Api,
    add_sentences: AddSentences,
    put: Callable[..., Any],
) -> None:
    switched_on.overlap = 2
    switched_on.save()
    add_sentences(switched_on, texts(1), gold={0: GOLD})
    add_sentences(switched_on, texts(1, first=1), gold={0: GOLD}, split="holdout")
    (weak,) = add_sentences(switched_on, texts(1, first=2))
    (hidden,) = add_sentences(switched_on, texts(1, first=3), split="holdout")
    for sentence in (weak, hidden):
        put(api(ana), sentence, entities=[entity("e1", 0, 5)], action="submit")
    put(api(bo), weak, entities=[entity("e1", 7, 10)], action="submit")
    gold_only = services.request_run(project=switched_on, actor=manager, given={})
    assert "submitted" not in gold_only.snapshot
    services.cancel_run(run=gold_only, actor=manager)
    api(manager).patch(settings_of(switched_on), {"labels": "submitted"})
    run = services.request_run(project=switched_on, actor=manager, given={})
    put(api(bo), weak, version=1, entities=[], action="submit")
    order = order_of(run.pk)
    (only,) = submitted_examples(order.submitted)
    assert only.text == weak.text
    assert [(e.start, e.end) for e in only.graph.entities] == [(7, 10)]
    assert [one.text for one in examples(order.dev)] == texts(1, first=1)


@pytest.mark.parametrize(
    "body",
    [
        {"wanted": 4},
        {"wanted": 1001},
        {"minutes": 0},
        {"minutes": 1441},
        {"nightly_hour": 24},
        {"nightly_hour": -1},
        {"speed": "slow"},
        {"labels": "drafts"},
        {"automatic": "perhaps"},
        {"often": True},
    ],
)
def test_what_cannot_be_is_refused(
    switched_on: Project, manager: User, api: Api, body: dict[str, Any]
) -> None:
    before = api(manager).get(settings_of(switched_on)).json()
    assert api(manager).patch(settings_of(switched_on), body).status_code == 400
    assert api(manager).get(settings_of(switched_on)).json() == before


def test_members_look_managers_change_strangers_find_nothing(
    project: Project, manager: User, reviewer: User, ana: User, outsider: User, api: Api
) -> None:
    for who in (reviewer, ana):
        assert api(who).get(settings_of(project)).status_code == 200
        assert api(who).patch(settings_of(project), {"automatic": True}).status_code == 403
    assert api(outsider).get(settings_of(project)).status_code == 404
    assert api(outsider).patch(settings_of(project), {"automatic": True}).status_code == 404
    assert api(outsider).get(f"/api/v1/projects/{project.pk}/training/").status_code == 404
    assert api(manager).patch(settings_of(project), {"minutes": 20}).json()["minutes"] == 20
    assert AuditEntry.objects.get(action="policy.changed").actor == manager


def test_the_card_costs_the_same_queries_however_much_is_labelled(
    switched_on: Project, ana: User, api: Api, label: Label, train: Train, worker: None
) -> None:
    client = api(ana)
    label(10)
    train(switched_on)
    for more in (1, 30):
        label(more)
        with CaptureQueriesContext(
            connection,
        ) as spent:
            card(client, switched_on)
        assert len(spent) <= QUERIES_OF_A_CARD


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_ask_for_one_run(
    switched_on: Project, label: Label, worker: None
) -> None:
    label(10)
    start = threading.Barrier(4)

    def sweep() -> None:
        start.wait()
        services.start_due_runs()
        connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Run.objects.count() == Job.objects.filter(kind="train").count() == 1
