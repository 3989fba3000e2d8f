"""Why a sentence is shown, in words: the least sure statement, or the two types that compete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.learning import services
from annotator.projects.models import EntityType, Project, RelationType
from extraction.types import Candidate, Prediction, ScoredEntity, ScoredRelation
from tests.annotator.conftest import AddSentences
from tests.annotator.learning.conftest import GOLD, Train, ask, claim_next, texts

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
Shown = Callable[[Prediction], dict[str, Any]]
LEFT, RIGHT = (0, 5), (7, 10)
ENDS = (ScoredEntity(*LEFT, "药物", 0.99), ScoredEntity(*RIGHT, "药物", 0.98))


def said(kind: str, sure: float) -> ScoredRelation:
    return ScoredRelation(1, 0, kind, sure)


def weighed(kind: str, chance: float) -> Candidate:
    return Candidate("relation", kind, chance, LEFT, RIGHT)


@pytest.fixture
def shown(
    project: Project, ana: User, api: Api, add_sentences: AddSentences, train: Train
) -> Shown:
    """Return a function that has the model say something and shows the sentence as Ana gets it."""
    project.control_share = project.holdout_share = 0.0
    project.save()
    add_sentences(project, texts(1), gold={0: GOLD})
    add_sentences(project, texts(1, first=1))
    train(project)

    def show(prediction: Prediction) -> dict[str, Any]:
        held = claim_next("predict")
        assert held is not None
        (pk,) = held.payload["sentences"]
        suggested = services.Suggested(pk, len(texts(1)[0]), prediction, 1.0, 1.0, 0.5)
        assert services.store_suggestions(held, [suggested])
        (sentence,) = ask(api(ana), project)
        return sentence

    return show


def test_two_types_that_compete_for_a_pair_are_named_with_both_chances(shown: Shown) -> None:
    words = shown(
        Prediction(ENDS, (said("协同", 0.51),), (), (weighed("相加", 0.44), weighed("拮抗", 0.2)))
    )["why"]["text"]
    assert words["en"] == (
        "Least sure: 协同 or 相加 between “布美他尼片” and “多巴胺” (0.51 / 0.44)"
    )
    assert words["zh"] == "最没有把握:“布美他尼片”与“多巴胺”之间是协同还是相加(0.51 / 0.44)"


def test_of_two_types_that_are_both_refused_the_likelier_comes_first(shown: Shown) -> None:
    doubted = (weighed("相加", 0.3), weighed("协同", 0.35))
    words = shown(Prediction(ENDS, (), doubted[1:], doubted))["why"]["text"]
    assert words["en"].startswith("Least sure: 协同 or 相加 ")


@pytest.mark.parametrize(
    ("relations", "others"),
    [
        ((said("协同", 0.6),), (weighed("相加", 0.09),)),  # too weak to compete
        ((said("协同", 0.6), said("相加", 0.7)), ()),  # both are said
        ((said("协同", 0.6),), (weighed("协同", 0.5),)),  # one type, both ways round
    ],
)
def test_without_a_rival_the_least_sure_statement_is_named(
    shown: Shown, relations: tuple[ScoredRelation, ...], others: tuple[Candidate, ...]
) -> None:
    words = shown(Prediction(ENDS, relations, (), others))["why"]["text"]
    assert words["en"] == "The model is only 60 % sure of 协同 from “多巴胺” to “布美他尼片”"


def test_a_missed_relation_and_a_missed_entity_are_named(shown: Shown) -> None:
    missed = (Candidate("entity", "药物", 0.45, (10, 12)), weighed("协同", 0.3))
    words = shown(Prediction(ENDS, (), missed))["why"]["text"]
    assert words["en"] == "The model may have missed 药物 “合用” (45 %)"


def test_types_are_named_by_their_labels(shown: Shown, project: Project) -> None:
    RelationType.objects.filter(project=project, name="协同").update(label="增效 synergy")
    EntityType.objects.filter(project=project).update(label="")
    words = shown(Prediction(ENDS, (said("协同", 0.51),), (), (weighed("相加", 0.44),)))
    assert words["why"]["text"]["en"].startswith("Least sure: 增效 or 相加 ")


def test_what_was_weighed_is_stored_and_shown_surest_first(shown: Shown) -> None:
    others = (weighed("相加", 0.44), weighed("拮抗", 0.2))
    suggestion = shown(Prediction(ENDS, (said("协同", 0.51),), (), others))["suggestion"]
    assert suggestion["refused"] == []
    assert [(one["type"], one["confidence"]) for one in suggestion["alternatives"]] == [
        ("相加", 0.44),
        ("拮抗", 0.2),
    ]
    place = {"kind": "relation", "start": 0, "end": 5, "tail_start": 7, "tail_end": 10}
    assert place.items() <= suggestion["alternatives"][0].items()
