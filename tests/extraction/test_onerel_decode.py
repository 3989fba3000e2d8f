"""Horns tagging there and back: gold to cells, cells to triples, whatever the ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from bench.plain.onerel import Triple, nearest, walked
from extraction.data.tokens import Tokens
from extraction.models.common.gold import Item, gold_of
from extraction.models.common.labels import Labels
from extraction.models.common.spans import borders_of
from extraction.models.common.table import Layout, Strong
from extraction.models.common.table_places import PLACES, Ends, Places
from extraction.models.onerel.corners import Corners, read_corners
from extraction.models.onerel.encode import crossings, entity_marks, layout_of, relation_marks
from extraction.models.onerel.network import HB_TE, TAGS
from extraction.types import Entity, Example, Graph, Relation

KINDS = ("协同", "拮抗")
LABELS = Labels(("药物", "疾病"), KINDS)
Span = tuple[int, int]


def item(units: int, spans: Sequence[Span], arrows: Sequence[tuple[int, int, int]]) -> Item:
    """A sentence of so many units; arrows are (head, relation, tail)."""
    offsets = tuple((i, i + 1) for i in range(units))
    place = np.arange(1, units + 1)
    tokens = Tokens(offsets, (np.zeros(units + 2, "i8"),), np.zeros(units, "i8"), place, place + 1)
    entities = tuple(Entity(a, b, "药物") for a, b in spans)
    relations = tuple(Relation(head, tail, KINDS[kind]) for head, kind, tail in arrows)
    graph = Graph(entities, relations)
    return Item(tokens, gold_of(Example("", "甲" * units, graph), offsets, LABELS))


def tables(items: Sequence[Item], places: Places) -> tuple[Layout, np.ndarray]:
    """The gold tags (cells, K) of a batch."""
    layout = layout_of(items, places)
    tags = np.zeros((layout.cells, len(KINDS)), dtype=np.int64)
    marks = relation_marks(items, layout, places)
    tags[marks.cells, marks.slices] = marks.tags
    return layout, tags


def read(layout: Layout, tags: np.ndarray, *, is_walked: bool = False) -> Corners:
    """Read tables in which every cell is sure of its tag."""
    cells, slices = np.nonzero(tags == HB_TE)
    rows, columns = layout.places_of(cells)

    def log_chances(rows: np.ndarray, columns: np.ndarray) -> Tensor:
        sure = torch.nn.functional.one_hot(torch.from_numpy(tags), TAGS) * 9.0
        chosen = sure[torch.from_numpy(layout.cell_of(rows, columns))]
        return chosen.transpose(1, 2).log_softmax(1)

    strong = Strong(rows, columns, slices, np.ones(len(cells), dtype=np.float32))
    return read_corners(strong, layout, log_chances, is_walked=is_walked)


def said(found: Corners) -> set[Triple]:
    rows = zip(
        zip(found.head_begins.tolist(), found.head_ends.tolist(), strict=True),
        found.types.tolist(),
        zip(found.tail_begins.tolist(), found.tail_ends.tolist(), strict=True),
        found.is_said.tolist(),
        strict=True,
    )
    return {(head, kind, tail) for head, kind, tail, is_said in rows if is_said}


def there_and_back(one: Item, ends: Ends, *, is_walked: bool = False) -> set[Triple]:
    """The triples over units that are read from the gold table."""
    places = PLACES[ends]
    found = said(read(*tables([one], places), is_walked=is_walked))

    def units(span: Span) -> Span:
        begin, end = np.asarray(span[0]), np.asarray(span[1])
        return int(places.begin_unit(begin)), int(places.end_unit(end))

    return {(units(head), kind, units(tail)) for head, kind, tail in found}


@st.composite
def graphs(draw: st.DrawFn, narrowest: int, gap: int) -> Item:
    """Entities that do not overlap, this far apart, and any relations between them."""
    spans: list[Span] = []
    at = draw(st.integers(0, 2))
    for _ in range(draw(st.integers(0, 5))):
        end = at + draw(st.integers(narrowest, narrowest + 2))
        spans.append((at, end))
        at = end + gap + draw(st.integers(0, 2))
    place = st.integers(0, max(0, len(spans) - 1))
    arrows = draw(st.lists(st.tuples(place, st.integers(0, 1), place), max_size=8, unique=True))
    return item(at + 1, spans, [one for one in arrows if one[0] != one[2] and spans])


def triples_of(one: Item) -> set[Triple]:
    spans = [tuple(span) for span in one.gold.spans.tolist()]
    rows, kinds = np.nonzero(one.gold.targets)
    pairs = one.gold.pairs[rows].tolist()
    return {(spans[h], int(k), spans[t]) for (h, t), k in zip(pairs, kinds, strict=True)}


@given(graphs(narrowest=1, gap=1))
@settings(max_examples=150, deadline=None)
def test_entities_that_do_not_touch_come_back_with_exclusive_ends(one: Item) -> None:
    assert there_and_back(one, "exclusive") == triples_of(one)


@given(graphs(narrowest=1, gap=0))
@settings(max_examples=150, deadline=None)
def test_separators_bring_touching_entities_back_too(one: Item) -> None:
    assert there_and_back(one, "separator") == triples_of(one)


@given(graphs(narrowest=2, gap=0))
@settings(max_examples=150, deadline=None)
def test_ends_at_the_last_unit_bring_back_entities_of_two_units_and_more(one: Item) -> None:
    assert there_and_back(one, "inclusive") == triples_of(one)


@given(graphs(narrowest=1, gap=0))
@settings(max_examples=150, deadline=None)
def test_what_comes_back_is_all_gold_unless_corners_of_different_tags_meet(one: Item) -> None:
    layout, tags = tables([one], PLACES["exclusive"])
    if (tags > 0).sum() == len(_distinct_corners(one, layout)):
        assert there_and_back(one, "exclusive") == triples_of(one)


def _distinct_corners(one: Item, layout: Layout) -> set[tuple[int, int, int, int]]:
    """(row, column, relation, tag) of all corners, before any overwrites another."""
    corners = set()
    for (a, b), kind, (c, d) in triples_of(one):
        corners |= {(a, c, kind, 1), (a, d, kind, 2), (b, d, kind, 3)}
    assert layout.cells
    return corners


def test_two_adjacent_objects_of_one_subject_are_what_exclusive_ends_cannot_say() -> None:
    one = item(7, [(0, 1), (2, 4), (4, 6)], [(0, 0, 1), (0, 0, 2)])
    assert len(there_and_back(one, "exclusive")) < 2
    assert there_and_back(one, "separator") == triples_of(one)


def test_entities_of_one_unit_get_lost_where_ends_are_last_units() -> None:
    one = item(5, [(0, 1), (2, 3)], [(0, 0, 1)])
    assert there_and_back(one, "inclusive") == set()
    assert there_and_back(one, "exclusive") == triples_of(one)


def test_pairs_of_several_types_and_ends_of_several_pairs_come_back() -> None:
    one = item(9, [(0, 2), (3, 5), (6, 8)], [(0, 0, 1), (0, 1, 1), (1, 0, 0), (0, 0, 2), (2, 0, 1)])
    for ends in PLACES:
        assert there_and_back(one, ends) == triples_of(one)
        assert there_and_back(one, ends, is_walked=True) == triples_of(one)


@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.floats(0.05, 0.6))
@settings(max_examples=150, deadline=None)
def test_any_tags_are_read_as_the_cell_by_cell_walk_reads_them(
    seed: int, size: int, share: float
) -> None:
    rng = np.random.default_rng(seed)
    counts = (size, 2, size + 1)
    layout = Layout.of(borders_of(counts))
    tags = rng.integers(1, TAGS, (layout.cells, 2)) * (rng.random((layout.cells, 2)) < share)
    for is_walked, walk in ((False, nearest), (True, walked)):
        expected: set[Triple] = set()
        for sentence, begin in enumerate(layout.borders[:-1].tolist()):
            cells = slice(*layout.first_cell[sentence : sentence + 2].tolist())
            table = tags[cells].reshape(counts[sentence], counts[sentence], 2)
            for (a, b), kind, (c, d) in walk(table):
                expected.add(((a + begin, b + begin), kind, (c + begin, d + begin)))
        assert said(read(layout, tags, is_walked=is_walked)) == expected


def test_a_corner_without_its_horns_is_a_candidate_with_the_likeliest_ones() -> None:
    one = item(6, [(0, 2), (3, 5)], [(0, 0, 1)])
    layout, tags = tables([one], PLACES["exclusive"])
    row, column = layout.places_of(np.flatnonzero(tags[:, 0] == 1))
    tags[layout.cell_of(row, column), 0] = 0
    found = read(layout, tags)
    assert found.is_said.tolist() == [False]
    assert (found.head_begins[0], found.head_ends[0], found.tail_ends[0]) == (0, 2, 5)
    assert found.tail_begins[0] < 5
    assert found.chance[0] < 0.1


def test_sure_triples_have_sure_chances() -> None:
    layout, tags = tables([item(6, [(0, 2), (3, 5)], [(0, 0, 1)])], PLACES["exclusive"])
    assert read(layout, tags).chance == pytest.approx([1.0], abs=1e-3)


def test_entities_are_marked_at_begin_and_end_with_their_type() -> None:
    both = [item(4, [(0, 1), (1, 4)], []), item(2, [(0, 2)], [])]
    layout = layout_of(both, PLACES["exclusive"])
    marks = entity_marks(both, layout, PLACES["exclusive"])
    rows, columns = layout.places_of(marks.cells)
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [(0, 1), (1, 4), (5, 7)]
    assert marks.tags.tolist() == [1, 1, 1]


def test_crossings_are_the_corners_of_all_pairs_and_hold_all_marks() -> None:
    one = item(9, [(0, 2), (3, 5), (6, 8)], [(0, 0, 1), (2, 1, 0)])
    layout = layout_of([one], PLACES["exclusive"])
    cells = crossings([one], layout, PLACES["exclusive"])
    assert len(cells) == 6 * 3
    assert set(relation_marks([one], layout, PLACES["exclusive"]).cells) <= set(cells)


def test_the_later_of_two_tags_of_a_cell_stands() -> None:
    one = item(7, [(0, 1), (2, 4), (4, 6)], [(0, 0, 1), (0, 0, 2)])
    layout = layout_of([one], PLACES["exclusive"])
    marks = relation_marks([one], layout, PLACES["exclusive"])
    shared = int(layout.cell_of(np.asarray([0]), np.asarray([4]))[0])
    assert marks.tags[marks.cells == shared].tolist() == [1]
    assert (np.diff(marks.cells) > 0).all()
