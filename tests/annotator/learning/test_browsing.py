"""Suggestions across sentences: what is listed for whom, in which order, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.corpus.models import Sentence
from annotator.labelling.models import Slot
from annotator.learning import services
from annotator.learning.models import Refusal, Suggestion
from annotator.learning.selectors import browsing
from annotator.projects.models import Project, RelationType
from annotator.projects.services import create_project
from tests.annotator.conftest import AddSentences, entity, relation
from tests.annotator.learning.conftest import GOLD, Train, ask, suggest, texts

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
Put = Callable[..., Any]
Json = dict[str, Any]
QUERIES_OF_A_PAGE = 6
KEY = "7-10:药物>0-5:药物:协同"
SAID = {
    "entities": [entity("e1", 0, 5), entity("e2", 7, 10)],
    "relations": [relation("e2", "e1")],
}


@pytest.fixture
def suggested(project: Project, add_sentences: AddSentences, train: Train) -> list[Sentence]:
    """Four open sentences with a suggestion each, of rising confidence, and one with gold."""
    project.control_share = project.holdout_share = 0.0
    project.save()
    add_sentences(project, texts(1), gold={0: GOLD})
    sentences = add_sentences(project, texts(4, first=1))
    train(project)
    suggest({one.pk: 0.5 + number / 10 for number, one in enumerate(sentences)})
    return sentences


def address(project: Project, **query: Any) -> str:
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    return f"/api/v1/projects/{project.pk}/suggestions/?{asked}"


def listed(client: APIClient, project: Project, **query: Any) -> list[Json]:
    url, found = address(project, **query), []
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.content
        found += answer.json()["results"]
        url = answer.json()["next"]
    return found


def ids(rows: list[Json]) -> list[int]:
    return [row["sentence_id"] for row in rows]


def refusals(project: Project, *statements: tuple[int, str]) -> tuple[str, Json]:
    named = [{"sentence_id": pk, "key": key} for pk, key in statements]
    return f"/api/v1/projects/{project.pk}/suggestions/refusals/", {"statements": named}


def test_a_relation_is_listed_with_both_ends_and_the_surest_first(
    project: Project, suggested: list[Sentence], ana: User, api: Api
) -> None:
    rows = listed(api(ana), project)
    assert ids(rows) == [sentence.pk for sentence in reversed(suggested)]
    assert rows[0] == {
        "sentence_id": suggested[3].pk,
        "text": suggested[3].text,
        "state": "pending",
        "kind": "relation",
        "type": "协同",
        "confidence": 0.8,
        "key": KEY,
        "start": 7,
        "end": 10,
        "head_type": "药物",
        "subject": "多巴胺",
        "tail_start": 0,
        "tail_end": 5,
        "tail_type": "药物",
        "object": "布美他尼片",
        "annotation_version": 0,
    }
    entities = listed(api(ana), project, kind="entity", order="position")
    assert len(entities) == 8
    assert (entities[1]["subject"], entities[1]["key"]) == ("多巴胺", "7-10:药物")
    assert "tail_start" not in entities[1]


def test_the_list_is_narrowed_by_everything_that_one_can_name(
    project: Project, suggested: list[Sentence], ana: User, api: Api
) -> None:
    client, (a, b, c, d) = api(ana), (sentence.pk for sentence in suggested)
    for query, expected in (
        ({"order": "position"}, [a, b, c, d]),
        ({"order": "confidence"}, [a, b, c, d]),
        ({"min": 0.6, "max": 0.7}, [c, b]),
        ({"type": "协同"}, [d, c, b, a]),
        ({"type": "拮抗"}, []),
        ({"subject": "多巴"}, [d, c, b, a]),
        ({"object": "多巴"}, []),
        ({"object": "布美他尼", "text": "003"}, [c]),
        ({"kind": "entity", "subject": "布美", "max": 0.5}, [a]),
        ({"type": "", "subject": "", "text": ""}, [d, c, b, a]),
    ):
        assert ids(listed(client, project, **query)) == expected, query


@pytest.mark.parametrize("order", ["confidence", "-confidence", "position"])
def test_pages_show_every_statement_once_in_few_queries(
    project: Project,
    suggested: list[Sentence],
    ana: User,
    api: Api,
    monkeypatch: pytest.MonkeyPatch,
    order: str,
) -> None:
    monkeypatch.setattr(browsing, "PAGE_SIZE", 3)
    client = api(ana)
    rows = listed(client, project, kind="entity", order=order)
    assert len({(row["sentence_id"], row["key"]) for row in rows}) == len(rows) == 8
    sure = [row["confidence"] for row in rows]
    assert sure == sorted(sure, reverse=order == "-confidence")
    with CaptureQueriesContext(connection) as seen:
        client.get(address(project, kind="entity", order=order))
    assert len(seen) <= QUERIES_OF_A_PAGE


def test_what_one_said_denied_or_finished_is_not_listed_for_one(
    project: Project, suggested: list[Sentence], ana: User, bo: User, api: Api, put: Put
) -> None:
    client = api(ana)
    a, b, c, d = suggested
    put(client, a, **SAID)
    put(client, b, **{**SAID, "relations": [], "negatives": [{"head": "e2", "tail": "e1"}]})
    put(client, c, entities=SAID["entities"])
    rows = listed(client, project, order="position")
    assert ids(rows) == [c.pk, d.pk]
    assert [row["annotation_version"] for row in rows] == [1, 0]
    assert ids(listed(client, project, kind="entity")) == [d.pk, d.pk]
    put(client, c, version=1, action="skip")
    put(client, d, action="submit")
    assert listed(client, project) == []
    assert ids(listed(api(bo), project, order="position")) == [a.pk, b.pk]


def test_a_symmetric_relation_is_said_either_way_round(
    project: Project, suggested: list[Sentence], ana: User, api: Api, put: Put
) -> None:
    client, sentence = api(ana), suggested[0]
    put(client, sentence, **{**SAID, "relations": [relation("e1", "e2")]})
    assert sentence.pk in ids(listed(client, project))
    RelationType.objects.filter(project=project, name="协同").update(is_symmetric=True)
    assert sentence.pk not in ids(listed(client, project))


def test_what_another_holds_is_not_listed_until_the_lease_runs_out(
    project: Project, suggested: list[Sentence], ana: User, bo: User, api: Api
) -> None:
    (held,) = ask(api(bo), project)
    assert held["id"] not in ids(listed(api(ana), project))
    assert held["id"] in ids(listed(api(bo), project))
    Slot.objects.filter(sentence=held["id"]).update(lease_until="2020-01-01T00:00Z")
    assert held["id"] in ids(listed(api(ana), project))


def test_what_chance_hides_or_would_hide_is_not_listed_but_what_one_opened_is(
    project: Project, suggested: list[Sentence], ana: User, api: Api, add_sentences: AddSentences
) -> None:
    add_sentences(project, texts(30, first=5))
    services.suggest_for_new(project.pk)
    suggest()
    project.blind_share = 0.5
    project.save()
    client = api(ana)
    before = set(ids(listed(client, project)))
    drawn: dict[int, bool] = {}
    while given := ask(client, project, count=5):
        drawn |= {one["id"]: one["blind"] for one in given}
    assert before == set(ids(listed(client, project))) == {pk for pk in drawn if not drawn[pk]}
    Slot.objects.update(holder=None, is_blind=None, lease_until=None)
    hidden = next(pk for pk in drawn if drawn[pk])
    client.post(f"/api/v1/sentences/{hidden}/lease/")
    assert hidden in ids(listed(client, project))


def test_an_imported_suggestion_counts_until_the_active_version_spoke(
    project: Project, suggested: list[Sentence], ana: User, api: Api
) -> None:
    a, b, *_ = suggested
    graph = Suggestion.objects.get(sentence=a).graph
    graph["relations"][0]["type"] = "拮抗"
    services.store_imported_suggestions([(a.pk, graph, None), (b.pk, graph, None)])
    Suggestion.objects.filter(sentence=b, model_version__isnull=False).delete()
    rows = listed(api(ana), project, order="position")
    assert [(row["sentence_id"], row["type"]) for row in rows[:2]] == [
        (a.pk, "协同"),
        (b.pk, "拮抗"),
    ]


def test_of_two_versions_only_the_active_one_is_listed(
    project: Project, suggested: list[Sentence], ana: User, api: Api, train: Train
) -> None:
    train(project)
    assert listed(api(ana), project) == []
    suggest()
    assert {row["confidence"] for row in listed(api(ana), project)} == {0.9}


def test_a_refused_statement_returns_only_when_the_refusal_is_taken_back(
    project: Project, suggested: list[Sentence], ana: User, bo: User, api: Api
) -> None:
    client, sentence = api(ana), suggested[0]
    path, body = refusals(project, (sentence.pk, KEY))
    for _ in range(2):
        assert client.post(path, body, format="json").status_code == 204
    assert Refusal.objects.count() == 1
    assert sentence.pk not in ids(listed(client, project))
    assert len(listed(client, project, kind="entity")) == 8
    assert sentence.pk in ids(listed(api(bo), project))
    api(bo).delete(path, body, format="json")
    assert sentence.pk not in ids(listed(client, project))
    for _ in range(2):
        assert client.delete(path, body, format="json").status_code == 204
    assert sentence.pk in ids(listed(client, project))


def test_a_sentence_of_another_project_cannot_be_refused(
    project: Project, suggested: list[Sentence], ana: User, api: Api, outsider: User,
    add_sentences: AddSentences,
) -> None:  # fmt: skip
    other = create_project(name="X", template="ch-ddi", language="zh", owner=outsider).project
    (foreign,) = add_sentences(other, texts(1))
    path, body = refusals(project, (suggested[0].pk, KEY), (foreign.pk, KEY))
    for call in (api(ana).post, api(ana).delete):
        assert call(path, body, format="json").status_code == 404
    assert not Refusal.objects.exists()


def test_strangers_are_told_that_there_is_no_such_project(
    project: Project, suggested: list[Sentence], outsider: User, api: Api
) -> None:
    client = api(outsider)
    path, body = refusals(project, (suggested[0].pk, KEY))
    answers = [
        client.get(address(project)),
        client.post(path, body, format="json"),
        client.delete(path, body, format="json"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


@pytest.mark.parametrize(
    "query",
    [{"kind": "pair"}, {"order": "random"}, {"min": 2}, {"sort": "id"}, {"cursor": "e30="}],
)
def test_unknown_wishes_are_refused(
    project: Project, ana: User, api: Api, query: dict[str, Any]
) -> None:
    assert api(ana).get(address(project, **query)).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"statements": []},
        {"statements": [{"sentence_id": 1}]},
        {"statements": [{"sentence_id": 1, "key": "x" * 301}]},
        {"statements": [{"sentence_id": 1, "key": "x", "type": "y"}]},
    ],
)
def test_a_malformed_refusal_is_refused(project: Project, ana: User, api: Api, body: Json) -> None:
    path, _ = refusals(project)
    assert api(ana).post(path, body, format="json").status_code == 400
