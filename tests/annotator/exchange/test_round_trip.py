"""Export, import, export again: the same bytes, whatever the texts and labels."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.accounts.models import User
from annotator.exchange.formats import FORMATS
from annotator.exchange.formats.drafts import Options
from annotator.exchange.formats.sources import open_source
from annotator.exchange.formats.writing import About, Record, Writing
from annotator.exchange.selectors import Wanted
from annotator.exchange.services import Wish, import_now, start_export
from annotator.labelling.graphs import check_graph, from_example, to_graph
from annotator.projects.models import Project
from annotator.projects.services import create_project
from extraction.types import Entity, Example, Graph, Relation, RelationRule, Schema

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


@pytest.mark.parametrize("name", ["native", "ch-ddi", "ch-ddi-array"])
class TestEveryWritableFormat:
    """The contract: a format that is written is read, and written the same again."""

    @settings(max_examples=60, deadline=None)
    @given(corpus=corpora())
    def test_what_was_written_is_read_and_written_the_same(
        self, name: str, corpus: list[Example]
    ) -> None:
        reading, writing = FORMATS[name].reading, FORMATS[name].writing
        assert reading is not None
        assert writing is not None
        first = written(writing, corpus)
        again = []
        options = Options(symmetric=SYMMETRIC)
        for piece in reading.split(open_source(io.BytesIO(first)), options):
            draft = reading.parse(piece, options)
            assert draft.graph is not None
            stored = check_graph(
                from_example(draft.graph, source="imported"), text=draft.text, schema=SCHEMA
            )
            again.append(Example(draft.id, draft.text, to_graph(stored), draft.meta))
        assert [one.text for one in again] == [one.text for one in corpus]
        assert written(writing, again) == first

    @settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
    @given(corpus=corpora(least=12, most=16))
    def test_and_so_it_is_through_the_database(
        self, name: str, corpus: list[Example], make_twin: Callable[[], Project], tmp_path: Path
    ) -> None:
        native = FORMATS["native"].writing
        assert native is not None
        path = tmp_path / "corpus"
        path.write_bytes(written(native, corpus))
        first = import_now(project=make_twin(), path=path, wish=Wish("a"))
        assert (first.accepted, first.refused) == (len(corpus), 0), first.problems
        once = exported(first.project, name)
        path.write_bytes(once)
        second = import_now(project=make_twin(), path=path, wish=Wish("b", format=name))
        assert (second.accepted, second.refused) == (len(corpus), 0), second.problems
        assert exported(second.project, name) == once


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
