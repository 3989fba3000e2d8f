"""Lists, counts and the catalogue: what they show, to whom, at what price."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.exchange.formats import FORMATS
from annotator.labelling.models import Slot
from annotator.learning.selectors import sentences as reading
from annotator.projects.models import Project
from tests.annotator.conftest import AddSentences, entity, relation
from tests.annotator.learning.conftest import GOLD, Train, ask, suggest, texts

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
QUERIES_OF_A_LIST = 6
QUERIES_OF_PROGRESS = 10
QUERIES_OF_A_SENTENCE = 11


def address(project: Project, **query: Any) -> str:
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    return f"/api/v1/projects/{project.pk}/sentences/?{asked}"


def pages(client: APIClient, url: str | None) -> list[list[dict[str, Any]]]:
    found = []
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.content
        found.append(answer.json()["results"])
        url = answer.json()["next"]
    return found


def test_sentences_are_listed_in_the_order_of_the_corpus(
    project: Project, reviewer: User, api: Api, add_sentences: AddSentences, train: Train
) -> None:
    sentences = add_sentences(project, texts(3), gold={1: GOLD})
    train(project)
    suggest()
    (listed,) = pages(api(reviewer), address(project))
    assert [one["id"] for one in listed] == [sentence.pk for sentence in sentences]
    assert [one["gold"] for one in listed] == [False, True, False]
    assert [one["suggested"] for one in listed] == [True, False, True]
    assert {one["split"] for one in listed} == {"pool"}


@pytest.mark.parametrize("order", ["priority", "position"])
def test_pages_show_every_sentence_once(
    project: Project,
    reviewer: User,
    api: Api,
    add_sentences: AddSentences,
    monkeypatch: pytest.MonkeyPatch,
    order: str,
) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 3)
    monkeypatch.setattr("annotator.core.pagination.Pager.page_size", 3)
    sentences = add_sentences(project, texts(7))
    sentences += add_sentences(project, texts(3, first=7), split="holdout")
    for number, sentence in enumerate(sentences[2:8]):
        Slot.objects.filter(sentence=sentence).update(priority=number % 3 / 10)
    found = pages(api(reviewer), address(project, order=order))
    ids = [one["id"] for page in found for one in page]
    assert sorted(ids) == sorted(sentence.pk for sentence in sentences)
    assert [len(page) for page in found] == [3, 3, 3, 1]
    if order == "priority":
        shown = [one["priority"] for page in found for one in page]
        known = [priority for priority in shown if priority is not None]
        assert known == sorted(known, reverse=True)
        assert shown[len(known) :] == [None] * 4


def test_lists_can_be_narrowed(
    project: Project, reviewer: User, api: Api, add_sentences: AddSentences
) -> None:
    sentences = add_sentences(project, texts(4), gold={3: GOLD})
    held_out = add_sentences(project, texts(1, first=4), split="holdout")
    client = api(reviewer)
    for query, expected in (
        ({"state": "gold"}, [sentences[3].pk]),
        ({"split": "holdout"}, [held_out[0].pk]),
        ({"q": "加强002"}, [sentences[2].pk]),
        ({"q": "加强002", "order": "priority"}, [sentences[2].pk]),
        ({"split": "holdout", "order": "priority"}, [held_out[0].pk]),
    ):
        (listed,) = pages(client, address(project, **query))
        assert [one["id"] for one in listed] == expected


def test_annotators_do_not_learn_what_is_held_out(
    project: Project, ana: User, api: Api, add_sentences: AddSentences
) -> None:
    add_sentences(project, texts(2), split="holdout")
    client = api(ana)
    for order in ("priority", "position"):
        (listed,) = pages(client, address(project, order=order))
        assert {one["split"] for one in listed} == {None}
    assert client.get(address(project, split="holdout")).status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        {"order": "random"},
        {"state": "lost"},
        {"sort": "id"},
        {"cursor": "e30=", "order": "priority"},
    ],
)
def test_unknown_wishes_are_refused(
    project: Project, ana: User, api: Api, query: dict[str, Any]
) -> None:
    assert api(ana).get(address(project, **query)).status_code == 400


@pytest.mark.parametrize("order", ["priority", "position"])
def test_a_list_needs_the_same_few_queries_for_many(
    project: Project, reviewer: User, api: Api, add_sentences: AddSentences, order: str
) -> None:
    client = api(reviewer)
    for first in (0, 20):
        add_sentences(project, texts(20, first=first))
        with CaptureQueriesContext(connection) as seen:
            pages(client, address(project, order=order))
        assert len(seen) <= QUERIES_OF_A_LIST


def test_one_sentence_is_shown_with_the_readers_own_annotation(
    project: Project,
    ana: User,
    bo: User,
    api: Api,
    add_sentences: AddSentences,
    put: Callable[..., Any],
) -> None:
    (sentence,) = add_sentences(project, texts(1))
    put(api(ana), sentence, entities=[entity("e1", 0, 5)])
    with CaptureQueriesContext(connection) as seen:
        mine = api(ana).get(f"/api/v1/sentences/{sentence.pk}/").json()
    assert len(seen) <= QUERIES_OF_A_SENTENCE
    assert mine["annotation"]["version"] == 1
    assert mine["state"] == "in_progress"
    assert api(bo).get(f"/api/v1/sentences/{sentence.pk}/").json()["annotation"] is None


@pytest.fixture
def people(ana: User, bo: User) -> tuple[User, User]:
    """Ana and Bo."""
    return ana, bo


def test_progress_counts_states_types_and_people(
    project: Project,
    people: tuple[User, User],
    reviewer: User,
    api: Api,
    add_sentences: AddSentences,
    put: Callable[..., Any],
) -> None:
    ana, bo = people
    sentences = add_sentences(project, texts(5), gold={0: GOLD})
    add_sentences(project, texts(2, first=5), split="holdout")
    labels = {
        "entities": [entity("e1", 0, 5), entity("e2", 7, 10)],
        "relations": [relation("e2", "e1", "拮抗")],
    }
    put(api(ana), sentences[1], action="submit", seconds=12.5, **labels)
    put(api(bo), sentences[2], action="skip", seconds=2)
    ask(api(ana), project)
    with CaptureQueriesContext(connection) as seen:
        counts = api(reviewer).get(f"/api/v1/projects/{project.pk}/progress/").json()
    assert len(seen) <= QUERIES_OF_PROGRESS
    by_person = counts.pop("by_person")
    assert counts == {
        "total": 7,
        "pending": 4,
        "in_progress": 0,
        "leased": 1,
        "submitted": 0,
        "gold": 2,
        "skipped": 1,
        "suggested": 0,
        "stale": 0,
        "holdout": 2,
        "by_relation_type": [{"type": "协同", "count": 1}, {"type": "拮抗", "count": 1}],
    }
    assert [(one["username"], one["submitted"], one["seconds"]) for one in by_person] == [
        ("ana", 1, 12.5),
        ("bo", 0, 2.0),
    ]
    own = api(ana).get(f"/api/v1/projects/{project.pk}/progress/").json()["by_person"]
    assert [one["username"] for one in own] == ["ana"]


def test_the_catalogue_names_models_with_their_settings(ana: User, api: Api) -> None:
    answer = api(ana).get("/api/v1/catalogue/").json()
    (spert,) = (model for model in answer["models"] if model["name"] == "spert.v1")
    known = spert["settings_schema"]["properties"]
    assert (known["epochs"]["maximum"], known["epochs"]["group"]) == (1000, "training")
    assert "group" not in known["dropout"]
    assert (spert["nested"], spert["directed"], "Eberts" in spert["paper"]) == (True, True, True)
    assert all(spert["about"][language] for language in ("en", "zh"))
    assert all(encoder["built_in"] for encoder in answer["encoders"])
    assert answer["speeds"] == ["quick", "full"]
    formats = {one["name"]: (one["import"], one["export"]) for one in answer["formats"]}
    assert formats == {
        name: (bool(one.reading), bool(one.writing)) for name, one in FORMATS.items()
    }
    assert api(None).get("/api/v1/catalogue/").status_code == 401
