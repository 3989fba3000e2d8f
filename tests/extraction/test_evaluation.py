"""The evaluator, with scikit-learn as an independent witness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from extraction.evaluation.report import evaluate
from extraction.types import Entity, Example, Graph, Relation

TEXT = "abcdefgh"
TYPES = ("A", "B", "C")

entities_of = st.builds(
    lambda start, width, kind: Entity(start, min(start + width, len(TEXT)), kind),
    st.integers(0, 6),
    st.integers(1, 3),
    st.sampled_from(TYPES),
)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    entities = tuple(draw(st.lists(entities_of, max_size=5)))
    ends = st.integers(0, max(0, len(entities) - 1))
    relation = st.builds(Relation, ends, ends, st.sampled_from(("r", "s")))
    relations = draw(st.lists(relation, max_size=5)) if len(entities) > 1 else []
    return Graph(entities, tuple(one for one in relations if one.head != one.tail))


def report(gold: Sequence[Graph], said: Sequence[Graph], *symmetric: str) -> dict[str, Any]:
    examples = [Example(str(number), TEXT, one) for number, one in enumerate(gold)]
    return evaluate(examples, said, frozenset(symmetric))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(graphs(), graphs()), min_size=1, max_size=6))
def test_rates_equal_those_of_scikit_learn(pairs: list[tuple[Graph, Graph]]) -> None:
    truth: list[str] = []
    guess: list[str] = []
    for gold, said in pairs:
        left, right = ({(e.start, e.end, e.type) for e in one.entities} for one in (gold, said))
        for statement in left | right:
            truth.append(statement[2] if statement in left else "none")
            guess.append(statement[2] if statement in right else "none")
    found = report([gold for gold, _ in pairs], [said for _, said in pairs])
    labels = sorted(set(truth + guess) - {"none"})
    for average in ("micro", "macro"):
        if not labels:
            continue
        p, r, f, _ = precision_recall_fscore_support(
            truth, guess, labels=labels, average=average, zero_division=0
        )
        ours = found["ner_strict"][average]
        assert (ours["precision"], ours["recall"], ours["f1"]) == pytest.approx((p, r, f), abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.lists(graphs(), min_size=1, max_size=5))
def test_gold_against_itself_is_perfect_and_against_silence_is_nothing(golds: list[Graph]) -> None:
    same, silent = report(golds, golds), report(golds, [Graph()] * len(golds))
    for name in ("ner_strict", "re_boundary", "re_strict", "triple_text"):
        counts = same[name]["micro"]
        assert counts["wrong"] == counts["missed"] == 0
        assert counts["f1"] == (1.0 if counts["right"] else 0.0)
        assert silent[name]["micro"]["f1"] == 0.0


@given(graphs(), graphs())
def test_swapping_gold_and_prediction_swaps_precision_and_recall(a: Graph, b: Graph) -> None:
    one, other = report([a], [b], "r"), report([b], [a], "r")
    for name in ("ner_strict", "re_boundary", "re_strict", "triple_text"):
        assert one[name]["micro"]["precision"] == other[name]["micro"]["recall"]
        assert one[name]["micro"]["f1"] == other[name]["micro"]["f1"]


def graph(*relations: tuple[int, int, str], types: str = "AAB") -> Graph:
    """Three entities, at 0-1, 2-3 and 4-5."""
    entities = tuple(Entity(2 * i, 2 * i + 1, kind) for i, kind in enumerate(types))
    return Graph(entities, tuple(Relation(*one) for one in relations))


def test_direction_matters_unless_the_relation_is_symmetric() -> None:
    gold, said = [graph((0, 1, "r"))], [graph((1, 0, "r"))]
    assert report(gold, said)["triple_f1"] == 0.0
    symmetric = report(gold, said, "r")
    assert symmetric["triple_f1"] == symmetric["triple_text"]["micro"]["f1"] == 1.0


def test_a_duplicate_counts_once() -> None:
    gold = [graph((0, 1, "r"))]
    twice = Graph(gold[0].entities * 2, (Relation(0, 1, "r"), Relation(3, 4, "r")))
    found = report(gold, [twice])
    assert (found["entity_f1"], found["triple_f1"]) == (1.0, 1.0)


def test_a_wrong_entity_type_spoils_the_strict_measure_only() -> None:
    found = report([graph((0, 1, "r"))], [graph((0, 1, "r"), types="BAB")])
    assert found["triple_f1"] == 0.0
    assert found["re_boundary"]["micro"]["f1"] == 1.0
    assert found["triple_text"]["micro"]["f1"] == 1.0


def test_the_same_words_elsewhere_match_by_text_only() -> None:
    text = "药与药和水"
    gold = Graph((Entity(0, 1, "A"), Entity(4, 5, "A")), (Relation(0, 1, "r"),))
    said = Graph((Entity(2, 3, "A"), Entity(4, 5, "A")), (Relation(0, 1, "r"),))
    found = evaluate([Example("1", text, gold)], [said])
    assert found["triple_f1"] == 0.0
    assert found["triple_text"]["micro"]["f1"] == 1.0


def test_the_report_counts_and_tells_types_apart() -> None:
    found = report([graph((0, 1, "r"), (0, 2, "s"))], [graph((0, 1, "r"))])
    assert found["counts"] == {
        "sentences": 1,
        "gold_entities": 3,
        "gold_relations": 2,
        "predicted_entities": 3,
        "predicted_relations": 1,
    }
    assert found["re_strict"]["per_type"]["s"]["missed"] == 1
    assert found["re_strict"]["macro"]["f1"] == 0.5
    assert found["triple_recall"] == 0.5
