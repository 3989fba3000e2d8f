"""Forms that leave and do not come back: read by the programs they are made for."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import spacy
from rdflib import RDF, Graph, Literal, Namespace
from spacy.tokens import DocBin

from annotator.accounts.models import User
from annotator.exchange.formats import FORMATS
from annotator.exchange.formats.writing import About, Code, Record
from annotator.projects.models import Project
from extraction.types import Entity, Example, Relation, RelationRule, Schema
from extraction.types import Graph as Labels
from tests.annotator.conftest import AddSentences, entity
from tests.annotator.exchange.conftest import Api
from tests.annotator.learning.conftest import GOLD, Train, suggest, texts
from tests.annotator.learning.conftest import train as train  # noqa: PLC0414 - a fixture

SCHEMA = Schema(("药物",), (RelationRule("协同"), RelationRule("相加", symmetric=True)))
TEXT = '𠮷药与"乙药"\n合用 <b>'
LABELS = Labels(
    (Entity(0, 2, "药物"), Entity(4, 6, "药物"), Entity(0, 6, "药物")), (Relation(0, 1, "协同"),)
)
EXAMPLE = Example("s 1", TEXT, LABELS)
CODES = {("乙药", "药物"): Code("D 2", "乙药片")}
NIF = Namespace("http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#")


def written(
    name: str, *examples: Example, codes: dict[tuple[str, str], Code] | None = None
) -> bytes:
    writing = FORMATS[name].writing
    assert writing is not None
    records = [Record(one, codes=codes or {}) for one in examples]
    return b"".join(writing.write([records], About(SCHEMA, "甲项目", "zh")))


def test_docbin_is_read_by_spacy_with_all_spans_and_relations() -> None:
    raw = written("docbin", EXAMPLE, Example("s2", "丙药"))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        (name,) = archive.namelist()
        box = DocBin(store_user_data=True).from_bytes(archive.read(name))
    first, second = box.get_docs(spacy.blank("zh").vocab)
    assert (first.text, second.text) == (TEXT, "丙药")
    assert [(one.text, one.label_) for one in first.spans["sc"]] == [
        ("𠮷药", "药物"),
        ("乙药", "药物"),
        ('𠮷药与"乙药', "药物"),
    ]
    assert [one.text for one in first.ents] == ["𠮷药", "乙药"]
    assert list(first.user_data["relations"]) == [(0, 1, "协同")]
    assert (first.user_data["id"], second.user_data["id"]) == ("s 1", "s2")


def test_turtle_is_read_by_rdflib() -> None:
    graph: Any = Graph().parse(data=written("rdf", EXAMPLE, codes=CODES), format="turtle")
    (context,) = graph.subjects(RDF.type, NIF.Context)
    assert graph.value(context, NIF.isString) == Literal(TEXT, lang="zh")
    places = {
        (int(graph.value(one, NIF.beginIndex)), int(graph.value(one, NIF.endIndex)))
        for one in graph.subjects(NIF.referenceContext, context)
    }
    assert places == {(0, 2), (4, 6), (0, 6)}
    (statement,) = graph.subjects(RDF.type, RDF.Statement)
    said = tuple(graph.value(statement, part) for part in (RDF.subject, RDF.predicate, RDF.object))
    assert said in graph
    assert str(said[2]) == "urn:relata:code:D%202"


def test_neo4j_files_hold_each_entity_once_and_every_relation() -> None:
    raw = written(
        "neo4j", EXAMPLE, Example("s2", "𠮷药", Labels((Entity(0, 2, "药物"),))), codes=CODES
    )
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        tables = {
            name: list(csv.reader(io.StringIO(archive.read(name).decode())))
            for name in archive.namelist()
            if name.endswith(".csv")
        }
    assert tables["entities.csv"][0][0] == "entityId:ID(Entity)"
    names = {row[0]: row[1:] for row in tables["entities.csv"][1:]}
    assert sorted(row[0] for row in names.values()) == sorted(["𠮷药", "乙药", '𠮷药与"乙药'])
    assert ["乙药", "药物", "D 2", "Entity;药物"] in names.values()
    ((head, sentence, tail, kind),) = tables["relations.csv"][1:]
    assert (names[head][0], sentence, names[tail][0], kind) == ("𠮷药", "s 1", "乙药", "协同")
    assert tables["sentences.csv"][1] == ["s 1", TEXT, "Sentence"]
    assert len(tables["mentions.csv"]) == 5


class TestThroughTheDoor:
    """What needs more than the labels: who decided, what the model said, how far people agree."""

    @pytest.fixture
    def download(self, api: Api, reviewer: User) -> Callable[..., bytes]:
        """Return a function that downloads as the reviewer."""

        def get(project: Project, name: str, state: str = "all") -> bytes:
            address = f"/api/v1/projects/{project.pk}/export/?format={name}&state={state}"
            answer: Any = api(reviewer).get(address)
            assert answer.status_code == 200
            return b"".join(answer.streaming_content)

        return get

    def test_the_side_file_says_where_labels_come_from(
        self,
        project: Project,
        add_sentences: AddSentences,
        download: Callable[..., bytes],
        train: Train,
    ) -> None:
        sentences = add_sentences(project, texts(2), gold={0: GOLD})
        train(project)
        suggest()
        gold, other = map(json.loads, download(project, "provenance").splitlines())
        assert gold["gold"]["version"] == 1
        assert {one["source"] for one in gold["entities"]} == {"imported"}
        assert gold["text_sha256"] == hashlib.sha256(sentences[0].text.encode()).hexdigest()
        assert (other["gold"], other["entities"]) == (None, [])
        assert other["suggestion"]["entities"]
        assert all(0 <= one["confidence"] <= 1 for one in other["suggestion"]["relations"])
        assert all(type(one["head"]) is int for one in other["suggestion"]["relations"])

    def test_the_card_counts_hashes_and_agrees(
        self, project: Project, add_sentences: AddSentences, download: Callable[..., bytes]
    ) -> None:
        add_sentences(project, texts(3), gold={0: GOLD})
        card = download(project, "card", "gold").decode()
        assert f"| 药物 | {len(GOLD.entities)} |" in card
        for name in ("native", "ch-ddi"):
            assert hashlib.sha256(download(project, name, "gold")).hexdigest() in card
        assert card == download(project, "card", "gold").decode()
        assert "no sentence of this export was submitted by two people" in card

    def test_agreement_on_the_card_is_that_of_the_people(  # noqa: PLR0917 - fixtures
        self,
        api: Api,
        project: Project,
        ana: User,
        bo: User,
        put: Callable[..., Any],
        add_sentences: AddSentences,
        download: Callable[..., bytes],
    ) -> None:
        project.overlap = 2
        project.save()
        (sentence,) = add_sentences(project, texts(1))
        first = {"entities": [entity("e1", 0, 2), entity("e2", 3, 5)], "relations": []}
        second = {"entities": [entity("e1", 0, 2)], "relations": []}
        for person, graph in ((ana, first), (bo, second)):
            assert put(api(person), sentence, action="submit", **graph).status_code == 200
        card = download(project, "card").decode()
        assert "(1 pairs, strict, micro F1): entities 0.667, triples 1.000." in card


def test_the_web_process_writes_docbin_without_torch() -> None:
    """The engine does it in a process of its own."""
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    code = (
        "import sys\n"
        "from annotator.exchange.formats import docbin\n"
        "from annotator.exchange.formats.writing import About\n"
        "from extraction.types import Schema\n"
        "assert b''.join(docbin.write([], About(Schema(()))))\n"
        "assert not {'torch', 'spacy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
