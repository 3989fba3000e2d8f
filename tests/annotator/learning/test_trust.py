"""How far a version's chances can be believed, through the API."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.projects.models import Project
from extraction.evaluation.trust import calibrate
from extraction.types import Entity, Example, Graph, Prediction, ScoredEntity
from tests.annotator.conftest import AddSentences
from tests.annotator.learning.conftest import GOLD, Train, texts

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]

RIGHT = Example("1", "甲乙可用", Graph((Entity(0, 2, "药物"),)))
SAID = Prediction((ScoredEntity(0, 2, "药物", 0.6),))


def test_a_version_tells_how_far_it_can_be_believed(
    project: Project, ana: User, api: Api, add_sentences: AddSentences, train: Train
) -> None:
    add_sentences(project, texts(3), gold={0: GOLD, 1: GOLD})
    version = train(project)
    _, report = calibrate([RIGHT] * 40, [SAID] * 40)
    version.metrics = {**version.metrics, "calibration": report}
    version.save()
    address = f"/api/v1/projects/{project.pk}/models/{version.pk}/calibration/"
    told = api(ana).get(address).json()
    assert (told["id"], told["number"], told["reason"]) == (version.pk, version.number, None)
    entity = told["calibration"]["kinds"]["entity"]
    assert (entity["count"], entity["right"]) == (40, 40)
    assert entity["ece"]["before"] == pytest.approx(0.4)
    assert entity["ece"]["after"] < entity["ece"]["before"]
    listed = api(ana).get(f"/api/v1/projects/{project.pk}/models/").json()["results"]
    assert "calibration" not in listed[0]["metrics"]


def test_a_version_that_was_not_measured_says_why(
    project: Project, ana: User, api: Api, add_sentences: AddSentences, train: Train
) -> None:
    add_sentences(project, texts(3), gold={0: GOLD, 1: GOLD})
    version = train(project)
    address = f"/api/v1/projects/{project.pk}/models/{version.pk}/calibration/"
    assert api(ana).get(address).json()["reason"] == "not_measured"
    version.metrics = {**version.metrics, "measured_on": "training", "calibration": None}
    version.save()
    told = api(ana).get(address).json()
    assert (told["calibration"], told["reason"]) == (None, "measured_on_training")


def test_strangers_find_nothing(
    project: Project, outsider: User, api: Api, add_sentences: AddSentences, train: Train
) -> None:
    add_sentences(project, texts(3), gold={0: GOLD, 1: GOLD})
    version = train(project)
    address = f"/api/v1/projects/{project.pk}/models/{version.pk}/calibration/"
    assert api(outsider).get(address).status_code == 404
    assert api(outsider).get(address.replace(str(version.pk), "999999")).status_code == 404
