"""Versions: the gate, promotion, rollback, and what becomes of suggestions and the queue."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.core import jobs
from annotator.core.jobs import JobLostError
from annotator.core.models import Event, Job
from annotator.core.states import JobState
from annotator.corpus.models import Sentence
from annotator.labelling.graphs import EMPTY
from annotator.labelling.models import Slot
from annotator.labelling.services import Save, save_annotation
from annotator.labelling.services.saving import Action
from annotator.learning import services
from annotator.learning.models import ModelVersion, Run, Suggestion
from annotator.learning.services.gate import judge
from annotator.learning.services.suggestions import cut_chunks
from annotator.projects.models import Project
from tests.annotator.conftest import AddSentences
from tests.annotator.learning.conftest import (
    GOLD,
    Train,
    claim_next,
    look,
    measured,
    suggest,
    texts,
)

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]


@pytest.fixture
def open_ones(project: Project, add_sentences: AddSentences) -> list[Sentence]:
    """Three open sentences beside a labelled one."""
    add_sentences(project, texts(1), gold={0: GOLD})
    return add_sentences(project, texts(3, first=1))


def active(project: Project) -> list[int]:
    rows = ModelVersion.objects.filter(project=project, state="active")
    return list(rows.values_list("number", flat=True))


def test_the_first_version_is_promoted(
    project: Project, open_ones: list[Sentence], train: Train
) -> None:
    version = train(project)
    assert active(project) == [1]
    assert version.gate["passed"] is True
    assert "first version" in version.gate["reason"]
    assert Run.objects.get().state == "done"
    kinds = list(Event.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds[-3:] == ["run.changed", "model.promoted", "suggestions.ready"]


def test_a_clearly_worse_version_stays_a_candidate_and_says_why(
    project: Project, open_ones: list[Sentence], train: Train
) -> None:
    train(project, triple_f1=0.6)
    worse = train(project, triple_f1=0.5)
    assert active(project) == [1]
    assert worse.state == "candidate"
    assert worse.gate["passed"] is False
    assert "triple_f1" in worse.gate["reason"]
    assert "0.500" in worse.gate["reason"]


def test_a_worse_candidate_changes_neither_suggestions_nor_the_queue_until_it_is_promoted(
    project: Project, open_ones: list[Sentence], train: Train, manager: User, api: Api
) -> None:
    client = api(manager)
    first = train(project, triple_f1=0.6, entity_f1=0.8)
    suggest()
    sentence = f"/api/v1/sentences/{open_ones[0].pk}/"
    before = client.get(sentence).json()["suggestion"]
    base = f"/api/v1/projects/{project.pk}/models/"
    for triple_f1, entity_f1 in ((0.57, 0.9), (0.9, 0.77)):
        worse = train(project, triple_f1=triple_f1, entity_f1=entity_f1)
        newest = client.get(base).json()["results"][0]
        assert (newest["id"], newest["state"]) == (worse.pk, "candidate")
        assert (newest["gate"]["passed"], newest["gate"]["code"]) == (False, "worse")
        assert claim_next("predict") is None
        assert client.get(sentence).json()["suggestion"] == before
    assert (before["model_version"], before["stale"]) == (first.pk, False)
    newest = client.get(base).json()["results"][0]
    assert client.post(f"{base}{newest['id']}/promote/").json()["state"] == "active"
    assert claim_next("predict") is not None


def test_a_version_within_the_tolerance_is_promoted(
    project: Project, open_ones: list[Sentence], train: Train
) -> None:
    train(project, triple_f1=0.6)
    train(project, triple_f1=0.59)
    assert active(project) == [2]


def test_a_project_says_how_much_worse_a_version_may_be(
    project: Project, open_ones: list[Sentence], train: Train, manager: User, ana: User, api: Api
) -> None:
    address = f"/api/v1/projects/{project.pk}/"
    changed = api(manager).patch(address, {"gate_tolerance": 0.1})
    assert (changed.status_code, changed.json()["gate_tolerance"]) == (200, 0.1)
    assert api(manager).patch(address, {"gate_tolerance": 0.6}).status_code == 400
    assert api(ana).patch(address, {"gate_tolerance": 0.0}).status_code == 403
    train(project, triple_f1=0.6)
    train(project, triple_f1=0.52)
    assert active(project) == [2]
    api(manager).patch(address, {"gate_tolerance": 0.0})
    worse = train(project, triple_f1=0.51)
    assert active(project) == [2]
    assert "more than 0.00" in worse.gate["reason"]


def test_the_gate_compares_with_the_active_version_on_the_same_sentences() -> None:
    new = {"triple_f1": 0.5, "entity_f1": 0.7, "measured_on": "holdout"}
    assert judge(new, None).has_passed
    assert judge(new, {"triple_f1": 0.51, "entity_f1": 0.71}).has_passed
    assert not judge(new, {"triple_f1": 0.2, "entity_f1": 0.9}).has_passed
    assert "no hold-out is labelled" in judge({**new, "measured_on": "pool_share"}, None).reason


def test_a_version_judged_against_one_that_is_no_longer_active_waits_for_a_person(
    project: Project, open_ones: list[Sentence], train: Train, manager: User
) -> None:
    train(project)
    services.request_run(project=project, actor=manager, given={})
    held = claim_next("train")
    assert held is not None
    services.begin_run(held)
    late = services.register_version(held, measured(0.9, 0.9, seed=1, rival_id=None))
    assert (late.state, active(project)) == ("candidate", [1])


def test_a_training_is_registered_once(
    project: Project, open_ones: list[Sentence], manager: User
) -> None:
    services.request_run(project=project, actor=manager, given={})
    held = claim_next("train")
    assert held is not None
    services.begin_run(held)
    services.register_version(held, measured(0.5, 0.5, seed=1))
    with pytest.raises(JobLostError):
        services.register_version(held, measured(0.5, 0.5, seed=1))
    assert ModelVersion.objects.count() == 1


def test_promotion_and_rollback_by_hand(
    project: Project, open_ones: list[Sentence], train: Train, manager: User, api: Api
) -> None:
    client = api(manager)
    versions = [train(project, triple_f1=f1) for f1 in (0.5, 0.6, 0.7)]
    base = f"/api/v1/projects/{project.pk}/models/"
    for expected in (2, 1):
        answer = client.post(f"{base}rollback/")
        assert (answer.status_code, answer.json()["number"]) == (200, expected)
        assert active(project) == [expected]
    refused = client.post(f"{base}rollback/")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_roll_back")
    for _ in range(2):
        assert client.post(f"{base}{versions[2].pk}/promote/").json()["state"] == "active"
    assert active(project) == [3]
    assert client.post(f"/api/v1/models/{versions[0].pk}/promote/").json()["number"] == 1
    listed = client.get(base).json()["results"]
    assert [(one["number"], one["state"]) for one in listed] == [
        (3, "retired"),
        (2, "retired"),
        (1, "active"),
    ]


@pytest.mark.usefixtures("open_ones")
def test_promotion_and_rollback_need_a_manager(
    project: Project,
    train: Train,
    ana: User,
    reviewer: User,
    outsider: User,
    api: Api,
) -> None:
    version = train(project)
    base = f"/api/v1/projects/{project.pk}/models/"
    for user, status in ((ana, 403), (reviewer, 403), (outsider, 404), (None, 401)):
        client = api(user)
        assert client.post(f"{base}{version.pk}/promote/").status_code == status
        assert client.post(f"/api/v1/models/{version.pk}/promote/").status_code == status
        assert client.post(f"{base}rollback/").status_code == status
    assert api(ana).get(base).status_code == 200
    assert api(outsider).get(base).status_code == 404


def test_a_model_of_another_project_is_not_found_here(
    project: Project, open_ones: list[Sentence], train: Train, manager: User, api: Api
) -> None:
    version = train(project)
    client = api(manager)
    other = client.post("/api/v1/projects/", {"name": "Other"}).json()["id"]
    answer = client.post(f"/api/v1/projects/{other}/models/{version.pk}/promote/")
    assert answer.status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_promotions_at_once_one_wins_and_one_version_is_active(
    project: Project, open_ones: list[Sentence], train: Train, manager: User
) -> None:
    versions = [train(project, triple_f1=0.5 + step / 10) for step in range(3)]

    def promote(version: ModelVersion) -> None:
        try:
            services.promote_version(version=version, actor=manager)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as people:
        list(people.map(promote, versions * 4))
    assert len(active(project)) == 1


def test_after_promotion_open_sentences_are_suggested_in_the_order_of_the_queue(
    project: Project, open_ones: list[Sentence], train: Train
) -> None:
    Slot.objects.filter(sentence=open_ones[2]).update(priority=0.9)
    version = train(project)
    planned = [pk for job in Job.objects.filter(kind="predict") for pk in job.payload["sentences"]]
    assert planned == [open_ones[i].pk for i in (2, 0, 1)]
    assert suggest() == 1
    version.refresh_from_db()
    assert (version.suggested_done, version.suggested_total) == (3, 3)
    assert Suggestion.objects.filter(model_version=version).count() == 3
    told = Event.objects.filter(kind="suggestions.ready").latest("pk").payload
    assert told == {"model_version": version.pk, "done": 3, "total": 3}


def test_a_chunk_stored_twice_is_stored_once(
    project: Project, open_ones: list[Sentence], train: Train
) -> None:
    train(project)
    held = claim_next("predict")
    assert held is not None
    said = [look(pk, 0.5) for pk in held.payload["sentences"]]
    assert services.store_suggestions(held, said) is True
    with pytest.raises(JobLostError):
        services.store_suggestions(held, said)
    assert Suggestion.objects.count() == 3
    assert ModelVersion.objects.get().suggested_done == 3


def test_a_chunk_of_a_version_that_was_replaced_changes_nothing(
    project: Project, open_ones: list[Sentence], train: Train
) -> None:
    train(project)
    held = claim_next("predict")
    assert held is not None
    train(project, triple_f1=0.9)
    assert services.store_suggestions(held, [look(open_ones[0].pk, 0.1)]) is False
    assert not Suggestion.objects.exists()
    assert not Slot.objects.filter(priority__isnull=False).exists()
    assert Job.objects.get(pk=held.job_id).state == JobState.CANCELLED


def test_older_suggestions_are_shown_as_stale_until_the_new_ones_come(
    project: Project, open_ones: list[Sentence], train: Train, ana: User, api: Api
) -> None:
    first = train(project)
    suggest()
    second = train(project)
    address = f"/api/v1/sentences/{open_ones[0].pk}/"
    shown = api(ana).get(address).json()["suggestion"]
    assert (shown["model_version"], shown["stale"]) == (first.pk, True)
    counts = api(ana).get(f"/api/v1/projects/{project.pk}/progress/").json()
    assert (counts["suggested"], counts["stale"]) == (0, 3)
    suggest()
    shown = api(ana).get(address).json()["suggestion"]
    assert (shown["model_version"], shown["stale"]) == (second.pk, False)


def test_suggestions_of_the_active_and_the_previous_version_are_kept(
    project: Project, open_ones: list[Sentence], train: Train
) -> None:
    for _ in range(3):
        train(project)
        suggest()
    kept = Suggestion.objects.values_list("model_version__number", flat=True).distinct()
    assert sorted(kept) == [2, 3]


def test_a_rollback_brings_the_old_order_back_at_once(
    project: Project, open_ones: list[Sentence], train: Train, manager: User
) -> None:
    train(project)
    suggest({open_ones[1].pk: 0.2})
    train(project)
    suggest({open_ones[2].pk: 0.2})
    services.roll_back(project=project, actor=manager)
    first = Slot.objects.exclude(priority=None).order_by("-priority").first()
    assert first is not None
    assert first.sentence_id == open_ones[1].pk
    assert claim_next("predict") is None


def test_new_sentences_are_suggested_without_doing_the_others_again(
    project: Project, open_ones: list[Sentence], train: Train, add_sentences: AddSentences
) -> None:
    version = train(project)
    in_hand = claim_next("predict")
    assert in_hand is not None
    added = add_sentences(project, texts(2, first=4))
    for _ in range(2):
        assert services.suggest_for_new(project.pk) == 2
    waiting = Job.objects.filter(kind="predict", state=JobState.QUEUED)
    assert [job.payload["sentences"] for job in waiting] == [[one.pk for one in added]]
    services.store_suggestions(in_hand, [look(pk, 0.9) for pk in in_hand.payload["sentences"]])
    suggest()
    version.refresh_from_db()
    assert (version.suggested_done, version.suggested_total) == (5, 5)


def test_a_suggestion_that_the_schema_no_longer_allows_is_left_out(
    project: Project, open_ones: list[Sentence], train: Train
) -> None:
    train(project)
    project.relation_types.filter(name="协同").delete()
    suggest()
    assert not Suggestion.objects.exists()


def test_a_human_label_is_never_touched_by_suggestions(
    project: Project,
    open_ones: list[Sentence],
    train: Train,
    ana: User,
    api: Api,
    put: Callable[..., Any],
) -> None:
    train(project)
    saved = put(api(ana), open_ones[0], action="submit").json()["annotation"]
    suggest()
    shown = api(ana).get(f"/api/v1/sentences/{open_ones[0].pk}/").json()
    assert shown["annotation"] == saved


def test_chunks_are_of_about_equal_work_and_lose_nothing() -> None:
    sentences = [(number, 90 + number % 30) for number in range(1000)]
    chunks = list(cut_chunks(sentences))
    assert [pk for chunk in chunks for pk in chunk] == list(range(1000))
    assert len(chunks[0]) < len(chunks[1]) / 2
    assert list(cut_chunks([(1, 10**6), (2, 10**6)])) == [[1], [2]]


def test_a_dead_workers_chunk_is_done_by_another(
    project: Project, open_ones: list[Sentence], train: Train
) -> None:
    train(project)
    dead = claim_next("predict")
    assert dead is not None
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_job SET lease_until = clock_timestamp() - interval '1 s'")
    jobs.sweep()
    assert suggest() == 1
    with pytest.raises(JobLostError):
        services.store_suggestions(dead, [look(open_ones[0].pk, 0.1)])
    assert Suggestion.objects.filter(score__gt=1).count() == 0


def is_somebody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_save_in_the_middle_of_a_chunk_waits_and_both_are_kept(
    project: Project, open_ones: list[Sentence], train: Train, ana: User
) -> None:
    train(project)
    held = claim_next("predict")
    assert held is not None
    sentence = Sentence.objects.select_related("project").get(pk=open_ones[0].pk)
    nothing = Save(graph=dict(EMPTY), flags=[], comment="", action=Action.SUBMIT, seconds=1.0)

    def submit() -> Any:
        try:
            return save_annotation(
                sentence=sentence, author=ana, base_version=0, key=uuid4(), save=nothing
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as person:
        with transaction.atomic():
            said = [look(pk, 0.5) for pk in held.payload["sentences"]]
            services.store_suggestions(held, said)
            saved = person.submit(submit)
            deadline = time.monotonic() + 10
            while not is_somebody_waiting():
                assert time.monotonic() < deadline
        assert saved.result()["state"] == "gold"
    assert Suggestion.objects.count() == 3
