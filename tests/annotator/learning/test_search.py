"""Sentences are found by what is said of them, and nobody finds what they may not see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.corpus.models import Sentence
from annotator.projects.models import Project
from tests.annotator.conftest import AddSentences, entity, relation
from tests.annotator.learning.conftest import GOLD, Train, suggest, texts

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
Put = Callable[..., Any]
TEXTS = ("甲药与乙药合用，丙药慎用", "甲药可降低丁药", "戊药单用即可")
FIRST = [entity("e1", 0, 2), entity("e2", 3, 5), entity("e3", 8, 10)]
QUERIES = 7


@pytest.fixture
def sentences(project: Project, add_sentences: AddSentences) -> list[Sentence]:
    """Three pending sentences."""
    return add_sentences(project, TEXTS)


@pytest.fixture
def labelled(sentences: list[Sentence], api: Api, ana: User, put: Put) -> list[Sentence]:
    """The same, the first labelled and flagged by Ana: 甲药 协同 乙药, 丙药 拮抗 甲药."""
    answer = put(
        api(ana),
        sentences[0],
        entities=FIRST,
        relations=[relation("e1", "e2"), relation("e3", "e1", "拮抗")],
        flags=["discuss"],
    )
    assert answer.status_code == 200, answer.content
    return sentences


def found(client: APIClient, project: Project, **wishes: Any) -> list[int]:
    answer = client.get(f"/api/v1/projects/{project.pk}/sentences/", wishes)
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


@pytest.mark.parametrize(
    ("wishes", "is_found"),
    [
        ({"type": "药物"}, True),
        ({"type": "疾病"}, False),
        ({"predicate": "协同"}, True),
        ({"predicate": "抑制"}, False),
        ({"subject": "甲", "predicate": "协同", "object": "乙药"}, True),
        ({"subject": "甲", "predicate": "拮抗"}, False),  # 甲 is the head of another triple
        ({"subject": "丙药", "object": "甲"}, True),
        ({"subject": "丙药", "object": "乙"}, False),
        ({"flag": "discuss"}, True),
        ({"flag": "unclear"}, False),
        ({"annotator": "ana"}, True),
        ({"annotator": "bo"}, False),
        ({"q": "慎用", "flag": "discuss"}, True),
        ({"q": "单用", "flag": "discuss"}, False),
    ],
)
def test_a_reviewer_finds_labels_of_everybody(
    project: Project,
    reviewer: User,
    api: Api,
    labelled: list[Sentence],
    wishes: dict[str, str],
    is_found: bool,  # noqa: FBT001 - a column of the table
) -> None:
    for order in ("position", "priority"):
        seen = found(api(reviewer), project, order=order, **wishes)
        assert seen == ([labelled[0].pk] if is_found else [])


def test_annotators_find_their_own_labels_and_nobody_elses(
    project: Project, ana: User, bo: User, api: Api, labelled: list[Sentence]
) -> None:
    for wishes in ({"predicate": "协同"}, {"type": "药物"}, {"flag": "discuss"}):
        assert found(api(ana), project, **wishes) == [labelled[0].pk]
        assert found(api(bo), project, **wishes) == []
    assert found(api(ana), project, annotator="me") == [labelled[0].pk]
    assert found(api(ana), project, annotator="ana") == [labelled[0].pk]
    answer = api(bo).get(f"/api/v1/projects/{project.pk}/sentences/", {"annotator": "ana"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_list_says_what_the_reader_may_know(
    project: Project, ana: User, bo: User, reviewer: User, api: Api, labelled: list[Sentence]
) -> None:
    api(bo).post(f"/api/v1/sentences/{labelled[0].pk}/comments/", {"text": "?"}, format="json")
    for reader, flags, annotators in (
        (reviewer, ["discuss"], ["ana"]),
        (ana, ["discuss"], ["ana"]),
        (bo, [], []),
    ):
        answer = api(reader).get(f"/api/v1/projects/{project.pk}/sentences/", {"commented": "true"})
        (row,) = answer.json()["results"]
        assert (row["flags"], row["annotators"], row["comments"]) == (flags, annotators, 1)
    assert labelled[0].pk not in found(api(bo), project, commented="false")


def test_imported_gold_is_found_by_annotators_too(
    project: Project, bo: User, api: Api, add_sentences: AddSentences
) -> None:
    sentences = add_sentences(project, texts(2), gold={0: GOLD})
    kind = GOLD.relations[0].type
    assert found(api(bo), project, predicate=kind) == [sentences[0].pk]


def test_scores_of_the_active_version_narrow_the_list(
    project: Project, reviewer: User, api: Api, add_sentences: AddSentences, train: Train
) -> None:
    sentences = add_sentences(project, texts(3), gold={1: GOLD})
    train(project)
    suggest()
    client = api(reviewer)
    open_ones = [sentences[0].pk, sentences[2].pk]
    assert found(client, project, suggested="true") == open_ones
    assert found(client, project, suggested="false") == [sentences[1].pk]
    assert found(client, project, min_score=0) == open_ones
    assert found(client, project, min_score=1e9) == []
    assert found(client, project, max_score=1e9, order="priority") != []


def test_a_symmetric_relation_is_found_from_either_end(
    project: Project, reviewer: User, api: Api, labelled: list[Sentence]
) -> None:
    project.relation_types.filter(name="拮抗").update(is_symmetric=True)
    client = api(reviewer)
    assert found(client, project, subject="甲", predicate="拮抗") == [labelled[0].pk]
    assert found(client, project, subject="乙", predicate="协同") == []


@pytest.mark.parametrize(
    "wishes", [{"commented": "perhaps"}, {"min_score": "much"}, {"subjects": "x"}, {"type": ""}]
)
def test_wishes_that_make_no_sense_are_refused(
    project: Project, reviewer: User, api: Api, wishes: dict[str, str]
) -> None:
    answer = api(reviewer).get(f"/api/v1/projects/{project.pk}/sentences/", wishes)
    assert answer.status_code == 400


def test_what_is_typed_is_data(
    project: Project, reviewer: User, api: Api, labelled: list[Sentence]
) -> None:
    for odd in ("%", "_", "'; DROP TABLE x; --", '"', "\\", "%s"):
        assert found(api(reviewer), project, subject=odd) == []


def test_all_wishes_together_cost_the_same_few_queries(
    project: Project, reviewer: User, api: Api, labelled: list[Sentence]
) -> None:
    wishes = {"subject": "甲", "predicate": "协同", "flag": "discuss", "annotator": "ana"}
    client = api(reviewer)
    for order in ("position", "priority"):
        with CaptureQueriesContext(connection) as seen:
            assert found(client, project, order=order, **wishes) == [labelled[0].pk]
        assert len(seen) <= QUERIES


def test_more_finds_cost_no_more_queries(
    project: Project, reviewer: User, api: Api, ana: User, put: Put, add_sentences: AddSentences
) -> None:
    counts = set()
    for first in (0, 6):
        for sentence in add_sentences(project, texts(6, first=first)):
            said = [entity("e1", 0, 5), entity("e2", 7, 10)]
            put(api(ana), sentence, entities=said, relations=[relation("e2", "e1")], flags=["a"])
        with CaptureQueriesContext(connection) as seen:
            rows = found(api(reviewer), project, predicate="协同", annotator="ana", flag="a")
        assert len(rows) == first + 6
        counts.add(len(seen))
    assert len(counts) == 1
