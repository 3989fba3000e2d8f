"""The hidden-suggestion sample: who sees what when, and what it says of automation bias."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.corpus.models import Sentence
from annotator.labelling.models import Slot
from annotator.learning.models import Suggestion
from annotator.learning.selectors.agreement import agreement, difference, f1
from annotator.projects.models import Project
from tests.annotator.conftest import AddSentences, entity, relation
from tests.annotator.learning.conftest import GOLD, Train, ask, suggest, texts

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
Put = Callable[..., Any]
Json = dict[str, Any]
QUERIES_OF_BIAS = 7
SAID = {
    "entities": [entity("e1", 0, 5), entity("e2", 7, 10)],
    "relations": [relation("e2", "e1")],
}


@pytest.fixture
def suggested(project: Project, add_sentences: AddSentences, train: Train) -> list[Sentence]:
    """Thirty open sentences with suggestions; half of them are to be hidden by chance."""
    project.control_share = project.holdout_share = 0.0
    project.blind_share = 0.5
    project.save()
    add_sentences(project, texts(1), gold={0: GOLD})
    sentences = add_sentences(project, texts(30, first=1))
    train(project)
    suggest()
    return sentences


def take_all(client: APIClient, project: Project) -> list[Json]:
    found: list[Json] = []
    while given := ask(client, project, count=5):
        found += given
    return found


def look(client: APIClient, pk: int) -> Json:
    seen: Json = client.get(f"/api/v1/sentences/{pk}/").json()
    return seen


def first_blind(shown: list[Json]) -> Json:
    return next(one for one in shown if one["blind"])


def test_about_the_share_is_hidden_and_its_reason_tells_nothing(
    project: Project, suggested: list[Sentence], ana: User, api: Api
) -> None:
    shown = take_all(api(ana), project)
    blind = [one for one in shown if one["blind"]]
    assert 5 <= len(blind) <= 25
    assert [one["suggestion"] for one in blind] == [None] * len(blind)
    assert {one["why"]["text"]["en"] for one in blind} == {"The model is unsure of this sentence"}
    assert {one["why"]["reason"] for one in shown} == {"uncertain"}
    assert all(one["suggestion"] for one in shown if not one["blind"])


def test_it_is_hidden_from_its_holder_until_the_submission_and_from_nobody_else(
    project: Project, suggested: list[Sentence], ana: User, bo: User, api: Api, put: Put
) -> None:
    client = api(ana)
    pk = first_blind(take_all(client, project))["id"]
    sentence = Sentence.objects.get(pk=pk)
    put(client, sentence, action="save", **SAID)
    assert (look(client, pk)["blind"], look(client, pk)["suggestion"]) == (True, None)
    assert (look(api(bo), pk)["blind"], bool(look(api(bo), pk)["suggestion"])) == (False, True)
    put(client, sentence, version=1, action="skip", **SAID)
    assert look(client, pk)["suggestion"] is None
    put(client, sentence, version=2, action="submit", **SAID)
    after = look(client, pk)
    assert after["blind"]
    assert after["suggestion"]["relations"][0]["type"] == "协同"


def test_handing_back_and_taking_again_is_no_second_draw(
    project: Project, suggested: list[Sentence], ana: User, bo: User, api: Api
) -> None:
    client = api(ana)
    drawn = {one["id"]: one["blind"] for one in take_all(client, project)}
    for pk, is_blind in drawn.items():
        client.delete(f"/api/v1/sentences/{pk}/lease/")
        assert (look(client, pk)["suggestion"] is None) is is_blind
    assert ask(client, project, resume=True, count=1)  # nothing is resumed: it is a new lease
    client.post(f"/api/v1/sentences/{min(drawn)}/lease/")
    again = {one["id"]: one["blind"] for one in take_all(client, project)}
    assert again.items() <= drawn.items()
    for pk in drawn:
        client.delete(f"/api/v1/sentences/{pk}/lease/")
    others = {one["id"]: one["blind"] for one in take_all(api(bo), project)}
    assert set(others) == set(drawn)
    assert others != drawn  # another person, another draw


def test_what_one_opens_oneself_and_what_has_no_suggestion_is_never_hidden(
    project: Project, suggested: list[Sentence], ana: User, api: Api
) -> None:
    client = api(ana)
    for sentence in suggested:
        client.post(f"/api/v1/sentences/{sentence.pk}/lease/")
        assert look(client, sentence.pk)["suggestion"]
    Slot.objects.update(holder=None, lease_until=None)
    Suggestion.objects.all().delete()
    assert not any(one["blind"] for one in take_all(client, project))
    assert not Slot.objects.exclude(is_blind=None).exists()


def test_a_submission_without_the_place_is_not_of_the_sample(
    project: Project, suggested: list[Sentence], ana: User, bo: User, api: Api, put: Put
) -> None:
    pk = first_blind(take_all(api(ana), project))["id"]
    api(ana).delete(f"/api/v1/sentences/{pk}/lease/")
    put(api(bo), Sentence.objects.get(pk=pk), action="submit", **SAID)
    assert Slot.objects.get(sentence=pk).is_blind is None
    assert look(api(bo), pk)["blind"] is False


def test_a_list_neither_tells_nor_finds_what_is_hidden(
    project: Project, suggested: list[Sentence], ana: User, bo: User, api: Api, put: Put
) -> None:
    client, path = api(ana), f"/api/v1/projects/{project.pk}/sentences/"

    def listed(reader: APIClient, **wishes: Any) -> dict[int, Json]:
        rows = reader.get(path, wishes).json()["results"]
        return {row["id"]: row for row in rows}

    pk = first_blind(take_all(client, project))["id"]
    for order in ("position", "priority"):
        row = listed(client, order=order)[pk]
        assert (row["suggested"], row["score"]) == (False, None)
        for wishes in ({"min_score": 0}, {"max_score": 1e9}, {"suggested": "true"}):
            assert pk not in listed(client, order=order, **wishes)
            assert pk in listed(api(bo), order=order, **wishes)
        assert pk in listed(client, order=order, suggested="false")
    put(client, Sentence.objects.get(pk=pk), action="submit", **SAID)
    assert listed(client, min_score=0)[pk]["suggested"] is True


def address(project: Project) -> str:
    return f"/api/v1/projects/{project.pk}/automation-bias/"


def test_agreement_is_told_for_both_arms_by_the_first_submission(
    project: Project,
    suggested: list[Sentence],
    people: tuple[User, User],
    api: Api,
    put: Put,
) -> None:
    ana, reviewer = people
    empty = api(reviewer).get(address(project)).json()
    assert empty["difference"] is None
    assert empty["hidden"] == {
        "count": 0, "entity_f1": None, "triple_f1": None, "seconds": None,
    }  # fmt: skip
    client = api(ana)
    shown = take_all(client, project)
    for one in shown:  # who sees the suggestion copies it, who does not misses the relation
        labels = {**SAID, "relations": []} if one["blind"] else SAID
        seconds = 20 if one["blind"] else 5
        sentence = Sentence.objects.get(pk=one["id"])
        put(client, sentence, action="submit", seconds=seconds, **labels)
        put(client, sentence, version=1, action="submit", seconds=99, **SAID)
    with CaptureQueriesContext(connection) as seen:
        found = api(reviewer).get(address(project)).json()
    assert len(seen) <= QUERIES_OF_BIAS
    count = sum(one["blind"] for one in shown)
    assert found["hidden"] == {"count": count, "entity_f1": 1.0, "triple_f1": 0.0, "seconds": 20.0}
    assert found["shown"]["count"] == 30 - count
    assert found["shown"]["triple_f1"] == 1.0
    assert found["difference"]["triple_f1"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert found["difference"]["seconds"]["value"] == -15.0


@pytest.fixture
def people(ana: User, reviewer: User) -> tuple[User, User]:
    """Ana and Rui."""
    return ana, reviewer


def test_what_was_measured_survives_new_versions(
    project: Project,
    suggested: list[Sentence],
    people: tuple[User, User],
    api: Api,
    put: Put,
    train: Train,
) -> None:
    ana, reviewer = people
    client = api(ana)
    pk = first_blind(take_all(client, project))["id"]
    put(client, Sentence.objects.get(pk=pk), action="submit", **SAID)
    for _ in range(4):
        train(project)
        suggest()
    assert api(reviewer).get(address(project)).json()["hidden"]["count"] == 1


def test_only_reviewers_and_managers_see_it(
    project: Project, ana: User, outsider: User, manager: User, api: Api
) -> None:
    found = [api(user).get(address(project)).status_code for user in (ana, outsider, manager)]
    assert found == [403, 404, 200]
    assert api(manager).get(f"{address(project)}?arm=1").status_code == 400


@pytest.mark.parametrize(("share", "status"), [(0.5, 200), (0, 200), (0.51, 400), (-0.1, 400)])
def test_the_share_can_be_set_up_to_one_half(
    project: Project, manager: User, ana: User, api: Api, share: float, status: int
) -> None:
    path = f"/api/v1/projects/{project.pk}/"
    answer = api(manager).patch(path, {"blind_share": share})
    assert answer.status_code == status
    assert api(ana).patch(path, {"blind_share": 0}).status_code == 403
    if status == 200:
        assert api(ana).get(path).json()["blind_share"] == share


def test_a_symmetric_relation_agrees_both_ways_round() -> None:
    turned = {**SAID, "relations": [relation("e1", "e2")]}
    assert agreement(SAID, turned, 1.0, frozenset({"协同"})).triple_f1 == 1.0
    assert agreement(SAID, turned, 1.0, frozenset()).triple_f1 == 0.0


@given(st.frozensets(st.integers(0, 9)), st.frozensets(st.integers(0, 9)))
def test_f1_is_the_same_both_ways_and_one_for_equals(a: frozenset[int], b: frozenset[int]) -> None:
    assert f1(a, b) == f1(b, a)
    assert (f1(a, b) == 1.0) is (a == b)


def test_an_interval_holds_its_value_and_narrows_with_more_labels() -> None:
    few = difference([0.9, 0.7] * 5, [0.5, 0.6] * 5, seed=1)
    many = difference([0.9, 0.7] * 200, [0.5, 0.6] * 200, seed=1)
    assert few is not None
    assert many is not None
    assert few.low <= few.value <= few.high
    assert many.high - many.low < few.high - few.low
    assert few == difference([0.9, 0.7] * 5, [0.5, 0.6] * 5, seed=1)
    assert difference([], [0.5], seed=1) is None
