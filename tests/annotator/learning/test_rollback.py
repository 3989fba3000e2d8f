"""Promotion and rollback while a pre-annotation is under way: no mixed state, whoever is late."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.core.jobs import Claim
from annotator.core.models import Job
from annotator.core.states import JobState
from annotator.corpus.models import Sentence
from annotator.labelling.models import Slot
from annotator.learning import services
from annotator.learning.models import ModelVersion, Suggestion
from annotator.learning.selectors.chunks import chunk_of
from annotator.projects.models import Project
from tests.annotator.conftest import AddSentences
from tests.annotator.learning.conftest import GOLD, Train, claim_next, look, suggest, texts

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
OPEN = 9


@pytest.fixture
def open_ones(
    project: Project, add_sentences: AddSentences, monkeypatch: pytest.MonkeyPatch
) -> list[Sentence]:
    """Nine open sentences beside a labelled one; a chunk holds two of them."""
    monkeypatch.setattr("annotator.learning.services.suggestions.CHUNK_SENTENCES", 2)
    add_sentences(project, texts(1), gold={0: GOLD})
    return add_sentences(project, texts(OPEN, first=1))


def say(held: Claim) -> list[services.Suggested]:
    """Say of each sentence of a chunk what only this version says: its sureness is its own."""
    number = ModelVersion.objects.get(pk=held.subject_id).number
    return [look(pk, 0.99 - number / 100 - pk % 7 / 1000) for pk in held.payload["sentences"]]


def finish(held: Claim) -> None:
    """Do a claimed chunk as a worker does it that looks at the version first."""
    if chunk_of(held) is None:
        services.drop_chunk(held)
    else:
        services.store_suggestions(held, say(held))


def check(project: Project, client: APIClient) -> None:
    """What is shown is the active version's or marked as older; the queue goes by what is shown."""
    active = ModelVersion.objects.filter(project=project, state="active").get()
    own = dict(Suggestion.objects.filter(model_version=active).values_list("sentence", "priority"))
    for slot in Slot.objects.filter(project=project, state="open"):
        shown = client.get(f"/api/v1/sentences/{slot.sentence_id}/").json()["suggestion"]
        if slot.sentence_id in own:
            assert (shown["model_version"], shown["stale"]) == (active.pk, False)
            assert slot.priority == own[slot.sentence_id]
        elif shown is not None:
            assert shown["stale"] is True
            rows = Suggestion.objects.filter(sentence=slot.sentence_id)
            assert slot.priority in rows.values_list("priority", flat=True)
        else:
            assert slot.priority is None
    assert active.suggested_done <= active.suggested_total == OPEN
    assert active.suggested_done == len(own)


def drain(project: Project, client: APIClient) -> None:
    """Let all waiting chunks be done; then everything is the active version's."""
    while (held := claim_next("predict")) is not None:
        finish(held)
    active = ModelVersion.objects.filter(project=project, state="active").get()
    assert (active.suggested_done, active.suggested_total) == (OPEN, OPEN)
    assert Suggestion.objects.filter(model_version=active).count() == OPEN
    check(project, client)


def test_a_rollback_in_the_middle_of_a_pre_annotation_leaves_nothing_mixed(
    project: Project, open_ones: list[Sentence], train: Train, manager: User, api: Api
) -> None:
    client = api(manager)
    first = train(project)
    while (held := claim_next("predict")) is not None:
        services.store_suggestions(held, say(held))
    second = train(project)
    done = claim_next("predict")
    assert done is not None
    services.store_suggestions(done, say(done))
    late = [claim_next("predict"), claim_next("predict")]
    answer = client.post(f"/api/v1/projects/{project.pk}/models/rollback/")
    assert answer.json()["id"] == first.pk
    check(project, client)
    written = Suggestion.objects.filter(model_version=second).count()
    for held in late:
        assert held is not None
        assert services.store_suggestions(held, say(held)) is False
    assert Suggestion.objects.filter(model_version=second).count() == written == 2
    states = Job.objects.filter(kind="predict", subject_id=second.pk)
    assert set(states.values_list("state", flat=True)) == {JobState.DONE, JobState.CANCELLED}
    drain(project, client)
    counts = client.get(f"/api/v1/projects/{project.pk}/progress/").json()
    assert (counts["suggested"], counts["stale"]) == (OPEN, 0)


def test_a_chunk_that_was_let_go_while_its_version_returned_is_planned_again(
    project: Project, open_ones: list[Sentence], train: Train, manager: User, api: Api
) -> None:
    client = api(manager)
    base = f"/api/v1/projects/{project.pk}/models/"
    train(project)
    suggest()
    second = train(project)
    held = claim_next("predict")
    assert held is not None
    client.post(f"{base}rollback/")
    assert chunk_of(held) is None  # the worker decides to let it go …
    client.post(f"{base}{second.pk}/promote/")  # … but the version is active again by then
    services.drop_chunk(held)
    check(project, client)
    drain(project, client)


def test_what_only_a_forgotten_version_said_no_longer_orders_the_queue(
    project: Project, open_ones: list[Sentence], train: Train, manager: User, api: Api
) -> None:
    client = api(manager)
    train(project)
    train(project)
    held = claim_next("predict")
    assert held is not None
    services.store_suggestions(held, say(held))
    client.post(f"/api/v1/projects/{project.pk}/models/rollback/")
    check(project, client)
    for _ in range(2):  # two versions later nobody goes back to the second one
        train(project)
        check(project, client)
    assert not Slot.objects.filter(state="open", priority__isnull=False).exists()


STEPS = ("claim", "claim", "finish", "finish", "late", "rollback", "promote", "train_one")


class Walk:
    """Somebody who promotes, rolls back and trains while workers come and go."""

    def __init__(self, project: Project, client: APIClient, train: Train, seed: int) -> None:
        self.project, self.client, self.train = project, client, train
        self.rng = random.Random(seed)
        self.in_hand: list[Claim] = []
        self.models = f"/api/v1/projects/{project.pk}/models/"

    def step(self) -> str:
        """Do something at random; return what it was."""
        step = self.rng.choice(STEPS)
        getattr(self, step)()
        return step

    def claim(self) -> None:
        held = claim_next("predict")
        self.in_hand += [held] if held else []

    def finish(self) -> None:
        if self.in_hand:
            finish(self.in_hand.pop(self.rng.randrange(len(self.in_hand))))

    def late(self) -> None:
        if self.in_hand:
            held = self.in_hand.pop(self.rng.randrange(len(self.in_hand)))
            services.store_suggestions(held, say(held))

    def rollback(self) -> None:
        self.client.post(f"{self.models}rollback/")

    def promote(self) -> None:
        versions = list(ModelVersion.objects.filter(project=self.project).order_by("pk"))
        self.client.post(f"{self.models}{self.rng.choice(versions).pk}/promote/")

    def train_one(self) -> None:
        if ModelVersion.objects.count() < 5:
            self.train(self.project)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.usefixtures("open_ones")
def test_whatever_happens_in_whatever_order_nothing_is_mixed(
    project: Project, train: Train, manager: User, api: Api, seed: int
) -> None:
    client = api(manager)
    train(project)
    walk = Walk(project, client, train, seed)
    for _ in range(20):
        before = counts_of_retired(project)
        step = walk.step()
        for pk, count in counts_of_retired(project).items():
            assert count <= before.get(pk, count), step
        check(project, client)
    while walk.in_hand:
        walk.finish()
    drain(project, client)


def counts_of_retired(project: Project) -> dict[int, int]:
    rows = ModelVersion.objects.filter(project=project, state="retired")
    return {one.pk: one.suggestions.count() for one in rows}
