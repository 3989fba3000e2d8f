"""Classes of errors: every statement gets one, the sums hold, the order does not matter."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.evaluation.errors import (
    ENTITY_KINDS,
    PAIRED,
    RELATION_KINDS,
    SLICES,
    Verdict,
    judge_entities,
    judge_relations,
    slices,
    tally,
)
from extraction.evaluation.match import Key, Reading, entities_strict, relations_strict
from extraction.evaluation.metrics import count_by_type, micro
from extraction.types import Entity, Graph, Relation

TEXT = "abcdefghij"
SYMMETRIC = frozenset({"同"})

entities_of = st.builds(
    lambda start, width, kind: Entity(start, start + width, kind),
    st.integers(0, 6),
    st.integers(1, 3),
    st.sampled_from("AB"),
)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    entities = tuple(draw(st.lists(entities_of, min_size=2, max_size=5, unique=True)))
    place = st.integers(0, len(entities) - 1)
    arrow = st.builds(Relation, place, place, st.sampled_from(("治", "致", "同")))
    arrows = [one for one in draw(st.lists(arrow, max_size=7)) if one.head != one.tail]
    return Graph(entities, tuple(arrows))


def triples(graph: Graph) -> Key:
    return relations_strict(Reading(graph, TEXT, SYMMETRIC))


def entities(graph: Graph) -> Key:
    return entities_strict(Reading(graph, TEXT))


def shuffled(graph: Graph, order: list[int]) -> Graph:
    """Return the same graph, written down in another order, symmetric arrows turned round."""
    places = {old: new for new, old in enumerate(order)}
    arrows = []
    for one in reversed(graph.relations):
        head, tail = places[one.head], places[one.tail]
        if one.type in SYMMETRIC and head < tail:
            head, tail = tail, head
        arrows.append(Relation(head, tail, one.type))
    return Graph(tuple(graph.entities[old] for old in order), tuple(arrows))


def judge(gold: Graph, said: Graph) -> tuple[Verdict, ...]:
    return judge_relations(triples(gold), triples(said), SYMMETRIC)


@given(gold=graphs(), said=graphs(), of=st.sampled_from(("relation", "entity")))
def test_each_statement_gets_one_class_and_the_sums_hold(gold: Graph, said: Graph, of: str) -> None:
    kinds: Sequence[str] = RELATION_KINDS if of == "relation" else ENTITY_KINDS
    if of == "relation":
        key, guess = triples(gold), triples(said)
        found = judge_relations(key, guess, SYMMETRIC)
    else:
        key, guess = entities(gold), entities(said)
        found = judge_entities(key, guess)
    assert sorted(one.gold for one in found if one.gold) == sorted(key)
    assert sorted(one.said for one in found if one.said) == sorted(guess)
    assert {one.kind for one in found} <= set(kinds)
    table = tally(found)
    by_type = count_by_type([(key, guess)])
    assert table.types() == list(by_type)
    assert table.counts() == micro(by_type)
    for name, counts in by_type.items():
        assert table.counts(name) == counts
        row = sum(table.cells[name, kind] for kind in kinds if kind != "spurious")
        assert row == sum(1 for one in key if one[0] == name)
        column = sum(count for (_, other), count in table.confusion.items() if other == name)
        assert column == sum(1 for one in guess if one[0] == name)
    paired = sum(table.of_kind(kind) for kind in kinds if kind not in ("missed", "spurious"))
    assert paired + table.of_kind("missed") == len(key)
    assert paired + table.of_kind("spurious") == len(guess)


@given(gold=graphs(), said=graphs(), data=st.data())
def test_the_order_in_which_a_graph_is_written_does_not_matter(
    gold: Graph, said: Graph, data: st.DataObject
) -> None:
    again = [
        shuffled(graph, data.draw(st.permutations(range(len(graph.entities)))))
        for graph in (gold, said)
    ]
    assert judge(gold, said) == judge(*again)
    assert judge_entities(entities(gold), entities(said)) == judge_entities(
        entities(again[0]), entities(again[1])
    )


@given(gold=graphs())
def test_a_perfect_prediction_is_all_correct_and_silence_is_all_missed(gold: Graph) -> None:
    assert {one.kind for one in judge(gold, gold)} <= {"correct"}
    assert {one.kind for one in judge_entities(entities(gold), entities(gold))} == {"correct"}
    assert {one.kind for one in judge(gold, Graph())} <= {"missed"}
    assert {one.kind for one in judge(Graph(), gold)} <= {"spurious"}


@given(gold=graphs(), said=graphs())
def test_a_class_holds_what_its_name_says(gold: Graph, said: Graph) -> None:
    for one in judge(gold, said):
        if one.gold is None or one.said is None:
            assert one.kind in ("missed", "spurious")
            continue
        assert one.kind in PAIRED
        (name, ends), (guess, there) = one.gold, one.said
        assert (one.kind == "correct") == (one.gold == one.said)
        assert (one.kind == "predicate") == (name != guess)
        if one.kind == "direction":
            assert name not in SYMMETRIC
            assert ends == there[::-1]


def explained_one_by_one(gold: Key, said: Key, possible: list[Verdict]) -> int:
    """How many pairs there are when each takes the first partner that is free."""
    golds, guesses = set(gold - said), set(said - gold)
    found = 0
    for one in possible:
        if one.gold in golds and one.said in guesses:
            golds.remove(one.gold)
            guesses.remove(one.said)
            found += 1
    return found


@given(gold=graphs(), said=graphs(), of=st.sampled_from(("relation", "entity")), data=st.data())
def test_no_other_choice_of_pairs_explains_more(
    gold: Graph, said: Graph, of: str, data: st.DataObject
) -> None:
    key, guess = (
        (triples(gold), triples(said)) if of == "relation" else (entities(gold), entities(said))
    )

    def judged(one: Key, other: Key) -> tuple[Verdict, ...]:
        if of == "relation":
            return judge_relations(one, other, SYMMETRIC)
        return judge_entities(one, other)

    alone = [
        verdict
        for one in sorted(key - guess)
        for other in sorted(guess - key)
        for verdict in judged(frozenset({one}), frozenset({other}))
        if verdict.gold and verdict.said
    ]
    in_order = sorted(alone, key=lambda verdict: (*RELATION_KINDS, "type").index(verdict.kind))
    explained = sum(
        1 for one in judged(key, guess) if one.gold and one.said and one.kind != "correct"
    )
    for order in (in_order, data.draw(st.permutations(alone))):
        assert explained >= explained_one_by_one(key, guess, order)


def test_a_pair_gives_way_where_two_then_find_a_partner() -> None:
    gold = Graph((Entity(0, 4, "A"), Entity(3, 6, "A")))
    said = Graph((Entity(1, 5, "A"), Entity(0, 2, "A")))
    found = judge_entities(entities(gold), entities(said))
    assert [(one.gold and one.gold[1], one.said and one.said[1]) for one in found] == [
        ((0, 4), (0, 2)),
        ((3, 6), (1, 5)),
    ]


A, B = Entity(0, 2, "A"), Entity(4, 6, "B")
ARROW = Graph((A, B), (Relation(0, 1, "治"),))


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        (ARROW, ["correct"]),
        (Graph((Entity(0, 3, "A"), B), (Relation(0, 1, "治"),)), ["boundary"]),
        (Graph((Entity(0, 2, "B"), B), (Relation(0, 1, "治"),)), ["entity_type"]),
        (Graph((A, B), (Relation(0, 1, "致"),)), ["predicate"]),
        (Graph((A, B), (Relation(1, 0, "同"),)), ["predicate"]),
        (Graph((A, B), (Relation(1, 0, "治"),)), ["direction"]),
        (Graph((A, B), (Relation(1, 0, "致"),)), ["missed", "spurious"]),
        (Graph((Entity(0, 3, "B"), B), (Relation(0, 1, "治"),)), ["missed", "spurious"]),
        (Graph((Entity(2, 4, "A"), B), (Relation(0, 1, "治"),)), ["missed", "spurious"]),
        (Graph((A, B), (Relation(0, 1, "治"), Relation(1, 0, "治"))), ["correct", "spurious"]),
        (Graph((A, B), (Relation(0, 1, "致"), Relation(1, 0, "治"))), ["predicate", "spurious"]),
    ],
)
def test_one_fault_at_a_time(said: Graph, kinds: list[str]) -> None:
    assert sorted(one.kind for one in judge(ARROW, said)) == kinds


def test_the_largest_overlap_goes_first() -> None:
    gold = Graph((Entity(0, 4, "A"), B), (Relation(0, 1, "治"),))
    near, far = Entity(0, 3, "A"), Entity(0, 1, "A")
    said = Graph((far, near, B), (Relation(0, 2, "治"), Relation(1, 2, "治")))
    found = {one.kind: one.said for one in judge(gold, said)}
    assert found["boundary"] == ("治", ((0, 3, "A"), (4, 6, "B")))
    assert found["spurious"] == ("治", ((0, 1, "A"), (4, 6, "B")))


def test_a_type_without_direction_pairs_in_either_order() -> None:
    gold = Graph((Entity(0, 4, "A"), Entity(2, 6, "A")), (Relation(0, 1, "同"),))
    said = Graph((Entity(2, 6, "A"), Entity(3, 4, "A")), (Relation(0, 1, "同"),))
    assert [one.kind for one in judge(gold, said)] == ["boundary"]


@given(gold=graphs(), length=st.integers(1, 150))
def test_a_sentence_is_in_one_slice_of_each_sort(gold: Graph, length: int) -> None:
    found = slices("x" * length, triples(gold))
    assert found <= set(SLICES)
    sorts = [name.partition(":")[0] for name in found]
    assert sorts.count("length") == sorts.count("triples") == 1
    assert sorts.count("overlap") == 1 or {"overlap:seo", "overlap:epo"} <= found
    assert ("overlap:none" in found) == ("triples:0" in found) == (not triples(gold))


@pytest.mark.parametrize(
    ("length", "name"),
    [(25, "1-25"), (26, "26-50"), (50, "26-50"), (100, "51-100"), (101, "101+")],
)
def test_lengths_are_counted_in_characters(length: int, name: str) -> None:
    assert f"length:{name}" in slices("字" * length, frozenset())
