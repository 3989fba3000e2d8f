"""What a version gets wrong: the tables add up, and each number opens its own statements."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from itertools import chain
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.corpus.models import Sentence
from annotator.learning.models import ModelVersion
from annotator.projects.models import Project
from extraction.types import Entity, Example, Graph, Prediction, Relation
from tests.annotator.conftest import AddSentences
from tests.annotator.learning.conftest import GOLD, texts
from tests.annotator.learning.judging import everything, gold, surely, train_saying

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
QUERIES = 8
SENTENCES = 45
PAGE = 20
STATEMENTS = 100
PAIRED = {"correct", "boundary", "entity_type", "type", "predicate", "direction"}


@pytest.fixture
def held_out(project: Project, add_sentences: AddSentences) -> list[Sentence]:
    """Labelled sentences of the hold-out, and one of the pool."""
    add_sentences(project, texts(1), gold={0: GOLD})
    every = dict.fromkeys(range(SENTENCES), GOLD)
    return add_sentences(project, texts(SENTENCES, first=1), gold=every, split="holdout")


def at_random(seed: int) -> Callable[[Example], Prediction]:
    """Return somebody who errs in all ways."""
    rng = random.Random(seed)

    def say(_: Example) -> Prediction:
        known = [one for one in GOLD.entities if rng.random() < 0.8]
        known += [Entity(one.start, one.end - 1, one.type) for one in GOLD.entities]
        ends = [(a, b) for a in range(len(known)) for b in range(len(known)) if a != b]
        kinds = ("协同", "拮抗", "相加")
        arrows = [Relation(*pair, kind) for pair in ends for kind in kinds if rng.random() < 0.15]
        return surely(Graph(tuple(known), tuple(arrows)), 0.75)

    return say


def address(version: ModelVersion, end: str = "", **query: str) -> str:
    where = f"/api/v1/projects/{version.project_id}/models/{version.pk}/errors/{end}"
    return f"{where}?{urlencode(query)}"


def look(client: APIClient, version: ModelVersion) -> dict[str, Any]:
    answer = client.get(address(version))
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def listed(client: APIClient, version: ModelVersion, **query: str) -> list[dict[str, Any]]:
    """Follow all pages of a cell; return the statements that were asked for."""
    url: str | None = address(version, "sentences/", **query)
    found: list[dict[str, Any]] = []
    ids: list[int] = []
    page: dict[str, Any] = {}
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.content
        page = answer.json()
        assert len(page["results"]) <= PAGE
        ids += [one["sentence_id"] for one in page["results"]]
        for one in page["results"]:
            asked = [said for said in one["statements"] if said["is_asked"]]
            assert asked
            found += asked
        url = page["next"]
    assert len(ids) == len(set(ids)) == page["sentences"]
    assert len(found) == page["statements"]
    return found


@pytest.mark.usefixtures("held_out")
@pytest.mark.parametrize("kind", ["relation", "entity"])
def test_the_statements_behind_each_cell_add_up_to_it(
    project: Project, manager: User, api: Api, kind: str
) -> None:
    version = train_saying(project, manager, at_random(1))
    client = api(manager)
    part = look(client, version)["relations" if kind == "relation" else "entities"]
    for row in part["types"]:
        for name, count in row["cells"].items():
            cell = listed(client, version, kind=kind, type=row["type"], **{"class": name})
            assert len(cell) == count
            assert {said["class"] for said in cell} <= {name}
            assert {(said["gold"] or said["predicted"])["type"] for said in cell} <= {row["type"]}
            for said in cell:
                assert (said["gold"] is None) == (name == "spurious")
                assert (said["predicted"] is None) == (name == "missed")
    for name, count in part["total"]["cells"].items():
        assert len(listed(client, version, kind=kind, **{"class": name})) == count


@pytest.mark.usefixtures("held_out")
def test_the_tables_add_up(project: Project, manager: User, api: Api) -> None:
    version = train_saying(project, manager, at_random(2))
    found = look(api(manager), version)
    assert found["sentences"] == SENTENCES
    for name, part in (("triple", found["relations"]), ("entity", found["entities"])):
        gold_of: Counter[str | None] = Counter()
        said_of: Counter[str | None] = Counter()
        for met in part["confusion"]:
            gold_of[met["gold"]] += met["count"]
            said_of[met["predicted"]] += met["count"]
        for row in part["types"]:
            assert set(row["cells"]) == set(part["classes"])
            assert row["gold"] == gold_of[row["type"]]
            assert row["predicted"] == said_of[row["type"]]
            assert row["gold"] == sum(row["cells"].values()) - row["cells"]["spurious"]
        total = part["total"]
        paired = sum(count for cell, count in total["cells"].items() if cell in PAIRED)
        assert total["gold"] == paired + total["cells"]["missed"]
        assert total["predicted"] == paired + total["cells"]["spurious"]
        for cell, count in total["cells"].items():
            assert count == sum(row["cells"][cell] for row in part["types"])
        assert total["f1"] == pytest.approx(version.metrics[f"{name}_f1"], abs=1e-4)
    for sort in ("length", "triples"):
        mine = [one for one in found["slices"] if one["slice"].startswith(sort)]
        assert sum(one["sentences"] for one in mine) == SENTENCES
        for part_name in ("relations", "entities"):
            for field in ("gold", "predicted"):
                whole = found[part_name]["total"][field]
                assert sum(one[part_name][field] for one in mine) == whole


@pytest.mark.usefixtures("held_out")
@pytest.mark.parametrize("kind", ["relation", "entity"])
def test_each_number_of_the_confusion_matrix_opens_its_statements(
    project: Project, manager: User, api: Api, kind: str
) -> None:
    version = train_saying(project, manager, at_random(1))
    client = api(manager)
    part = look(client, version)["relations" if kind == "relation" else "entities"]
    assert {None} < {met["gold"] for met in part["confusion"]}
    for met in part["confusion"]:
        names = met["gold"], met["predicted"]
        ends = {"gold": met["gold"] or "", "predicted": met["predicted"] or ""}
        cell = listed(client, version, kind=kind, **ends)
        assert len(cell) == met["count"] > 0
        said = {
            (one["gold"] and one["gold"]["type"], one["predicted"] and one["predicted"]["type"])
            for one in cell
        }
        assert said == {names}


@pytest.mark.usefixtures("held_out")
@pytest.mark.parametrize("kind", ["relation", "entity"])
def test_the_sums_of_a_row_open_their_statements(
    project: Project, manager: User, api: Api, kind: str
) -> None:
    version = train_saying(project, manager, at_random(5))
    client = api(manager)
    part = look(client, version)["relations" if kind == "relation" else "entities"]
    for side in ("gold", "predicted"):
        assert len(listed(client, version, kind=kind, side=side)) == part["total"][side]
        for row in part["types"]:
            cell = listed(client, version, kind=kind, **{side: row["type"]})
            assert len(cell) == row[side]


@pytest.mark.usefixtures("held_out")
@pytest.mark.parametrize("kind", ["relation", "entity"])
def test_a_slice_opens_its_own_statements(
    project: Project, manager: User, api: Api, kind: str
) -> None:
    version = train_saying(project, manager, at_random(3))
    client = api(manager)
    for one in look(client, version)["slices"]:
        figures = one["relations" if kind == "relation" else "entities"]
        for side in ("gold", "predicted"):
            cell = listed(client, version, kind=kind, slice=one["slice"], side=side)
            assert len(cell) == figures[side]
        right = listed(client, version, kind=kind, slice=one["slice"], **{"class": "correct"})
        assert len(right) == figures["correct"]
        whole = listed(client, version, kind=kind, slice=one["slice"])
        assert sum(1 for said in whole if said["gold"]) == figures["gold"]
        assert sum(1 for said in whole if said["predicted"]) == figures["predicted"]


def test_a_sentence_of_which_too_much_is_said_goes_on_on_the_next_page(
    project: Project, manager: User, api: Api, held_out: list[Sentence]
) -> None:
    loud = held_out[1].pk

    def say(example: Example) -> Prediction:
        return everything(example) if int(example.id) == loud else gold(example)

    client = api(manager)
    url: str | None = address(train_saying(project, manager, say), "sentences/")
    asked: list[dict[str, Any]] = []
    page: dict[str, Any] = {}
    shown: list[list[int]] = []
    while url:
        page = client.get(url).json()
        shown.append([one["sentence_id"] for one in page["results"]])
        said = [each for one in page["results"] for each in one["statements"]]
        assert len(said) <= STATEMENTS
        asked += said
        url = page["next"]
    assert len(asked) == page["statements"] > STATEMENTS
    assert shown[0] == [held_out[0].pk]
    assert [loud in ids for ids in shown].count(True) == 2
    assert list(dict.fromkeys(chain.from_iterable(shown))) == [one.pk for one in held_out]


@pytest.mark.usefixtures("held_out")
@pytest.mark.parametrize(
    ("query", "field", "known"),
    [
        ({"kind": "word"}, "kind", "entity"),
        ({"class": "wrong"}, "class", "missed"),
        ({"kind": "entity", "class": "predicate"}, "class", "type"),
        ({"slice": "length:0"}, "slice", "overlap:seo"),
        ({"side": "left"}, "side", "predicted"),
        ({"type": "药物"}, "type", "拮抗"),
        ({"gold": "治疗"}, "gold", "抑制"),
        ({"gold": "", "predicted": "治疗"}, "predicted", "抑制"),
        ({"predicted": "治疗"}, "predicted", "协同"),
        ({"kind": "entity", "type": "协同"}, "type", "药物"),
    ],
)
def test_what_is_not_known_is_refused_with_what_is(
    project: Project, manager: User, api: Api, query: dict[str, str], field: str, known: str
) -> None:
    version = train_saying(project, manager, gold)
    answer = api(manager).get(address(version, "sentences/", **query))
    told = answer.json()
    assert (answer.status_code, told["code"]) == (400, "invalid")
    assert told["context"]["field"] == field
    assert known in told["context"]["known"]
    assert query[field] not in told["context"]["known"]


@pytest.mark.usefixtures("held_out")
def test_a_type_of_the_schema_that_nobody_uses_opens_nothing(
    project: Project, manager: User, api: Api
) -> None:
    version = train_saying(project, manager, gold)
    assert listed(api(manager), version, type="抑制") == []


def test_a_sentence_shows_what_gold_and_the_version_say(
    project: Project, manager: User, api: Api, held_out: list[Sentence]
) -> None:
    wrong = held_out[3].pk
    short = Entity(0, 4, "药物")

    def say(example: Example) -> Prediction:
        if int(example.id) != wrong:
            return gold(example)
        ends = (short if one.start == 0 else one for one in GOLD.entities)
        return surely(Graph(tuple(ends), GOLD.relations), 0.6)

    version = train_saying(project, manager, say)
    client = api(manager)
    asked = {"kind": "entity", "class": "boundary"}
    (one,) = client.get(address(version, "sentences/", **asked)).json()["results"]
    assert (one["sentence_id"], one["text"]) == (wrong, held_out[3].text)
    assert len(one["gold"]["entities"]) == len(one["predicted"]["entities"]) == len(GOLD.entities)
    (arrow,) = one["gold"]["relations"]
    assert (arrow["head"], arrow["tail"]) == (1, 0), "places in the list of entities"
    (said,) = [said for said in one["statements"] if said["is_asked"]]
    assert said["gold"]["head"]["surface"] == held_out[3].text[0:5]
    assert said["predicted"]["head"]["surface"] == held_out[3].text[0:4]
    assert (said["gold"]["confidence"], said["predicted"]["confidence"]) == (None, 0.6)
    assert said["gold"]["tail"] is None


@pytest.mark.usefixtures("held_out")
def test_a_version_that_nobody_judged_says_why(project: Project, manager: User, api: Api) -> None:
    version = train_saying(project, manager, gold)
    version.judgements.all().delete()
    for end in ("", "sentences/"):
        answer = api(manager).get(address(version, end))
        assert (answer.status_code, answer.json()["code"]) == (409, "not_judged")


@pytest.mark.usefixtures("held_out")
def test_errors_are_for_reviewers_and_managers(
    project: Project, manager: User, reviewer: User, ana: User, outsider: User, api: Api
) -> None:
    version = train_saying(project, manager, gold)
    client = api(manager)
    other = client.post("/api/v1/projects/", {"name": "Other"}).json()["id"]
    for end in ("", "sentences/"):
        for user, status in ((reviewer, 200), (ana, 403), (outsider, 404), (None, 401)):
            assert api(user).get(address(version, end)).status_code == status
        assert client.get(address(version, end, colour="red")).status_code == 400
        elsewhere = f"/api/v1/projects/{other}/models/{version.pk}/errors/{end}"
        assert client.get(elsewhere).status_code == 404
    bad = (
        {"kind": "word"},
        {"class": "type"},
        {"kind": "entity", "class": "predicate"},
        {"slice": "length:0"},
        {"cursor": "x"},
    )
    for query in bad:
        assert client.get(address(version, "sentences/", **query)).status_code == 400, query


@pytest.mark.usefixtures("held_out")
def test_errors_cost_the_same_queries_whatever_their_number(
    project: Project, manager: User, api: Api
) -> None:
    version = train_saying(project, manager, at_random(4))
    client = api(manager)
    look(client, version)
    for end in ("", "sentences/"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address(version, end)).status_code == 200
        assert len(queries) <= QUERIES
