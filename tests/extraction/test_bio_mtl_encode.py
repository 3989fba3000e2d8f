"""Given entities as nodes, pairs as instances with one class each, tags as the pairs see them."""

from __future__ import annotations

import numpy as np
import pytest

from extraction.data.tokens import Tokens
from extraction.data.units import cut_units
from extraction.models.bio_mtl.encode import (
    NEAREST,
    Classes,
    GivenItem,
    Nodes,
    classes_of,
    given_item,
    given_pairs,
    instances_of,
    language_of,
    met_types,
    nodes_of,
    pair_up,
)
from extraction.models.common.gold import Item, gold_of
from extraction.models.common.labels import Labels
from extraction.models.common.pairs import Pairs
from extraction.types import Entity, Example, Graph, Relation
from tests.extraction.corpus import corpus, example

LABELS = Labels(("药物", "疾病"), ("治疗", "协同"), frozenset({"协同"}))
TEXT = "安宁与乐平治头痛"
DRUG, OTHER_DRUG, PAIN = Entity(0, 2, "药物"), Entity(3, 5, "药物"), Entity(6, 8, "疾病")


def item_of(text: str, *entities: Entity, relations: tuple[Relation, ...] = ()) -> GivenItem:
    units = tuple(cut_units(text))
    nothing = np.zeros(0, dtype=np.int64)
    tokens = Tokens(units, (), nothing, nothing, nothing)
    one = Example(text, text, Graph(entities, relations))
    return given_item(Item(tokens, gold_of(one, units, LABELS)), one, LABELS)


def pairs_of(item: GivenItem, *, is_ordered: bool) -> tuple[Nodes, list[tuple[int, int]]]:
    nodes = nodes_of([item])
    counts = np.asarray([len(item.tokens.units)])
    met = np.ones((3, 3), dtype=bool)
    heads, tails = pair_up(nodes, given_pairs(nodes), counts, met, is_ordered=is_ordered)
    return nodes, list(zip(heads.tolist(), tails.tolist(), strict=True))


def classes_said(item: GivenItem, *, is_ordered: bool) -> dict[tuple[int, int], int]:
    nodes, pairs = pairs_of(item, is_ordered=is_ordered)
    ends = (np.asarray([a for a, _ in pairs]), np.asarray([b for _, b in pairs]))
    classes = Classes.of(LABELS, is_ordered=is_ordered)
    found = classes_of([item], ends, len(nodes.types), classes)
    return dict(zip(pairs, found.tolist(), strict=True))


def tags_seen(item: GivenItem, *, targets_last: bool) -> dict[tuple[int, int], list[int]]:
    nodes, pairs = pairs_of(item, is_ordered=False)
    ends = (np.asarray([a for a, _ in pairs]), np.asarray([b for _, b in pairs]))
    counts = np.asarray([len(item.tokens.units)])
    found = instances_of(nodes, ends, counts, targets_last=targets_last)
    readings = found.readings.tags.reshape(-1, counts[0])
    return {pair: readings[row].tolist() for pair, row in zip(pairs, found.reading, strict=True)}


def test_nodes_stand_in_text_order_and_know_what_they_were_given_as() -> None:
    blank, unknown = Entity(2, 3, "数值"), Entity(5, 6, "动作")
    item = item_of(TEXT, PAIN, unknown, DRUG, blank, DRUG)
    assert item.given == (PAIN, unknown, DRUG, blank, DRUG)
    assert item.nodes.tolist() == [[0, 2, 1], [6, 8, 2]]
    assert item.names.tolist() == [2, 0]


def test_one_span_with_two_types_is_two_nodes_that_are_no_pair() -> None:
    item = item_of(TEXT, DRUG, Entity(0, 2, "疾病"), PAIN)
    _, pairs = pairs_of(item, is_ordered=True)
    assert sorted(pairs) == [(0, 2), (1, 2), (2, 0), (2, 1)]


def test_ordered_pairs_have_a_class_for_each_relation_type() -> None:
    relations = (Relation(0, 2, "治疗"), Relation(1, 0, "协同"))
    said = classes_said(item_of(TEXT, DRUG, OTHER_DRUG, PAIN, relations=relations), is_ordered=True)
    assert said == {(0, 1): 1, (1, 0): 1, (0, 2): 0, (2, 0): -1, (1, 2): -1, (2, 1): -1}


def test_unordered_pairs_have_a_second_class_for_the_other_direction() -> None:
    ahead = item_of(TEXT, DRUG, PAIN, relations=(Relation(0, 1, "治疗"),))
    back = item_of(TEXT, DRUG, PAIN, relations=(Relation(1, 0, "治疗"),))
    both = item_of(TEXT, DRUG, PAIN, relations=(Relation(1, 0, "协同"),))
    assert classes_said(ahead, is_ordered=False) == {(0, 1): 0}
    assert classes_said(back, is_ordered=False) == {(0, 1): 2}
    assert classes_said(both, is_ordered=False) == {(0, 1): 1}
    classes = Classes.of(LABELS, is_ordered=False)
    assert classes.count == 3
    assert classes.names(LABELS) == (("治疗", "forward"), ("协同", "forward"), ("治疗", "backward"))


def test_of_several_relations_the_first_in_the_data_counts() -> None:
    relations = (Relation(1, 0, "治疗"), Relation(0, 1, "治疗"), Relation(0, 1, "协同"))
    item = item_of(TEXT, DRUG, PAIN, relations=relations)
    assert classes_said(item, is_ordered=True) == {(0, 1): 0, (1, 0): 0}
    assert classes_said(item, is_ordered=False) == {(0, 1): 2}


def test_only_types_that_were_met_together_are_paired() -> None:
    one = Example("1", TEXT, Graph((DRUG, OTHER_DRUG, PAIN), (Relation(0, 2, "治疗"),)))
    ordered, unordered = (met_types([one], LABELS, is_ordered=given) for given in (True, False))
    assert np.argwhere(ordered).tolist() == [[1, 2]]
    assert np.argwhere(unordered).tolist() == [[1, 2], [2, 1]]
    nodes = nodes_of([item_of(TEXT, DRUG, OTHER_DRUG, PAIN)])
    ends = pair_up(nodes, given_pairs(nodes), np.asarray([8]), ordered, is_ordered=True)
    assert list(zip(*(one.tolist() for one in ends), strict=True)) == [(0, 2), (1, 2)]


def test_shorter_entities_are_tagged_over_longer_ones() -> None:
    long, inner = Entity(0, 5, "疾病"), Entity(1, 3, "药物")
    seen = tags_seen(item_of(TEXT, long, inner, PAIN), targets_last=False)
    assert seen[0, 1] == seen[0, 2] == seen[1, 2] == [3, 1, 2, 4, 4, 0, 3, 4]


def test_a_pair_sees_its_own_entities_above_all_others() -> None:
    long, inner = Entity(0, 5, "疾病"), Entity(1, 3, "药物")
    seen = tags_seen(item_of(TEXT, long, inner, PAIN), targets_last=True)
    assert seen[0, 2] == [3, 4, 4, 4, 4, 0, 3, 4]
    assert seen[0, 1] == seen[1, 2] == [3, 1, 2, 4, 4, 0, 3, 4]


def test_entities_that_carry_no_tag_show_it_only_to_their_own_pairs() -> None:
    nodes = Nodes(
        starts=np.asarray([0, 3]),
        stops=np.asarray([2, 5]),
        types=np.asarray([1, 1]),
        sentence=np.asarray([0, 0]),
        has_tag=np.asarray([True, False]),
    )
    ends = np.asarray([0]), np.asarray([1])
    for targets_last, tags in ((True, [1, 2, 0, 1, 2]), (False, [1, 2, 0, 0, 0])):
        found = instances_of(nodes, ends, np.asarray([5]), targets_last=targets_last)
        assert found.readings.tags[5 * found.reading[0] :][:5].tolist() == tags


def test_a_crowd_of_entities_is_paired_with_its_neighbours_only() -> None:
    count = 3 * NEAREST
    text = "药" * count
    item = item_of(text, *(Entity(place, place + 1, "药物") for place in range(count)))
    _, pairs = pairs_of(item, is_ordered=False)
    gaps = {b - a for a, b in pairs}
    assert gaps == set(range(1, NEAREST + 1))
    far = "药" * 20_000
    spread = item_of(far, *(Entity(100 * place, 100 * place + 1, "药物") for place in range(200)))
    nodes, kept = pairs_of(spread, is_ordered=False)
    assert 0 < len(kept) <= (1 << 21) // 20_000
    assert {b - a for a, b in kept} == {1}
    assert len(nodes.starts) == 200


def test_pairs_of_chosen_spans_begin_with_the_one_that_stands_first() -> None:
    nodes = nodes_of([item_of(TEXT, DRUG, OTHER_DRUG, PAIN)])
    turned = Pairs(np.asarray([2, 1]), np.asarray([0, 2]))
    met = np.ones((3, 3), dtype=bool)
    heads, tails = pair_up(nodes, turned, np.asarray([8]), met, is_ordered=False)
    assert list(zip(heads.tolist(), tails.tolist(), strict=True)) == [(0, 2), (1, 2)]


@pytest.mark.parametrize(
    ("examples", "language"),
    [
        (corpus(), "chinese"),
        ([example("Aspirin with warfarin raises the risk")], "english"),
        ([example("与CYP3A4合用")], "chinese"),
        ([], "english"),
    ],
)
def test_the_language_is_that_of_most_words(examples: list[Example], language: str) -> None:
    assert language_of(examples) == language
