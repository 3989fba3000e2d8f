"""Learning curves: points, hours, arms, agreement of versions, forecast and advice."""

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
from annotator.learning.models import ModelVersion
from annotator.projects.models import Project
from tests.annotator.conftest import AddSentences, entity, relation
from tests.annotator.learning.conftest import GOLD, Train, ask, suggest, texts

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
Put = Callable[..., Any]
Json = dict[str, Any]
QUERIES = 14
SAID = {
    "entities": [entity("e1", 0, 5), entity("e2", 7, 10)],
    "relations": [relation("e2", "e1")],
}


def address(project: Project) -> str:
    return f"/api/v1/projects/{project.pk}/curves/"


def look(client: APIClient, project: Project) -> Json:
    answer = client.get(address(project))
    assert answer.status_code == 200, answer.content
    found: Json = answer.json()
    return found


@pytest.fixture
def grown(
    project: Project, add_sentences: AddSentences, train: Train, ana: User, api: Api, put: Put
) -> list[Sentence]:
    """Two imported gold sentences and a version; then two labelled ones each before two more."""
    add_sentences(project, texts(2), gold={0: GOLD, 1: GOLD})
    sentences = add_sentences(project, texts(40, first=2))
    train(project, triple_f1=0.3, entity_f1=0.6)
    for at, f1 in ((0, 0.4), (2, 0.45)):
        for sentence in sentences[at : at + 2]:
            put(api(ana), sentence, action="submit", seconds=90, **SAID)
        train(project, triple_f1=f1, entity_f1=0.7)
    put(api(ana), sentences[0], version=1, action="submit", seconds=270, **SAID)
    return sentences


def test_a_point_knows_its_labels_hours_and_what_came_with_files(
    project: Project, grown: list[Sentence], train: Train, bo: User, api: Api
) -> None:
    train(project, triple_f1=0.5)
    (series,) = look(api(bo), project)["series"]
    said = [(p["labels"], p["imported"], p["triple_f1"]) for p in series["points"]]
    assert said == [(2, 2, 0.3), (4, 2, 0.4), (6, 2, 0.45), (6, 2, 0.5)]
    hours = [round(3600 * point["hours"]) for point in series["points"]]
    assert hours == [0, 180, 360, 540]  # a later correction adds what it took, no more
    assert (series["model"], series["speed"], series["leads"]) == ("spert.v1", "quick", True)


def test_only_like_is_joined_with_like_and_only_the_hold_out_counts(
    project: Project, grown: list[Sentence], ana: User, api: Api
) -> None:
    odd, other = ModelVersion.objects.order_by("-number")[:2]
    odd.metrics = {**odd.metrics, "measured_on": "pool_share"}
    odd.save()
    other.model = "iser.v1"
    other.save()
    found = look(api(ana), project)["series"]
    assert [(one["model"], len(one["points"])) for one in found] == [
        ("spert.v1", 1), ("iser.v1", 1),
    ]  # fmt: skip


def test_below_three_points_there_is_a_reason_and_no_forecast(
    project: Project, add_sentences: AddSentences, train: Train, ana: User, api: Api
) -> None:
    empty = look(api(ana), project)
    assert empty["series"] == []
    assert empty["forecast"]["missing"] == "too_few_points"
    assert empty["forecast"]["measures"] is None
    add_sentences(project, texts(2), gold={0: GOLD, 1: GOLD})
    for _ in range(4):  # always the same labels: one place on the curve
        train(project)
    found = look(api(ana), project)
    assert found["forecast"]["missing"] == "too_few_points"
    assert found["forecast"]["points"] == 4
    assert (found["advice"]["advised"], found["advice"]["because"]) == ("continue", "too_early")


def test_three_points_give_a_wide_forecast_with_a_band(
    project: Project, grown: list[Sentence], ana: User, api: Api
) -> None:
    forecast = look(api(ana), project)["forecast"]
    assert (forecast["missing"], forecast["wide"], forecast["points"]) == (None, True, 3)
    measure = forecast["measures"]["triple_f1"]
    assert 0 <= measure["next"]["low"] <= measure["next"]["value"] <= measure["next"]["high"] <= 1
    assert 0 <= measure["gain"]["low"] <= measure["gain"]["value"] <= measure["gain"]["high"]
    assert [one["labels"] for one in measure["band"]] == [6, 26, 46, 66, 86, 106]
    assert measure["band"][0]["hours"] == pytest.approx(0.1)
    assert measure["band"][-1]["hours"] == pytest.approx(0.1 * 104 / 4)


@pytest.fixture
def handled(
    project: Project, add_sentences: AddSentences, train: Train, ana: User, api: Api, put: Put
) -> Project:
    """Twelve sentences by doubt that hold an error each, and some by chance that hold none."""
    project.holdout_share = 0.0
    project.control_share = 0.5
    project.save()
    add_sentences(project, texts(1), gold={0: GOLD})
    add_sentences(project, texts(24, first=1))
    train(project)
    suggest()
    shown = [one for _ in range(5) for one in ask(api(ana), project, count=5)]
    for one in shown:
        is_sampled = one["why"]["reason"] == "uncertain"
        labels = {**SAID, "relations": []} if is_sampled else SAID
        sentence = Sentence.objects.get(pk=one["id"])
        put(api(ana), sentence, action="submit", seconds=20 if is_sampled else 40, **labels)
        put(api(ana), sentence, version=1, action="submit", seconds=99, **SAID)
    return project


def test_each_arm_tells_what_an_hour_finds(handled: Project, ana: User, api: Api) -> None:
    arms = look(api(ana), handled)["arms"]
    reasons = list(Slot.objects.filter(state="done").values_list("reason", flat=True))
    sampled, control = arms["sampled"], arms["control"]
    assert sampled["count"] == reasons.count("uncertain") > 0
    assert control["count"] == reasons.count("random") > 0
    assert (sampled["seconds"], sampled["corrections"]) == (20.0, 1.0)
    assert sampled["rate"] == {"value": 180.0, "low": 180.0, "high": 180.0}
    assert (control["seconds"], control["corrections"], control["rate"]["value"]) == (40, 0, 0)
    assert sampled["expected"] == pytest.approx(0.3)
    assert arms["difference"]["value"] == 180.0
    assert arms["difference"]["fewest"] == min(sampled["count"], control["count"])


def test_the_hold_out_and_what_one_opened_oneself_are_in_no_arm(
    handled: Project, ana: User, api: Api
) -> None:
    Slot.objects.filter(reason="random").update(is_holdout=True)
    Slot.objects.filter(reason="uncertain").update(reason="chosen")
    arms = look(api(ana), handled)["arms"]
    assert (arms["sampled"], arms["control"], arms["difference"]) == (None, None, None)


def test_versions_are_compared_on_unlabelled_sentences_and_it_is_kept(
    project: Project, add_sentences: AddSentences, train: Train, ana: User, api: Api
) -> None:
    add_sentences(project, texts(1), gold={0: GOLD})
    add_sentences(project, texts(30, first=1))
    add_sentences(project, texts(30, first=31), split="holdout")
    sure = [0.5, 0.8, 0.9, 0.9, 0.9]
    for one in sure:
        train(project, triple_f1=0.5)
        pending = Sentence.objects.filter(project=project).values_list("pk", flat=True)
        suggest(dict.fromkeys(pending, one))
    found = look(api(ana), project)
    told = found["stability"]
    assert [one["number"] for one in told] == [2, 3, 4, 5]
    assert [one["kappa"] for one in told] == [1.0] * 4
    assert {one["sentences"] for one in told} == {30}
    errors = [round(one["expected_errors"], 2) for one in told]
    assert errors == [0.6, 0.3, 0.3, 0.3]
    assert round(told[0]["expected_errors_before"], 2) == 1.5
    assert (found["advice"]["stability"], found["advice"]["because"]) == ("stable", "stable")
    assert found["advice"]["advised"] == "stop"


def test_versions_that_looked_at_too_little_are_not_compared(
    project: Project, grown: list[Sentence], ana: User, api: Api
) -> None:
    found = look(api(ana), project)
    assert [(one["number"], one["kappa"]) for one in found["stability"]] == [(2, None), (3, None)]
    assert found["advice"]["stability"] == "unknown"


def test_a_member_sees_it_in_a_fixed_number_of_queries_and_a_stranger_does_not(
    project: Project, grown: list[Sentence], ana: User, outsider: User, train: Train, api: Api
) -> None:
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as seen:
            look(api(ana), project)
        counts.append(len(seen))
        train(project)
    assert counts[0] == counts[1] <= QUERIES
    assert api(outsider).get(address(project)).status_code == 404
    assert api(ana).get(f"{address(project)}?since=1").status_code == 400
    assert api(ana).post(address(project)).status_code == 405
