"""The next batch: chosen from the pool and from nothing else, put first, and told why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.core.jobs import claim
from annotator.core.models import Job
from annotator.core.states import JobState
from annotator.corpus.models import Sentence
from annotator.labelling.models import GoldRevision, Slot
from annotator.labelling.states import Reason
from annotator.learning import services
from annotator.learning.models import ModelVersion
from annotator.learning.selectors.pool import waiting_of
from annotator.learning.selectors.snapshots import freeze
from annotator.learning.selectors.training import order_of
from annotator.projects.models import Project
from tests.worker.conftest import Corpus, do_next

pytestmark = pytest.mark.django_db(transaction=True)

Api = Callable[[User | None], APIClient]
BRIEF: dict[str, Any] = {"settings": {"epochs": 2}}
DOUBTS = {"uncertain", "diverse", "rare_type"}


def arrange(project: Project) -> Job:
    services.request_arrangement(project.pk)
    return do_next("arrange")


def trained(project: Project, manager: User) -> None:
    services.request_run(project=project, actor=manager, given=BRIEF)
    do_next("train")
    while Job.objects.filter(kind="predict", state=JobState.QUEUED).exists():
        do_next("predict")


def ask(client: APIClient, project: Project, count: int = 5) -> list[dict[str, Any]]:
    answer = client.post(f"/api/v1/projects/{project.pk}/next/", {"count": count})
    assert answer.status_code == 200, answer.content
    sentences: list[dict[str, Any]] = answer.json()["sentences"]
    return sentences


def without_chance(project: Project, **more: Any) -> None:
    Project.objects.filter(pk=project.pk).update(control_share=0, holdout_share=0, **more)


def test_before_a_model_the_typical_ones_come_first_and_say_so(
    project: Project, ana: User, corpus: Corpus, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.arranging.BATCH", 5)
    without_chance(project)
    corpus(0, 12)
    assert arrange(project).state == JobState.DONE
    given = ask(api(ana), project, 3)
    assert {one["why"]["reason"] for one in given} == {"typical"}
    assert given[0]["why"]["text"]["zh"]
    priorities = [one["priority"] for one in given]
    assert priorities == sorted(priorities, reverse=True)


def test_in_the_order_of_the_corpus_stays_in_order(
    project: Project, ana: User, corpus: Corpus, api: Api
) -> None:
    without_chance(project, strategy="in_order.v1")
    sentences = corpus(0, 6)
    arrange(project)
    given = ask(api(ana), project, 4)
    assert [one["id"] for one in given] == [one.pk for one in sentences[:4]]
    assert {one["why"]["reason"] for one in given} == {"in_order"}


@pytest.mark.slow
def test_after_a_training_the_batch_is_chosen_by_doubt_and_says_so(
    project: Project,
    manager: User,
    ana: User,
    corpus: Corpus,
    api: Api,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("worker.arranging.BATCH", 6)
    without_chance(project)
    corpus(24, 16)
    trained(project, manager)
    version = ModelVersion.objects.get()
    assert version.ranking["strategy"] == "hybrid.v1"
    assert version.ranking["costs"]["opening"] > 0
    assert set(version.ranking["weights"]) >= {"协同", "拮抗"}
    given = ask(api(ana), project)
    assert {one["why"]["reason"] for one in given} <= DOUBTS
    listed = api(manager).get(f"/api/v1/projects/{project.pk}/sentences/?order=priority").json()
    priorities = [one["priority"] for one in listed["results"]]
    assert priorities == sorted(priorities, reverse=True)


@pytest.mark.slow
def test_another_strategy_is_followed_without_another_training(
    project: Project, manager: User, ana: User, corpus: Corpus, api: Api
) -> None:
    without_chance(project)
    sentences = corpus(24, 10)
    trained(project, manager)
    changed = api(manager).patch(f"/api/v1/projects/{project.pk}/", {"strategy": "in_order.v1"})
    assert changed.json()["strategy"] == "in_order.v1"
    services.arrange_missing()
    do_next("arrange")
    given = ask(api(ana), project)
    assert [one["id"] for one in given] == [one.pk for one in sentences[24:29]]

    api(manager).patch(f"/api/v1/projects/{project.pk}/", {"strategy": "entropy.v1"})
    services.arrange_missing()  # another score: the sentences are looked at again
    assert do_next("predict").state == JobState.DONE
    assert ModelVersion.objects.get().ranking["strategy"] == "entropy.v1"
    assert ModelVersion.objects.get().suggested_done == 10


def test_a_strategy_that_is_not_there_is_refused(project: Project, manager: User, api: Api) -> None:
    answer = api(manager).patch(f"/api/v1/projects/{project.pk}/", {"strategy": "luck"})
    assert answer.status_code == 400
    assert "strategy" in str(answer.json())


def test_of_near_duplicates_one_is_shown_and_the_others_come_last(
    project: Project, ana: User, corpus: Corpus, api: Api
) -> None:
    without_chance(project)
    sentences = corpus(0, 9)
    Sentence.objects.filter(pk__in=[one.pk for one in sentences[:6]]).update(group=0)
    arrange(project)
    groups = dict(Sentence.objects.values_list("pk", "group"))
    shown = [groups[one["id"]] for one in ask(api(ana), project, 4)]
    assert sorted(shown) == sorted(set(groups.values()))  # all groups, each once


def test_what_is_like_a_labelled_sentence_comes_last(
    project: Project, ana: User, corpus: Corpus, api: Api
) -> None:
    without_chance(project)
    labelled, *open_ones = corpus(1, 6)
    alike = open_ones[0]
    Sentence.objects.filter(pk=alike.pk).update(group=labelled.group)
    arrange(project)
    order = (
        Slot.objects.filter(state="open").order_by("-priority").values_list("sentence", flat=True)
    )
    assert order.last() == alike.pk


def test_the_next_batch_is_chosen_when_this_one_runs_out(project: Project, corpus: Corpus) -> None:
    corpus(0, 5)
    services.arrange_missing()
    services.arrange_missing()
    assert Job.objects.filter(kind="arrange").count() == 1
    do_next("arrange")
    services.arrange_missing()
    assert Job.objects.filter(kind="arrange").count() == 1  # all that there is is chosen


def test_priorities_fall_from_batch_to_batch(
    project: Project, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.arranging.BATCH", 3)
    corpus(0, 12)
    seen: list[float | None] = []
    for _ in range(3):
        arrange(project)
        batch = Slot.objects.filter(state="open").exclude(choice="").order_by("-priority")
        seen += batch.values_list("priority", flat=True)
        batch.update(state="done")
    assert len(seen) == 9
    assert seen == sorted(seen, key=lambda one: one or 0.0, reverse=True)


def test_a_batch_of_a_version_that_was_replaced_changes_nothing(
    project: Project, corpus: Corpus
) -> None:
    corpus(0, 4)
    services.request_arrangement(project.pk)
    waiting = waiting_of(project.pk)
    held = claim(job_id=Job.objects.get(kind="arrange").pk, worker="test")
    assert held is not None
    late = type(waiting)(project.pk, 12345, waiting.ranking, waiting.sentence_ids, waiting.pool)
    chosen = [services.Chosen(pk, Reason.UNCERTAIN) for pk in waiting.sentence_ids]
    assert services.store_arrangement(held, late, services.Batch(chosen)) is False
    assert not Slot.objects.exclude(choice="").exists()


class TestTheHoldOut:
    """It is never chosen, never trained on, and shares no near duplicate with the pool."""

    @pytest.mark.slow
    def test_it_is_never_chosen_by_any_score(
        self, project: Project, manager: User, corpus: Corpus
    ) -> None:
        corpus(24, 6)
        held_out = {one.pk for one in corpus(0, 6, first=40, split="holdout")}
        trained(project, manager)
        assert not held_out & set(waiting_of(project.pk).sentence_ids)
        chosen = Slot.objects.exclude(choice="").values_list("sentence", flat=True)
        assert chosen
        assert not held_out & set(chosen)

    def test_a_choice_that_names_it_is_not_stored(self, project: Project, corpus: Corpus) -> None:
        corpus(0, 3)
        held_out = [one.pk for one in corpus(0, 3, first=40, split="holdout")]
        services.request_arrangement(project.pk)
        held = claim(job_id=Job.objects.get(kind="arrange").pk, worker="test")
        assert held is not None
        chosen = [services.Chosen(pk, Reason.UNCERTAIN) for pk in held_out]
        services.store_arrangement(held, waiting_of(project.pk), services.Batch(chosen, held_out))
        untouched = Slot.objects.filter(is_holdout=True)
        assert set(untouched.values_list("choice", "priority")) == {("", None)}

    def test_it_is_never_trained_on(self, project: Project, manager: User, corpus: Corpus) -> None:
        corpus(12)
        held_out = {one.pk for one in corpus(5, first=40, split="holdout")}
        run = services.request_run(project=project, actor=manager, given=BRIEF)
        order = order_of(run.pk)
        trained_on = GoldRevision.objects.filter(pk__in=order.train)
        measured = GoldRevision.objects.filter(pk__in=order.dev)
        assert not held_out & set(trained_on.values_list("sentence", flat=True))
        assert set(measured.values_list("sentence", flat=True)) == held_out
        assert set(freeze(project).holdout) == set(order.dev)
