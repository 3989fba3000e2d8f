"""Planted checks: who sees them, that none becomes gold unawares, and what is told of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.corpus.models import Sentence
from annotator.labelling.graphs import check_graph
from annotator.labelling.models import GoldRevision, Plant, Slot
from annotator.labelling.planting import holds_plant
from annotator.learning.models import Suggestion
from annotator.learning.planting import draw, with_plant, wrong_triple
from annotator.learning.selectors.agreement import wilson
from annotator.projects.models import Project
from extraction.types import RelationRule, Schema
from tests.annotator.conftest import AddSentences, entity, relation
from tests.annotator.learning.conftest import GOLD, Train, ask, suggest, texts

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
Put = Callable[..., Any]
Json = dict[str, Any]
SAID = {
    "entities": [entity("e1", 0, 5), entity("e2", 7, 10)],
    "relations": [relation("e2", "e1")],
}


@pytest.fixture
def suggested(project: Project, add_sentences: AddSentences, train: Train) -> list[Sentence]:
    """Six open sentences with suggestions, and none chosen by chance."""
    project.control_share = project.holdout_share = 0.0
    project.save()
    add_sentences(project, texts(1), gold={0: GOLD})
    sentences = add_sentences(project, texts(6, first=1))
    train(project)
    suggest()
    return sentences


def switch_on(project: Project, person: User, sentence: Sentence) -> None:
    """Plant with the largest share there may be, by a seed that draws this sentence."""
    project.planted_share = 0.05
    project.seed = next(
        seed for seed in range(10_000) if draw(seed, sentence.pk, person.pk, "plant") < 0.05
    )
    project.save()


def take_all(client: APIClient, project: Project) -> dict[int, Json]:
    found: dict[int, Json] = {}
    while given_out := ask(client, project, count=5):
        found |= {one["id"]: one for one in given_out}
    return found


@pytest.fixture
def planted(
    project: Project, suggested: list[Sentence], ana: User, api: Api
) -> tuple[Sentence, Json]:
    """A sentence that Ana holds, and what she sees: its suggestion has one wrong triple more."""
    switch_on(project, ana, suggested[3])
    shown = take_all(api(ana), project)
    return suggested[3], shown[suggested[3].pk]


def accepted(shown: Json) -> Json:
    """Return labels that take over all that was suggested."""
    suggestion = shown["suggestion"]
    return {
        "entities": [{**one, "source": "accepted"} for one in bare(suggestion["entities"])],
        "relations": [{**one, "source": "accepted"} for one in bare(suggestion["relations"])],
    }


def bare(found: list[Json]) -> list[Json]:
    return [{name: one[name] for name in one if name != "confidence"} for one in found]


def state_of(sentence: Sentence) -> tuple[str, int]:
    sentence.refresh_from_db()
    return sentence.state, sentence.gold_version


def checks(client: APIClient, project: Project, **query: Any) -> list[Json]:
    found: list[Json] = client.get(f"/api/v1/projects/{project.pk}/checks/", query).json()[
        "results"
    ]
    return found


def test_nothing_is_planted_unless_a_manager_wants_it(
    project: Project, suggested: list[Sentence], ana: User, api: Api
) -> None:
    assert api(ana).get(f"/api/v1/projects/{project.pk}/").json()["planted_share"] == 0.0
    shown = take_all(api(ana), project)
    assert {len(one["suggestion"]["relations"]) for one in shown.values()} == {1}
    assert not Plant.objects.exists()


def test_one_wrong_legal_triple_is_shown_to_its_person_alone(
    project: Project, planted: tuple[Sentence, Json], ana: User, bo: User, api: Api
) -> None:
    sentence, shown = planted
    truth = Suggestion.objects.get(sentence=sentence).graph
    more = [one for one in shown["suggestion"]["relations"] if one not in truth["relations"]]
    assert len(more) == len(shown["suggestion"]["relations"]) - 1 == 1
    assert more[0]["type"] != "协同"
    address = f"/api/v1/sentences/{sentence.pk}/"
    assert (
        api(ana).get(address).json()["suggestion"]["relations"]
        == (shown["suggestion"]["relations"])
    )
    assert len(api(bo).get(address).json()["suggestion"]["relations"]) == 1
    browsed = api(ana).get(f"/api/v1/projects/{project.pk}/suggestions/").json()["results"]
    assert {one["type"] for one in browsed} == {"协同"}


def test_handing_back_and_taking_again_is_no_second_draw(
    project: Project, planted: tuple[Sentence, Json], ana: User, api: Api
) -> None:
    sentence, shown = planted
    triple = Plant.objects.get(sentence=sentence, person=ana).triple
    api(ana).delete(f"/api/v1/sentences/{sentence.pk}/lease/")
    again = take_all(api(ana), project)[sentence.pk]
    assert again["suggestion"] == shown["suggestion"]
    assert Plant.objects.get(sentence=sentence).triple == triple


@pytest.mark.parametrize("change", [{"is_holdout": True}, {"is_blind": True}, {"is_blind": None}])
def test_neither_the_hold_out_nor_hidden_nor_opened_sentences_are_planted(
    project: Project, suggested: list[Sentence], ana: User, api: Api, change: Json
) -> None:
    take_all(api(ana), project)
    switch_on(project, ana, suggested[3])
    Slot.objects.filter(sentence=suggested[3]).update(**change)
    ask(api(ana), project, count=5, resume=True)
    ask(api(ana), project, count=5, resume=True)
    assert not Plant.objects.filter(sentence=suggested[3]).exists()


def test_who_leaves_it_out_makes_gold_as_ever(
    project: Project, planted: tuple[Sentence, Json], ana: User, manager: User, api: Api, put: Put
) -> None:
    sentence, _ = planted
    put(api(ana), sentence, action="submit", **SAID)
    assert state_of(sentence) == ("gold", 1)
    assert exported(api(manager), project, sentence, "gold")
    assert Plant.objects.get(sentence=sentence).outcome == "refused"
    seen = api(ana).get(f"/api/v1/sentences/{sentence.pk}/").json()["suggestion"]
    assert [one["type"] for one in seen["relations"]] == ["协同"]
    assert checks(api(ana), project) == []


def exported(client: APIClient, project: Project, sentence: Sentence, state: str) -> bool:
    """Say whether an export gives the sentence any labels."""
    answer = client.get(f"/api/v1/projects/{project.pk}/export/?format=native&state={state}")
    whole = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return any(sentence.text in line and '"协同"' in line for line in whole.splitlines())


def test_an_accepted_check_makes_no_gold_and_leaves_by_no_door(
    project: Project, planted: tuple[Sentence, Json], ana: User, manager: User, api: Api, put: Put
) -> None:
    sentence, shown = planted
    for version in (0, 1):  # a retry without a word is no consent
        put(api(ana), sentence, version=version, action="submit", **accepted(shown))
        assert state_of(sentence) == ("submitted", 0)
    for state in ("gold", "submitted", "all"):
        assert not exported(api(manager), project, sentence, state)
    assert not GoldRevision.objects.filter(sentence=sentence).exists()


def test_it_is_told_to_its_person_and_to_reviewers(
    project: Project,
    planted: tuple[Sentence, Json],
    people: tuple[User, User, User],
    api: Api,
    put: Put,
) -> None:
    ana, bo, reviewer = people
    sentence, shown = planted
    put(api(ana), sentence, action="submit", **accepted(shown))
    (mine,) = checks(api(ana), project)
    assert (mine["sentence"], mine["person"], mine["outcome"]) == (sentence.pk, "ana", "accepted")
    assert {mine["head"], mine["tail"]} == {"布美他尼片", "多巴胺"}
    assert checks(api(bo), project) == []
    assert checks(api(reviewer), project, everyone="true") == [mine]
    told = api(reviewer).get(f"/api/v1/projects/{project.pk}/automation-bias/").json()
    assert {name: told["planted"][name] for name in ("share", "shown", "accepted", "held")} == {
        "share": 0.05, "shown": 1, "accepted": 1, "held": 1,
    }  # fmt: skip
    assert told["planted"]["rate"]["low"] < told["planted"]["rate"]["value"] == 1.0
    assert told["shown"]["count"] == 0  # a planted suggestion is no measure of swaying


@pytest.fixture
def people(ana: User, bo: User, reviewer: User) -> tuple[User, User, User]:
    """Ana, Bo and Rui."""
    return ana, bo, reviewer


def test_taking_it_out_or_keeping_it_knowingly_makes_gold(
    project: Project, planted: tuple[Sentence, Json], ana: User, bo: User, api: Api, put: Put
) -> None:
    sentence, shown = planted
    client, door = api(ana), f"/api/v1/sentences/{sentence.pk}/check/"
    assert client.post(door).status_code == 404  # nothing was accepted yet
    put(client, sentence, action="submit", **accepted(shown))
    assert api(bo).post(door).status_code == 404
    put(client, sentence, version=1, action="submit", **SAID)
    assert state_of(sentence) == ("gold", 1)
    assert Plant.objects.get(sentence=sentence).outcome == "removed"
    put(client, sentence, version=2, action="submit", **accepted(shown))
    assert state_of(sentence)[0] == "submitted"
    assert client.post(door).json() == {"state": "gold"}
    assert Plant.objects.get(sentence=sentence).outcome == "confirmed"
    newest = GoldRevision.objects.filter(sentence=sentence).latest("version")
    assert len(newest.graph["relations"]) == 2
    assert client.post(door).status_code == 404


def test_a_colleague_who_says_the_same_does_not_make_it_gold(
    project: Project, planted: tuple[Sentence, Json], ana: User, bo: User, api: Api, put: Put
) -> None:
    sentence, shown = planted
    put(api(ana), sentence, action="submit", **accepted(shown))
    project.overlap = 2
    project.save()
    put(api(bo), sentence, action="submit", **accepted(shown))
    assert state_of(sentence) == ("submitted", 0)
    put(api(ana), sentence, version=1, action="skip", **accepted(shown))
    assert api(ana).post(f"/api/v1/sentences/{sentence.pk}/check/").status_code == 404


def test_a_moved_boundary_or_a_changed_schema_hides_nothing(
    project: Project, planted: tuple[Sentence, Json], ana: User, api: Api, put: Put
) -> None:
    sentence, shown = planted
    labels = accepted(shown)
    labels["entities"][0]["end"] -= 1
    put(api(ana), sentence, action="submit", **labels)
    assert state_of(sentence) == ("submitted", 0)
    Plant.objects.update(schema_version=0)
    put(api(ana), sentence, version=1, action="submit", **SAID)  # any type between the ends
    assert state_of(sentence) == ("submitted", 0)
    put(api(ana), sentence, version=2, action="submit", **{**SAID, "relations": []})
    assert state_of(sentence) == ("gold", 1)


def test_roles_and_parameters(
    project: Project, planted: tuple[Sentence, Json], ana: User, outsider: User, api: Api
) -> None:
    path = f"/api/v1/projects/{project.pk}/checks/"
    answers = [
        api(outsider).get(path),
        api(outsider).post(f"/api/v1/sentences/{planted[0].pk}/check/"),
        api(ana).get(path, {"everyone": "true"}),
        api(ana).get(path, {"person": "bo"}),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 403, 400]


@pytest.mark.parametrize(("share", "status"), [(0.05, 200), (0, 200), (0.06, 400), (-0.01, 400)])
def test_the_share_is_small_and_only_a_manager_sets_it(
    project: Project, manager: User, ana: User, api: Api, share: float, status: int
) -> None:
    path = f"/api/v1/projects/{project.pk}/"
    assert api(manager).patch(path, {"planted_share": share}).status_code == status
    assert api(ana).patch(path, {"planted_share": 0}).status_code == 403


SCHEMA = Schema(
    ("药物", "病"),
    (RelationRule("协同", symmetric=True), RelationRule("治疗", pairs=(("药物", "病"),))),
)
entities = st.lists(st.sampled_from(["药物", "病"]), max_size=4)


@given(entities, st.data())
def test_what_is_planted_is_legal_and_not_said(kinds: list[str], data: st.DataObject) -> None:
    graph: Json = {
        "entities": [
            {"id": f"s{at}", "start": 2 * at, "end": 2 * at + 1, "type": kind, "confidence": 0.9}
            for at, kind in enumerate(kinds)
        ],
        "relations": [],
        "alternatives": [],
    }
    ids = [one["id"] for one in graph["entities"]]
    if len(ids) > 1 and data.draw(st.booleans()):
        graph["relations"].append(
            {"head": ids[0], "tail": ids[1], "type": "协同", "confidence": 0.7}
        )
    triple = wrong_triple(graph, SCHEMA, data.draw(st.floats(0, 1, exclude_max=True)))
    if triple is None:
        assert len(ids) < 2 or graph["relations"]
        return
    assert not holds_plant(graph, triple)
    shown = with_plant(graph, triple)
    check_graph(shown, text="字" * 9, schema=SCHEMA)
    assert holds_plant(shown, triple)
    assert len(shown["relations"]) == len(graph["relations"]) + 1


def test_a_type_that_the_model_believes_in_is_not_planted() -> None:
    ends = [{"id": f"s{at}", "start": at, "end": at + 1, "type": "药物"} for at in range(2)]
    weighed = {"kind": "relation", "type": "协同", "start": 0, "end": 1, "tail_start": 1}
    for chance, is_planted in ((0.2, False), (0.01, True)):
        graph: Json = {
            "entities": ends,
            "relations": [],
            "alternatives": [{**weighed, "tail_end": 2, "confidence": chance}],
        }
        triple = wrong_triple(graph, SCHEMA, 0.0)
        assert (triple is not None) is is_planted
        if triple is not None:
            assert with_plant(graph, triple)["alternatives"][0]["confidence"] == 0.8


def test_a_share_of_few_has_a_wide_interval() -> None:
    low, high = wilson(1, 10)
    assert (round(low, 4), round(high, 4)) == (0.0179, 0.4042)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 10)[0] == 0.0
