"""Two versions sentence by sentence: what is mended and what is broken adds up."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.corpus.models import Sentence
from annotator.learning.models import ModelVersion
from annotator.projects.models import Project
from extraction.evaluation.changes import changes
from extraction.evaluation.match import Key
from extraction.types import Entity, Example, Graph, Prediction, Relation
from tests.annotator.conftest import AddSentences
from tests.annotator.learning.conftest import GOLD, texts
from tests.annotator.learning.judging import NOTHING, everything, gold, surely, train_saying

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
QUERIES = 8
STATEMENTS = 100
KINDS = ("fixed", "broken", "new", "lost")
WRONG = Graph(GOLD.entities, (Relation(1, 0, "拮抗"),))
keys = st.frozensets(st.tuples(st.sampled_from("ab"), st.tuples(st.integers(0, 3))))


@given(gold=keys, first=keys, second=keys)
def test_what_changes_adds_up(gold: Key, first: Key, second: Key) -> None:
    found = changes(gold, first, second)
    gained = len(second & gold) - len(first & gold)
    assert gained == len(found.fixed) - len(found.broken)
    assert len(second - gold) - len(first - gold) == len(found.new) - len(found.lost)
    parts = (found.fixed, found.broken, found.new, found.lost)
    assert frozenset().union(*parts) == first ^ second
    assert sum(map(len, parts)) == len(first ^ second)


@pytest.fixture
def held_out(project: Project, add_sentences: AddSentences) -> list[Sentence]:
    """Forty labelled sentences of the hold-out, and one of the pool."""
    add_sentences(project, texts(1), gold={0: GOLD})
    return add_sentences(
        project, texts(40, first=1), gold=dict.fromkeys(range(40), GOLD), split="holdout"
    )


def address(*pair: ModelVersion, **query: str) -> str:
    first, second = pair
    asked = urlencode(query)
    return f"/api/v1/projects/{first.project_id}/models/{first.pk}/diff/{second.pk}/?{asked}"


def look(client: APIClient, *pair: ModelVersion, **query: Any) -> dict[str, Any]:
    answer = client.get(address(*pair, **query))
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def at_random(seed: int) -> Callable[[Example], Prediction]:
    """Return somebody who says this and that, with and without direction."""
    rng = random.Random(seed)

    def say(_: Example) -> Prediction:
        entities = [one for one in (*GOLD.entities, Entity(11, 13, "药物")) if rng.random() < 0.8]
        pairs = [(a, b) for a in range(len(entities)) for b in range(len(entities)) if a < b]
        kinds = ("协同", "拮抗", "相加")
        relations = []
        for head, tail in pairs:
            ends = (head, tail) if rng.random() < 0.5 else (tail, head)
            relations += [Relation(*ends, kind) for kind in kinds if rng.random() < 0.4]
        return surely(Graph(tuple(entities), tuple(relations)), 0.75)

    return say


@pytest.mark.parametrize("of", ["triple", "entity"])
@pytest.mark.parametrize("name", ["", "协同", "拮抗", "药物"])
def test_the_counts_of_the_api_add_up(
    project: Project, manager: User, api: Api, held_out: list[Sentence], of: str, name: str
) -> None:
    pair = [train_saying(project, manager, at_random(seed)) for seed in (1, 2)]
    client = api(manager)
    found = look(client, *pair, of=of, type=name)
    assert found["sentences"] == 40
    one, other, counts = found["first"], found["second"], found["counts"]
    assert other["right"] - one["right"] == counts["fixed"] - counts["broken"]
    assert other["wrong"] - one["wrong"] == counts["new"] - counts["lost"]
    assert one["right"] + one["missed"] == other["right"] + other["missed"]
    listed = [row for row in found["by_type"] if name in ("", row["type"])]
    assert counts == {kind: sum(row[kind] for row in listed) for kind in KINDS}
    shown = dict.fromkeys(KINDS, 0)
    for sentence in whole(client, address(*pair, of=of, type=name)):
        for said in sentence["statements"]:
            if said["change"] and name in ("", said["type"]):
                shown[said["change"]] += 1
    assert shown == counts
    if not name:
        for side, version in zip((one, other), pair, strict=True):
            assert side["f1"] == pytest.approx(version.metrics[f"{of}_f1"], abs=1e-4)


def whole(client: APIClient, url: str | None) -> list[dict[str, Any]]:
    """Follow all pages; no sentence comes twice."""
    found: list[dict[str, Any]] = []
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.content
        found += answer.json()["results"]
        url = answer.json()["next"]
    ids = [one["sentence_id"] for one in found]
    assert len(ids) == len(set(ids))
    return found


def test_a_page_has_so_many_statements_and_what_is_asked_for_stands_first(
    project: Project, manager: User, api: Api, held_out: list[Sentence]
) -> None:
    loud = {one.pk for one in held_out[::9]}

    def says(example: Example) -> Prediction:
        return everything(example) if int(example.id) in loud else gold(example)

    pair = [train_saying(project, manager, say) for say in (gold, says)]
    client = api(manager)
    total = 0
    page: dict[str, Any] = {}
    places: dict[int, list[int]] = {}
    url: str | None = address(*pair, kind="broken")
    while url:
        page = client.get(url).json()
        said = [(one["sentence_id"], each) for one in page["results"] for each in one["statements"]]
        assert 0 < len(said) <= STATEMENTS
        for sentence, each in said:
            where = 0 if each["change"] == "broken" else 1 if each["change"] else 2
            places.setdefault(sentence, []).append(where)
        total += len(said)
        url = page["next"]
    assert set(places) == loud
    assert page["differing"] == len(loud)
    assert all(ranks == sorted(ranks) and ranks[0] == 0 for ranks in places.values())
    assert total == sum(page["counts"].values())
    assert all(len(ranks) > STATEMENTS for ranks in places.values())


def test_each_kind_opens_its_sentences(
    project: Project, manager: User, api: Api, held_out: list[Sentence]
) -> None:
    mended, broken, false_now, false_before = (one.pk for one in held_out[:4])

    def first(example: Example) -> Prediction:
        wrong = int(example.id) == false_before
        return surely(WRONG) if wrong else NOTHING if int(example.id) == mended else gold(example)

    def second(example: Example) -> Prediction:
        wrong = int(example.id) == false_now
        return (
            surely(WRONG, 0.6) if wrong else NOTHING if int(example.id) == broken else gold(example)
        )

    pair = [train_saying(project, manager, say) for say in (first, second)]
    client = api(manager)
    found = look(client, *pair, kind="fixed")
    assert found["counts"] == {"fixed": 2, "broken": 2, "new": 1, "lost": 1}
    assert [one["sentence_id"] for one in found["results"]] == [mended, false_before]
    assert found["differing"] == 2
    (said,) = found["results"][0]["statements"]
    assert (
        said
        == {
            "type": "协同",
            "head": {"start": 0, "end": 5, "surface": "布美他尼片", "type": "药物"},
            "tail": {"start": 7, "end": 10, "surface": "多巴胺", "type": "药物"},
            "change": "fixed",
            "is_gold": True,
            "first": None,
            "second": 0.9,
        }
        or said["head"]["surface"] == "多巴胺"
    )
    (only,) = look(client, *pair, kind="new")["results"]
    assert only["sentence_id"] == false_now
    wrong = next(one for one in only["statements"] if one["change"] == "new")
    assert (wrong["type"], wrong["is_gold"], wrong["second"]) == ("拮抗", False, 0.6)
    assert look(client, *pair, kind="lost", type="协同")["results"] == []
    back = look(client, *reversed(pair))["counts"]
    assert back == {"fixed": 2, "broken": 2, "new": 1, "lost": 1}


def test_versions_without_a_common_sentence_have_nothing_to_compare(
    project: Project, manager: User, api: Api, held_out: list[Sentence]
) -> None:
    first = train_saying(project, manager, gold)
    first.judgements.all().delete()
    second = train_saying(project, manager, gold)
    found = look(api(manager), first, second)
    assert (found["sentences"], found["results"], found["next"]) == (0, [], None)


@pytest.mark.usefixtures("held_out")
def test_hold_out_labels_are_for_reviewers_and_managers(
    project: Project, manager: User, reviewer: User, ana: User, outsider: User, api: Api
) -> None:
    pair = [train_saying(project, manager, say) for say in (gold, at_random(3))]
    for user, status in ((reviewer, 200), (ana, 403), (outsider, 404), (None, 401)):
        assert api(user).get(address(*pair)).status_code == status
    client = api(manager)
    for query in ({"kind": "better"}, {"of": "word"}, {"colour": "red"}, {"cursor": "x"}):
        assert client.get(address(*pair, **query)).status_code == 400, query
    other = client.post("/api/v1/projects/", {"name": "Other"}).json()["id"]
    elsewhere = f"/api/v1/projects/{other}/models/{pair[0].pk}/diff/{pair[1].pk}/"
    assert client.get(elsewhere).status_code == 404


def test_a_diff_costs_the_same_queries_whatever_its_length(
    project: Project, manager: User, api: Api, held_out: list[Sentence]
) -> None:
    pair = [train_saying(project, manager, at_random(seed)) for seed in (1, 2)]
    client = api(manager)
    look(client, *pair)
    with CaptureQueriesContext(connection) as queries:
        look(client, *pair)
    assert len(queries) <= QUERIES
