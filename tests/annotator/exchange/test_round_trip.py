"""Export, import, export again: the same bytes, whatever the texts and labels."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.accounts.models import User
from annotator.exchange.formats import FORMATS
from annotator.exchange.formats.drafts import LineError, Options
from annotator.exchange.formats.sources import open_source
from annotator.exchange.formats.writing import About, Record, Writing
from annotator.exchange.selectors import Wanted
from annotator.exchange.services import Wish, import_now, start_export
from annotator.labelling.graphs import check_graph, from_example, to_graph
from annotator.projects.models import Project
from annotator.projects.services import create_project
from extraction.types import Entity, Example, Graph, Relation, RelationRule, Schema
from tests.safety.tiers import size

TYPES = ("药物", "食物")
SCHEMA = Schema(TYPES, (RelationRule("协同"), RelationRule("相近", symmetric=True)))
SYMMETRIC = SCHEMA.symmetric

ODD = "甲乙药a@ \n\r\t\\\"'{}[],🌿𠮷e\u0301\u200d\u200f\u202e\u2028\ufeff\x07ﬁ"
texts = st.text(st.sampled_from(ODD), min_size=1, max_size=24).filter(lambda t: not t.isspace())


@st.composite
def graphs(draw: st.DrawFn, text: str) -> Graph:
    """Draw a legal graph of a text."""
    places = st.tuples(st.integers(0, len(text) - 1), st.integers(1, 6), st.sampled_from(TYPES))
    drawn = draw(st.lists(places, max_size=6))
    spans = dict.fromkeys(
        Entity(start, min(start + size, len(text)), kind) for start, size, kind in drawn
    )
    ends = [(h, t) for h in range(len(spans)) for t in range(len(spans)) if h != t]
    if not ends:
        return Graph(tuple(spans))
    kinds = st.sampled_from([rule.name for rule in SCHEMA.relations])
    said: dict[Relation, None] = {}
    for (head, tail), kind in draw(st.lists(st.tuples(st.sampled_from(ends), kinds), max_size=6)):
        if not (kind in SYMMETRIC and Relation(tail, head, kind) in said):
            said[Relation(head, tail, kind)] = None
    related = {(one.head, one.tail) for one in said}
    denied = draw(st.lists(st.sampled_from(ends), max_size=2, unique=True))
    return Graph(tuple(spans), tuple(said), tuple(pair for pair in denied if pair not in related))


metas = st.dictionaries(
    st.text(st.sampled_from("年月ab"), min_size=1, max_size=3),
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.sampled_from(ODD), max_size=5),
    max_size=3,
)  # fmt: skip


@st.composite
def corpora(draw: st.DrawFn, least: int = 1, most: int = 4) -> list[Example]:
    """Draw labelled sentences with distinct texts and ids."""
    chosen = draw(st.lists(texts, min_size=least, max_size=most, unique=True))
    return [
        Example(f"{number}-{text[:2]}", text, draw(graphs(text)), draw(metas))
        for number, text in enumerate(chosen)
    ]


def written(writing: Writing, corpus: list[Example]) -> bytes:
    """Spell a corpus as the export does."""
    return b"".join(writing.write([[Record(one) for one in corpus]], About(SCHEMA)))


BOTH = [one.name for one in FORMATS.values() if one.reading and one.writing]
STRINGS_ONLY = {"ch-ddi", "ch-ddi-array", "duie"}  # no offsets, no entities without a relation
NO_IDS = STRINGS_ONLY
CELLS = {"triples-csv"}  # lines of a cell: no carriage returns, no lines of blanks
MANY = size(300, 20_000, 20_000)


def fit(name: str, corpus: list[Example]) -> list[Example]:
    """Leave out what the format is written not to hold: see docs/howto/formats.md."""
    if name in CELLS:
        corpus = [
            one for one in corpus if not re.search(r"\r|^[^\S\n]+$|\n\s*\n", one.text, re.MULTILINE)
        ]
        corpus = [one for one in corpus if not re.search(r"\A\s|\s\Z", one.text)]
    if name == "conll":
        corpus = [replace(one, graph=flat(one.graph)) for one in corpus]
    return corpus


def flat(graph: Graph) -> Graph:
    """Keep entities that overlap none before them, and the relations between those."""
    kept: dict[int, int] = {}
    taken: list[Entity] = []
    for place, one in enumerate(graph.entities):
        if not any(one.start < other.end and other.start < one.end for other in taken):
            kept[place] = len(taken)
            taken.append(one)
    arrows = (one for one in graph.relations if one.head in kept and one.tail in kept)
    relations = tuple(Relation(kept[one.head], kept[one.tail], one.type) for one in arrows)
    return Graph(tuple(taken), relations)


def read(name: str, raw: bytes) -> list[Example]:
    """Read a file as an import does, the graphs checked against the schema."""
    reading = FORMATS[name].reading
    assert reading is not None
    options = Options(symmetric=SYMMETRIC)
    found = []
    for piece in reading.split(open_source(io.BytesIO(raw)), options):
        assert not isinstance(piece.content, LineError), piece.content
        draft = reading.parse(piece, options)
        assert draft.graph is not None
        stored = check_graph(
            from_example(draft.graph, source="imported"), text=draft.text, schema=SCHEMA
        )
        found.append(Example(draft.id, draft.text, to_graph(stored), draft.meta))
    return found


def said(graph: Graph) -> tuple[frozenset[Any], frozenset[Any]]:
    """Return what a graph says, whatever the order in which it says it."""
    spans = [(one.start, one.end, one.type) for one in graph.entities]
    arrows = frozenset(
        (frozenset([spans[one.head], spans[one.tail]]), one.type)
        if one.type in SYMMETRIC
        else (spans[one.head], spans[one.tail], one.type)
        for one in graph.relations
    )
    return frozenset(spans), arrows


def check_round_trip(name: str, corpus: list[Example]) -> int:
    """Write, read, write again: nothing is lost but what the format cannot hold."""
    writing = FORMATS[name].writing
    assert writing is not None
    whole = fit(name, corpus)
    first = written(writing, whole)
    again = read(name, first)
    assert [one.text for one in again] == [one.text for one in whole]
    if name not in NO_IDS:
        assert [one.id for one in again] == [one.id for one in whole]
    if name not in STRINGS_ONLY:
        assert [said(one.graph) for one in again] == [said(one.graph) for one in whole]
    if name != "xlsx":  # a zip with the hour in it
        assert written(writing, again) == first
    return len(whole)


@pytest.mark.parametrize("name", BOTH)
class TestEveryWritableFormat:
    """The contract: a format that is written is read, and written the same again."""

    @settings(max_examples=60, deadline=None)
    @given(corpus=corpora())
    def test_what_was_written_is_read_and_written_the_same(
        self, name: str, corpus: list[Example]
    ) -> None:
        check_round_trip(name, corpus)

    def test_many_graphs(self, name: str, record_property: Callable[[str, object], None]) -> None:
        """Seeded chance, which is faster than hypothesis, over as many as the goal asks."""
        chance = random.Random(7)
        done = 0
        while done < MANY:
            done += check_round_trip(name, [drawn(chance, number) for number in range(100)])
        record_property("safety", f"G12: {name}: {done:,} graphs written, read and written again")

    @settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
    @given(corpus=corpora(least=12, most=16))
    def test_and_so_it_is_through_the_database(
        self, name: str, corpus: list[Example], make_twin: Callable[[], Project], tmp_path: Path
    ) -> None:
        native = FORMATS["native"].writing
        assert native is not None
        path = tmp_path / "corpus"
        whole = fit(name, corpus)
        path.write_bytes(written(native, whole))
        first = import_now(project=make_twin(), path=path, wish=Wish("a"))
        assert (first.accepted, first.refused) == (len(whole), 0), first.problems
        once = exported(first.project, name)
        path.write_bytes(once)
        second = import_now(project=make_twin(), path=path, wish=Wish("b", format=name))
        assert (second.accepted, second.refused) == (len(whole), 0), second.problems
        if name != "xlsx":
            assert exported(second.project, name) == once


def drawn(chance: random.Random, number: int) -> Example:
    """Draw a sentence with a legal graph."""
    text = f"{number}甲" + "".join(chance.choices(ODD, k=chance.randint(1, 24)))
    spans: dict[Entity, None] = {}
    for _ in range(chance.randint(0, 6)):
        start = chance.randrange(len(text))
        end = min(len(text), start + chance.randint(1, 6))
        spans[Entity(start, end, chance.choice(TYPES))] = None
    ends = [(h, t) for h in range(len(spans)) for t in range(len(spans)) if h != t]
    arrows: dict[Relation, None] = {}
    for head, tail in chance.choices(ends, k=chance.randint(0, 6)) if ends else ():
        kind = chance.choice(SCHEMA.relations).name
        if not (kind in SYMMETRIC and Relation(tail, head, kind) in arrows):
            arrows[Relation(head, tail, kind)] = None
    return Example(f"{number}-{text[:2]}", text, Graph(tuple(spans), tuple(arrows)))


def exported(project: Project, name: str) -> bytes:
    """Return the whole export of a project."""
    download = start_export(project=project, format_name=name, wanted=Wanted.GOLD, actor=None)
    return b"".join(download.chunks)


@pytest.fixture
def make_twin(manager: User) -> Callable[[], Project]:
    """Return a function that makes another project with the same schema."""
    from annotator.projects.schema import replace_schema  # noqa: PLC0415

    def make() -> Project:
        project = create_project(
            name="Twin", template="empty", language="zh", owner=manager, seed=3
        ).project
        looks: dict[str, Any] = {"label": "x", "color": "#123456", "key": ""}
        wanted = {
            "entity_types": [{"name": name, **looks} for name in TYPES],
            "relation_types": [
                {"name": rule.name, **looks, "symmetric": rule.symmetric, "pairs": []}
                for rule in SCHEMA.relations
            ],
        }
        replace_schema(project=project, wanted=wanted, actor=manager)
        return project

    return make
