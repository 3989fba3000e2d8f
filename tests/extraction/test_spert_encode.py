"""From graphs to SpERT's gold and drawn negatives."""

from __future__ import annotations

import numpy as np

from extraction.data.units import cut_units
from extraction.models.spert.encode import Gold, Labels, draw_negative_pairs, gold_of
from extraction.models.spert.settings import Settings
from extraction.types import Entity, Example, Graph, Relation

LABELS = Labels(("药物", "疾病"), ("协同", "拮抗"), frozenset({"拮抗"}))
TEXT = "甲与乙与aspirin"


def gold(graph: Graph, text: str = TEXT) -> Gold:
    return gold_of(Example("1", text, graph), cut_units(text), LABELS)


def test_entities_are_laid_over_units() -> None:
    found = gold(Graph((Entity(0, 1, "药物"), Entity(4, 11, "疾病"))))
    assert found.spans.tolist() == [[0, 1], [4, 5]]
    assert found.types.tolist() == [1, 2]


def test_an_entity_that_splits_a_word_takes_all_of_it_and_twins_are_one() -> None:
    found = gold(
        Graph(
            (Entity(4, 7, "药物"), Entity(6, 11, "疾病"), Entity(0, 1, "药物")),
            (Relation(0, 2, "协同"), Relation(1, 2, "拮抗"), Relation(0, 1, "协同")),
        )
    )
    assert found.spans.tolist() == [[4, 5], [0, 1]]
    assert found.types.tolist() == [1, 1]
    assert sorted(found.pairs.tolist()) == [[0, 1], [1, 0]]  # the symmetric one is turned round


def test_types_that_nobody_knows_and_white_space_are_left_out() -> None:
    found = gold(Graph((Entity(1, 2, "药物"), Entity(0, 1, "食物"))), "a b")
    assert found.spans.tolist() == []


def test_several_types_of_a_pair_are_one_target() -> None:
    graph = Graph(
        (Entity(0, 1, "药物"), Entity(2, 3, "药物")),
        (Relation(0, 1, "协同"), Relation(0, 1, "拮抗")),
    )
    found = gold(graph)
    assert found.pairs.tolist() == [[0, 1]]
    assert found.targets.tolist() == [[1.0, 1.0]]


def test_negatives_are_open_pairs_only_and_denied_ones_come_first() -> None:
    entities = tuple(Entity(i, i + 1, "药物") for i in range(6))
    graph = Graph(
        entities,
        (Relation(0, 1, "协同"), Relation(2, 3, "拮抗")),
        negatives=((4, 5), (0, 1)),
    )
    found = gold(graph, "甲乙丙丁戊己")
    closed = {(0, 1), (2, 3), (3, 2)}  # the symmetric pair is closed both ways
    everything = {(a, b) for a in range(6) for b in range(6) if a != b}
    drawn = draw_negative_pairs(found, 100, np.random.default_rng(0)).tolist()
    assert {(a, b) for a, b in drawn} == everything - closed
    for seed in range(20):
        few = draw_negative_pairs(found, 3, np.random.default_rng(seed)).tolist()
        assert len(few) == 3
        assert [4, 5] in few


def test_the_widest_span_follows_the_data_unless_it_is_set() -> None:
    assert Settings().fitted([], has_overlaps=False, is_chars=True).widest == 10
    assert Settings().fitted([1, 2, 3], has_overlaps=False, is_chars=True).widest == 10
    assert Settings().fitted([2] * 10 + [17], has_overlaps=False, is_chars=True).widest == 10
    assert Settings().fitted([17] * 10, has_overlaps=False, is_chars=True).widest == 17
    assert Settings().fitted([90] * 10, has_overlaps=False, is_chars=True).widest == 40
    assert Settings(max_span=5).fitted([17] * 10, has_overlaps=False, is_chars=True).widest == 5


def test_what_is_left_open_follows_encoder_and_data() -> None:
    by_chars = Settings().fitted([3], has_overlaps=False, is_chars=True)
    assert (by_chars.drawn_spans, by_chars.overlaps) == (20, "drop")
    by_paper = Settings().fitted([3], has_overlaps=True, is_chars=False)
    assert (by_paper.drawn_spans, by_paper.overlaps) == (100, "keep")
    chosen = Settings(negative_entities=7, overlaps="keep")
    assert chosen.fitted([3], has_overlaps=False, is_chars=True).drawn_spans == 7
    assert chosen.fitted([3], has_overlaps=False, is_chars=True).overlaps == "keep"
