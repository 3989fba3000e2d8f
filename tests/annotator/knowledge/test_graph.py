"""The knowledge graph: who sees it, what it holds, what contradicts, what becomes of that."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.core.models import AuditEntry
from annotator.corpus.models import Sentence
from annotator.labelling.models import Comment
from annotator.projects.models import Project
from extraction.types import Entity, Graph, Relation
from tests.annotator.conftest import AddSentences
from tests.annotator.learning.conftest import Train, suggest
from tests.annotator.learning.conftest import train as train  # noqa: PLC0414 - a fixture

Api = Callable[..., APIClient]
A, B = "𠮷药", "乙药"
TEXTS = [f"{A}@与{B}合用作用增强", f"{B}减弱{A}的作用", f"{A}与{B}作用相加", "丙药慎用"]


def triple(text: str, head: str, kind: str, tail: str) -> Graph:
    places = [(text.index(one), text.index(one) + len(one)) for one in (head, tail)]
    return Graph(tuple(Entity(*place, "药物") for place in places), (Relation(0, 1, kind),))


@pytest.fixture
def sentences(project: Project, add_sentences: AddSentences) -> list[Sentence]:
    """Three sentences with gold about two drugs, one of them against the others, and a fourth."""
    gold = {
        0: triple(TEXTS[0], B, "协同", A),
        1: triple(TEXTS[1], B, "拮抗", A),
        2: triple(TEXTS[2], A, "相加", B),
    }
    return add_sentences(project, TEXTS, gold=gold)


def get(client: APIClient, project: Project, rest: str = "", **query: Any) -> Any:
    return client.get(f"/api/v1/projects/{project.pk}/graph/{rest}", query)


class TestWhoMay:
    """Reviewers see what everybody labelled; managers say what contradicts."""

    @pytest.mark.parametrize("rest", ["", "export/", "contradictions/", "opposites/"])
    def test_annotators_and_outsiders_do_not(
        self, rest: str, api: Api, ana: User, outsider: User, project: Project
    ) -> None:
        assert get(api(ana), project, rest).status_code == 403
        assert get(api(outsider), project, rest).json()["code"] == "not_found"

    def test_only_managers_change_what_contradicts(
        self, api: Api, reviewer: User, manager: User, project: Project
    ) -> None:
        address = f"/api/v1/projects/{project.pk}/graph/opposites/"
        body = {"pairs": [["协同", "抑制"]]}
        assert api(reviewer).put(address, body, format="json").status_code == 403
        assert api(manager).put(address, body, format="json").json() == {
            "pairs": [["协同", "抑制"]]
        }
        bad = api(manager).put(address, {"pairs": [["协同", "没有"]]}, format="json")
        assert (bad.status_code, bad.json()["context"]["field"]) == (400, "pairs[0]")
        assert get(api(reviewer), project, "opposites/").json() == {"pairs": [["协同", "抑制"]]}


class TestTheGraph:
    """Strings with a type are nodes; what is said between them are edges with counts."""

    def test_nodes_edges_and_counts(
        self, api: Api, reviewer: User, project: Project, sentences: list[Sentence]
    ) -> None:
        shown = get(api(reviewer), project).json()
        names = [node["name"] for node in shown["nodes"]]
        assert sorted(names) == sorted([A, B])
        edges = {
            (names[one["head"]], one["type"], names[one["tail"]]): (
                one["sentences"], one["gold"], one["contradicted"],
            )
            for one in shown["edges"]
        }  # fmt: skip
        assert edges == {
            (B, "协同", A): (1, 1, True),
            (B, "拮抗", A): (1, 1, True),
            (A, "相加", B): (1, 1, True),
        }
        assert (shown["total_edges"], shown["truncated"]) == (3, False)

    def test_filters(
        self, api: Api, reviewer: User, project: Project, sentences: list[Sentence]
    ) -> None:
        client = api(reviewer)
        assert len(get(client, project, predicates="协同,相加").json()["edges"]) == 2
        assert get(client, project, q="丁").json()["nodes"] == []
        assert get(client, project, q="_").json()["nodes"] == []
        assert len(get(client, project, q="𠮷").json()["edges"]) == 3
        cut = get(client, project, limit=1).json()
        assert (len(cut["edges"]), cut["total_edges"], cut["truncated"]) == (1, 3, True)
        assert get(client, project, predicate="协同").status_code == 400

    def test_what_has_no_direction_is_one_edge(
        self, api: Api, reviewer: User, project: Project, add_sentences: AddSentences
    ) -> None:
        kind = project.relation_types.get(name="相加")
        kind.is_symmetric = True
        kind.save()
        gold = {0: triple(TEXTS[0], A, "相加", B), 1: triple(TEXTS[1], B, "相加", A)}
        add_sentences(project, TEXTS[:2], gold=gold)
        (edge,) = get(api(reviewer), project).json()["edges"]
        assert edge["sentences"] == 2

    def test_the_model_speaks_only_where_asked_and_where_there_is_no_gold(
        self, api: Api, reviewer: User, project: Project, add_sentences: AddSentences, train: Train
    ) -> None:
        text = "布美他尼片@与多巴胺合用,利尿作用加强"
        rows = add_sentences(
            project, [text, f"{text}1"], gold={0: triple(text, "多巴胺", "协同", "布美他尼片")}
        )
        train(project)
        suggest({rows[1].pk: 0.6})
        client = api(reviewer)
        (edge,) = get(client, project).json()["edges"]
        assert (edge["sentences"], edge["gold"], edge["confidence"]) == (1, 1, None)
        (edge,) = get(client, project, said="all").json()["edges"]
        assert (edge["sentences"], edge["gold"], edge["confidence"]) == (2, 1, 0.6)
        (edge,) = get(client, project, said="all", min_confidence=0.7).json()["edges"]
        assert edge["sentences"] == 1

    def test_what_chance_hides_from_the_reader_is_hidden_here_too(
        self, api: Api, reviewer: User, project: Project, add_sentences: AddSentences, train: Train
    ) -> None:
        text = "布美他尼片@与多巴胺合用,利尿作用加强"
        gold = {0: triple(text, "多巴胺", "协同", "布美他尼片")}
        add_sentences(project, [f"{text}{number}" for number in range(40)], gold=gold)
        train(project)
        suggest()
        project.blind_share = 0.5
        project.save()
        (edge,) = get(api(reviewer), project, said="all").json()["edges"]
        assert 5 < edge["sentences"] - edge["gold"] < 34
        node = {"head": "多巴胺", "head_type": "药物", "said": "all"}
        shown = get(api(reviewer), project, "sentences/", **node).json()["results"]
        assert len(shown) == edge["sentences"]

    def test_a_large_graph_costs_as_many_queries_as_a_small_one(
        self, api: Api, reviewer: User, project: Project, add_sentences: AddSentences
    ) -> None:
        client = api(reviewer)
        with CaptureQueriesContext(connection) as empty:
            get(client, project)
        gold = {i: triple(f"药{i:03}与乙药", f"药{i:03}", "协同", "乙药") for i in range(60)}
        add_sentences(project, [f"药{i:03}与乙药" for i in range(60)], gold=gold)
        with CaptureQueriesContext(connection) as full:
            assert len(get(client, project).json()["nodes"]) == 61
        assert len(full) == len(empty)


class TestSentences:
    """A click shows who says so."""

    def test_of_an_edge_and_of_a_node(
        self, api: Api, reviewer: User, project: Project, sentences: list[Sentence]
    ) -> None:
        client = api(reviewer)
        edge = {"head": B, "head_type": "药物", "predicate": "拮抗", "tail": A, "tail_type": "药物"}
        assert [
            one["id"] for one in get(client, project, "sentences/", **edge).json()["results"]
        ] == [sentences[1].pk]
        node = {"head": A, "head_type": "药物"}
        found = get(client, project, "sentences/", **node).json()["results"]
        assert [one["id"] for one in found] == [one.pk for one in sentences[:3]]


class TestContradictions:
    """Opposite predicates of the same two; each of their sentences is sent to review once."""

    def test_they_are_listed_and_sent(
        self, api: Api, reviewer: User, project: Project, sentences: list[Sentence]
    ) -> None:
        client = api(reviewer)
        (clash,) = get(client, project, "contradictions/").json()["results"]
        assert {edge["type"] for edge in clash["edges"]} == {"协同", "拮抗", "相加"}
        address = f"/api/v1/projects/{project.pk}/graph/contradictions/review/"
        body = {"nodes": clash["nodes"]}
        assert client.post(address, body, format="json").json() == {"opened": 3}
        assert client.post(address, body, format="json").json() == {"opened": 0}
        comments = Comment.objects.filter(sentence__project=project)
        assert sorted(comments.values_list("sentence", flat=True)) == [s.pk for s in sentences[:3]]
        assert {A, B} <= set(comments[0].text.replace("⚠ ", "").split(":")[0].split(" – "))
        nothing = {"nodes": [{"name": "丙", "type": "药物"}, {"name": "丁", "type": "药物"}]}
        assert client.post(address, nothing, format="json").status_code == 404

    def test_a_project_says_itself_what_contradicts(
        self, api: Api, manager: User, project: Project, sentences: list[Sentence]
    ) -> None:
        client = api(manager)
        client.put(f"/api/v1/projects/{project.pk}/graph/opposites/", {"pairs": []}, format="json")
        assert get(client, project, "contradictions/").json() == {"results": [], "total": 0}


class TestFiles:
    """The graph leaves as GraphML, CSV and JSON, and it is written down."""

    def test_each_form(
        self, api: Api, reviewer: User, project: Project, sentences: list[Sentence]
    ) -> None:
        client = api(reviewer)
        root = ET.fromstring(get(client, project, "export/", format="graphml").content)  # noqa: S314 - our own
        space = "{http://graphml.graphdrawing.org/xmlns}"
        assert len(root.findall(f".//{space}node")) == 2
        assert len(root.findall(f".//{space}edge")) == 3
        plain = get(client, project, "export/", format="csv").content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(plain)))
        assert {(row["head"], row["predicate"], row["tail"]) for row in rows} >= {(B, "拮抗", A)}
        whole = get(client, project, "export/", format="json").json()
        assert whole == get(client, project).json()
        assert AuditEntry.objects.filter(action="export.graph", project_id=project.pk).count() == 3

    def test_no_cell_is_a_formula(
        self, api: Api, reviewer: User, project: Project, add_sentences: AddSentences
    ) -> None:
        text = "=1+1与乙药"
        add_sentences(project, [text], gold={0: triple(text, "=1+1", "协同", "乙药")})
        plain = get(api(reviewer), project, "export/", format="csv").content.decode("utf-8-sig")
        assert plain.splitlines()[1].startswith("'=1+1,")
