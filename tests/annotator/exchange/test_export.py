"""Exports through the API: who may, which sentences, which bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from annotator.accounts.models import User
from annotator.accounts.services import issue_token
from annotator.core.models import AuditEntry
from annotator.exchange.selectors import PAGE
from annotator.projects.models import Project
from extraction.types import Entity, Graph, Relation
from tests.annotator.conftest import AddSentences, entity, relation
from tests.annotator.exchange.conftest import Api, Bring

TEXT = "布美他尼片@与多巴胺合用,利尿作用加强"
GRAPH = Graph((Entity(0, 5, "药物"), Entity(7, 10, "药物")), (Relation(1, 0, "协同"),))
LINE = (
    '{"text": "布美他尼片@与多巴胺合用,利尿作用加强", "spo_list": [{"predicate": "协同", '
    '"subject": "多巴胺", "subject_type": "药物", "object": {"@value": "布美他尼片"}, '
    '"object_type": {"@value": "药物"}}]}'
)
Export = Callable[..., bytes]


def address(project: Project, query: str = "") -> str:
    return f"/api/v1/projects/{project.pk}/export/?{query}"


class TestWhoMay:
    """Reviewers and managers take labels out, and it is written down."""

    def test_reviewers_and_managers_may(
        self, api: Api, reviewer: User, manager: User, project: Project
    ) -> None:
        for person in (reviewer, manager):
            assert api(person).get(address(project)).status_code == 200
        entries = AuditEntry.objects.filter(action="export.gold", project_id=project.pk)
        assert sorted(entries.values_list("actor__username", flat=True)) == ["mei", "rui"]

    def test_annotators_may_not_and_outsiders_learn_nothing(
        self, api: Api, ana: User, outsider: User, project: Project
    ) -> None:
        assert api(ana).get(address(project)).status_code == 403
        answer = api(outsider).get(address(project))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert not AuditEntry.objects.filter(action__startswith="export").exists()

    @pytest.mark.parametrize("query", ["format=csv", "state=draft", "fromat=native", "format=json"])
    def test_what_it_does_not_know_is_refused(
        self, api: Api, reviewer: User, project: Project, query: str
    ) -> None:
        assert api(reviewer).get(address(project, query)).status_code == 400


class TestTheBytes:
    """The exact forms."""

    def test_the_example_of_the_paper(
        self, project: Project, add_sentences: AddSentences, export: Export
    ) -> None:
        add_sentences(project, [TEXT], gold={0: GRAPH})
        assert export(project, "ch-ddi").decode() == LINE + "\n"
        assert export(project, "ch-ddi-array").decode() == f"[\n{LINE}\n]\n"

    def test_native_with_all_its_parts(
        self, project: Project, bring: Bring, export: Export
    ) -> None:
        lines = (
            '{"id": "a", "text": "甲药与乙药", "entities": [{"start": 0, "end": 2, "type": "药物"},'
            ' {"start": 3, "end": 5, "type": "药物"}], "relations": [], '
            '"negatives": [{"head": 0, "tail": 1}], '
            '"meta": {"document": "说明书", "section": "禁忌", "年": 2.5}}\n'
            '{"id": "b", "text": "无", "entities": [], "relations": []}\n'
        )
        bring(project, lines)
        assert export(project).decode() == lines

    def test_nothing_is_an_empty_file_or_an_empty_array(
        self, project: Project, export: Export
    ) -> None:
        assert export(project, "ch-ddi") == export(project, "native") == b""
        assert json.loads(export(project, "ch-ddi-array")) == []

    def test_a_triple_that_stands_in_two_places_is_written_once(
        self, project: Project, add_sentences: AddSentences, export: Export
    ) -> None:
        places = tuple(Entity(start, start + 2, "药物") for start in (0, 2, 4))
        twice = Graph(places, (Relation(0, 1, "协同"), Relation(2, 1, "协同")))
        add_sentences(project, ["甲药乙药甲药"], gold={0: twice})
        assert len(json.loads(export(project, "ch-ddi"))["spo_list"]) == 1

    def test_the_name_says_what_it_is_and_is_safe(
        self, api: Api, reviewer: User, project: Project
    ) -> None:
        Project.objects.filter(pk=project.pk).update(name='a/../"药物"\r\nX: 1')
        answer = api(reviewer).get(address(project, "format=ch-ddi-array&state=all"))
        assert answer["Content-Disposition"].startswith("attachment; filename")
        assert "a_.._%" in answer["Content-Disposition"]
        assert answer["Content-Disposition"].endswith("X_1.all.ch-ddi-array.json")
        assert answer["Cache-Control"] == "no-store"

    def test_pages_follow_one_another(
        self, project: Project, bring: Bring, export: Export, django_assert_num_queries: Any
    ) -> None:
        texts = [f"第{chr(0x4E00 + number)}句话" for number in range(PAGE + 5)]
        bring(project, "\n".join(texts))
        exported = export(project, "native", "all").decode().splitlines()
        assert [json.loads(line)["text"] for line in exported] == texts


@pytest.fixture
def people(ana: User, bo: User) -> tuple[User, User]:
    """Ana and Bo."""
    return ana, bo


class TestWhichSentences:
    """gold, submitted, all."""

    def test_each_state_holds_what_it_says(
        self, api: Api, people: tuple[User, User], project: Project, add_sentences: AddSentences,
        put: Any, export: Export,
    ) -> None:  # fmt: skip
        ana, bo = people
        Project.objects.filter(pk=project.pk).update(overlap=2)
        texts = [f"{name}药与{name}素合用" for name in "金交独空跳"]
        gold, both, one, draft, skipped = add_sentences(project, texts, gold={0: Graph()})
        said = {"entities": [entity("e1", 0, 2), entity("e2", 3, 5)]}
        related = {**said, "relations": [relation("e1", "e2")]}
        put(api(ana), both, **said, action="submit")
        put(api(bo), both, **related, action="submit")
        put(api(ana), one, **related, action="submit")
        put(api(ana), draft, **said, action="save")
        put(api(ana), skipped, action="skip")

        def entities(state: str) -> dict[str, int]:
            lines = export(project, "native", state).decode().splitlines()
            return {row["text"][0]: len(row["entities"]) for row in map(json.loads, lines)}

        assert entities("gold") == {"金": 0}
        assert entities("submitted") == {"金": 0, "交": 2, "独": 2}
        assert entities("all") == {"金": 0, "交": 2, "独": 2, "空": 0, "跳": 0}
        assert gold.pk


def test_under_asgi_it_comes_in_pieces(
    project: Project, reviewer: User, add_sentences: AddSentences
) -> None:
    texts = [f"第{number}句话" for number in range(PAGE + 1)]
    add_sentences(project, texts)
    headers = {"authorization": f"Token {issue_token(user=reviewer)}"}

    async def download() -> list[bytes]:
        where = address(project, "format=ch-ddi&state=all")
        answer: Any = await AsyncClient().get(where, headers=headers)
        assert answer.is_async
        return [chunk async for chunk in answer.streaming_content]

    chunks = async_to_sync(download)()
    assert len(chunks) == 3
    assert [json.loads(line)["text"] for line in b"".join(chunks).splitlines()] == texts
