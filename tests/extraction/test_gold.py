"""From graphs to gold over units and drawn negatives, and the choices that the data make."""

from __future__ import annotations

import numpy as np
import pytest

from extraction.data.units import cut_units
from extraction.models.common.drawing import draw_negative_pairs
from extraction.models.common.gold import Gold, gold_of
from extraction.models.common.labels import Labels
from extraction.models.common.settings import Facts
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
    assert found.first.tolist() == [0]
    turned = Graph(graph.entities, tuple(reversed(graph.relations)))
    assert gold(turned).first.tolist() == [1]


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


def fitted(settings: Settings, widths: list[int]) -> Settings:
    return settings.fitted(Facts(widths, is_new=True))


def test_the_widest_span_follows_the_data_unless_it_is_set() -> None:
    assert fitted(Settings(), []).widest == 10
    assert fitted(Settings(), [1, 2, 3]).widest == 10
    assert fitted(Settings(), [2] * 10 + [17]).widest == 10
    assert fitted(Settings(), [17] * 10).widest == 17
    assert fitted(Settings(), [90] * 10).widest == 40
    assert fitted(Settings(max_span=5), [17] * 10).widest == 5


def test_a_fine_tuned_encoder_gets_the_papers_settings() -> None:
    chosen = Settings().fitted(Facts(has_overlaps=True, depth=12))
    assert (chosen.negative_entities, chosen.near_negatives) == (100, 0)
    assert (chosen.entity_bonus, chosen.threshold, chosen.context) == (0.0, 0.4, "between")
    assert (chosen.adapter, chosen.mixed_layers, chosen.overlaps) == (0, 1, "keep")


def test_a_frozen_encoder_gets_a_trained_layer_and_half_of_its_layers() -> None:
    chosen = Settings().fitted(Facts(is_frozen=True, depth=5))
    assert chosen.adapter
    assert (chosen.mixed_layers, chosen.overlaps) == (3, "drop")
    assert Settings(mixed_layers=9).fitted(Facts(depth=4)).mixed_layers == 4


def test_an_encoder_that_begins_from_nothing_sees_near_misses_and_the_sentence() -> None:
    chosen = Settings().fitted(Facts(is_new=True))
    assert chosen.near_negatives
    assert chosen.entity_bonus
    assert (chosen.context, chosen.adapter) == ("sentence", 0)


@pytest.mark.parametrize("facts", [Facts(), Facts(is_new=True), Facts(is_frozen=True, depth=3)])
def test_what_is_chosen_stays_chosen(facts: Facts) -> None:
    chosen = Settings(
        max_span=4,
        negative_entities=7,
        near_negatives=0,
        entity_bonus=0.0,
        drawn_times=0.0,
        relation_threshold=0.7,
        context="between",
        overlaps="keep",
        adapter=0,
        mixed_layers=1,
    )
    assert chosen.fitted(facts) == chosen
