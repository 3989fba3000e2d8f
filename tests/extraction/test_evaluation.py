"""The evaluator, with scikit-learn as an independent witness."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from extraction.evaluation.overlap import overlap_classes
from extraction.evaluation.report import compare, evaluate
from extraction.evaluation.significance import Sampling, f1_interval, paired_difference
from extraction.evaluation.table import report_table
from extraction.recipes.cli import main
from extraction.types import Entity, Example, Graph, Relation

TEXT = "abcdefgh"
TYPES = ("A", "B", "C")
MEASURES = ("ner_strict", "re_boundary", "re_strict", "triple_text")

Statements = set[tuple[str, Any]]  # the type, and what must agree

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


def examples_of(gold: Sequence[Graph]) -> list[Example]:
    return [Example(str(number), TEXT, one) for number, one in enumerate(gold)]


def report(
    gold: Sequence[Graph], said: Sequence[Graph], *symmetric: str, **rules: Any
) -> dict[str, Any]:
    return evaluate(examples_of(gold), said, frozenset(symmetric), **rules)


def seen_as(measure: str, one: Entity) -> Any:
    if measure == "triple_text":
        return TEXT[one.start : one.end]
    return (one.start, one.end, *([one.type] if measure == "re_strict" else []))


def statements(measure: str, graph: Graph) -> Statements:
    """What a graph says, in a second wording: each measure's statements with their type."""
    if measure == "ner_strict":
        return {(e.type, (e.start, e.end)) for e in graph.entities}
    found: Statements = set()
    for relation in graph.relations:
        ends = (graph.entities[relation.head], graph.entities[relation.tail])
        found.add((relation.type, tuple(seen_as(measure, one) for one in ends)))
    return found


@pytest.mark.parametrize("measure", MEASURES)
@settings(max_examples=40, deadline=None)
@given(pairs=st.lists(st.tuples(graphs(), graphs()), min_size=1, max_size=6))
def test_rates_equal_those_of_scikit_learn(measure: str, pairs: list[tuple[Graph, Graph]]) -> None:
    truth: list[str] = ["none"]
    guess: list[str] = ["none"]
    for gold, said in pairs:
        left, right = statements(measure, gold), statements(measure, said)
        for statement in left | right:
            truth.append(statement[0] if statement in left else "none")
            guess.append(statement[0] if statement in right else "none")
    found = report([gold for gold, _ in pairs], [said for _, said in pairs])
    labels = sorted(set(truth + guess) - {"none"}) or ["nothing was said"]
    for average in ("micro", "macro"):
        p, r, f, _ = precision_recall_fscore_support(
            truth, guess, labels=labels, average=average, zero_division=0
        )
        ours = found[measure][average]
        assert (ours["precision"], ours["recall"], ours["f1"]) == pytest.approx((p, r, f), abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.lists(graphs(), min_size=1, max_size=5))
def test_gold_against_itself_is_perfect_and_against_silence_is_nothing(golds: list[Graph]) -> None:
    same, silent = report(golds, golds), report(golds, [Graph()] * len(golds))
    for name in MEASURES:
        counts = same[name]["micro"]
        assert counts["wrong"] == counts["missed"] == 0
        assert counts["f1"] == (1.0 if counts["right"] else 0.0)
        assert silent[name]["micro"]["f1"] == 0.0


@settings(deadline=None)
@given(graphs(), graphs())
def test_swapping_gold_and_prediction_swaps_precision_and_recall(a: Graph, b: Graph) -> None:
    one, other = report([a], [b], "r"), report([b], [a], "r")
    for name in MEASURES:
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


def boxes(*spans: tuple[int, int, str], relations: Sequence[tuple[int, int, str]] = ()) -> Graph:
    return Graph(tuple(Entity(*one) for one in spans), tuple(Relation(*one) for one in relations))


def test_without_overlaps_both_sides_lose_what_overlaps() -> None:
    gold = boxes((0, 3, "A"), (1, 2, "B"), (4, 5, "A"), relations=[(0, 1, "r"), (0, 2, "r")])
    said = boxes((4, 5, "A"), (6, 7, "A"), (6, 8, "B"), relations=[(1, 2, "s")])
    assert report([gold], [said])["ner_strict"]["micro"]["missed"] == 2
    found = report([gold], [said], no_overlapping=True)
    rates = found["ner_strict"]["micro"]
    assert (rates["right"], rates["wrong"], rates["missed"]) == (1, 0, 0)
    for name in ("re_boundary", "re_strict", "triple_text"):
        rates = found[name]["micro"]
        assert (rates["right"], rates["wrong"], rates["missed"]) == (0, 0, 1)
    assert found["counts"]["gold_entities"] == 3


def test_two_types_of_one_span_overlap_but_a_repeated_or_neighbouring_entity_does_not() -> None:
    gold = boxes((0, 2, "A"), (0, 2, "A"), (2, 4, "A"), (5, 6, "A"), (5, 6, "B"))
    found = report([gold], [Graph()], no_overlapping=True)
    assert found["ner_strict"]["per_type"] == {
        "A": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "right": 0, "wrong": 0, "missed": 2}
    }


@settings(deadline=None)
@given(graphs(), graphs())
def test_leaving_overlaps_out_changes_nothing_where_there_is_none(a: Graph, b: Graph) -> None:
    flat = [
        boxes(
            *((2 * i, 2 * i + 1, e.type) for i, e in enumerate(one.entities[:4])),
            relations=[(r.head, r.tail, r.type) for r in one.relations if max(r.head, r.tail) < 4],
        )
        for one in (a, b)
    ]
    plain, without = (report(flat[:1], flat[1:], no_overlapping=rule) for rule in (False, True))
    assert plain == without


@pytest.mark.parametrize(
    ("relations", "classes"),
    [
        ([], set()),
        ([(0, 1, "r")], {"normal"}),
        ([(0, 1, "r"), (2, 3, "r")], {"normal"}),
        ([(0, 1, "r"), (0, 1, "r")], {"normal"}),
        ([(0, 1, "r"), (0, 1, "s")], {"epo"}),
        ([(0, 1, "r"), (1, 0, "r")], {"epo"}),
        ([(0, 1, "r"), (0, 2, "r")], {"seo"}),
        ([(0, 1, "r"), (1, 2, "s")], {"seo"}),
        ([(0, 1, "r"), (1, 0, "s"), (2, 3, "r")], {"epo"}),
        ([(0, 1, "r"), (1, 0, "s"), (1, 2, "r")], {"epo", "seo"}),
    ],
)
def test_a_sentence_is_normal_seo_or_epo_by_the_entities_its_triples_share(
    relations: list[tuple[int, int, str]], classes: set[str]
) -> None:
    gold = graph(*relations, types="AABB")
    found = report([gold], [gold])["by_overlap"]
    assert {name for name, one in found.items() if one["sentences"]} == classes
    assert all(found[name]["f1"] == 1.0 for name in classes)


def test_a_symmetric_relation_said_both_ways_is_one_triple_and_no_pair_overlap() -> None:
    gold = graph((0, 1, "r"), (1, 0, "r"))
    found = report([gold], [gold], "r")["by_overlap"]
    assert (found["normal"]["sentences"], found["normal"]["right"]) == (1, 1)
    assert found["epo"]["sentences"] == 0


def test_the_rates_of_a_class_are_those_of_its_sentences() -> None:
    seo = graph((0, 1, "r"), (0, 2, "s"))
    normal = graph((0, 1, "r"))
    found = report([seo, normal, graph()], [normal, seo, normal])
    assert found["by_overlap"]["seo"] == {
        "precision": 1.0,
        "recall": 0.5,
        "f1": 0.666667,
        "right": 1,
        "wrong": 0,
        "missed": 1,
        "sentences": 1,
    }
    assert found["by_overlap"]["normal"]["wrong"] == 1
    assert found["re_strict"]["micro"]["wrong"] == 2


@settings(deadline=None)
@given(st.sets(st.tuples(st.sampled_from("rs"), st.permutations("abcd").map(lambda p: (*p[:2],)))))
def test_the_classes_follow_from_comparing_every_two_triples(triples: Statements) -> None:
    common = [len({*one[1]} & {*other[1]}) for one in triples for other in triples if one != other]
    expected = {name for name, shared in (("epo", 2), ("seo", 1)) if shared in common}
    found = overlap_classes(frozenset(triples))
    assert found == (expected or ({"normal"} if triples else set()))


def tallies(count: int, rng: np.random.Generator) -> Any:
    """Right, wrong and missed of so many sentences, F1 about 0.8."""
    return rng.poisson((2.0, 0.5, 0.5), (count, 3))


def f1(sums: Any) -> Any:
    return 2 * sums[..., 0] / (2 * sums[..., 0] + sums[..., 1] + sums[..., 2])


def test_the_interval_is_that_of_a_bootstrap_drawn_sentence_by_sentence() -> None:
    rng = np.random.default_rng(5)
    counts = tallies(120, rng)
    drawn = [f1(counts[rng.integers(0, 120, 120)].sum(axis=0)) for _ in range(4000)]
    low, high = f1_interval(counts, Sampling(resamples=4000, seed=1))
    assert (low, high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), abs=0.006)
    assert low < f1(counts.sum(axis=0)) < high


def test_an_interval_repeats_itself_for_a_seed_whatever_the_order_of_the_sentences() -> None:
    counts = tallies(50, np.random.default_rng(0))
    first = f1_interval(counts, Sampling(200, seed=7))
    assert first == f1_interval(counts[::-1], Sampling(200, seed=7))
    assert first != f1_interval(counts, Sampling(200, seed=8))


def test_more_data_gives_a_narrower_interval_and_a_higher_level_a_wider_one() -> None:
    rng = np.random.default_rng(2)
    few, many = tallies(50, rng), tallies(5000, rng)
    widths = [high - low for low, high in (f1_interval(few), f1_interval(many))]
    assert widths[1] < widths[0] / 5
    low, high = f1_interval(few, Sampling(level=0.5))
    assert high - low < widths[0]


def test_many_resamples_of_many_kinds_of_sentences_are_drawn_in_pieces() -> None:
    counts = np.arange(9000).reshape(3000, 3)
    low, high = f1_interval(counts, Sampling(resamples=1500))
    assert low < f1(counts.sum(axis=0)) < high


@pytest.mark.parametrize(
    ("gold", "said", "expected"),
    [
        ([], [], [0.0, 0.0]),
        ([graph()], [graph()], [0.0, 0.0]),
        ([graph()], [graph((0, 1, "r"))], [0.0, 0.0]),
        ([graph((0, 1, "r"))] * 9, [graph((0, 1, "r"))] * 9, [1.0, 1.0]),
    ],
)
def test_intervals_of_degenerate_data_are_points(
    gold: list[Graph], said: list[Graph], expected: list[float]
) -> None:
    intervals = report(gold, said)["intervals"]
    assert intervals["re_strict"] == expected
    assert (intervals["level"], intervals["resamples"]) == (0.95, 1000)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(graphs(), graphs()), min_size=1, max_size=6))
def test_every_interval_lies_in_order_between_nothing_and_one(
    pairs: list[tuple[Graph, Graph]],
) -> None:
    found = report([gold for gold, _ in pairs], [said for _, said in pairs])
    for name in MEASURES:
        low, high = found["intervals"][name]
        assert 0.0 <= low <= high <= 1.0


def test_no_resamples_no_intervals() -> None:
    assert "intervals" not in report([graph()], [graph()], sampling=Sampling(0))


def test_two_predictions_are_compared_on_the_same_resamples() -> None:
    gold = [graph((0, 1, "r"), (0, 2, "s"))] * 40
    better = [*gold[:36], *[graph()] * 4]
    worse = [*gold[:20], *[graph()] * 20]
    found = compare(examples_of(gold), better, worse)
    low, high = found["re_strict"]["interval"]
    assert 0 < low < found["re_strict"]["difference"] < high
    assert found["re_strict"]["share_above"] == 1.0
    assert found["ner_strict"] == {"difference": 0.0, "interval": [0.0, 0.0], "share_above": 0.0}
    turned = compare(examples_of(gold), worse, better)["re_strict"]
    assert turned["interval"][1] < 0
    assert turned["share_above"] == 0.0


def test_pairing_sees_a_small_steady_gain_that_single_intervals_hide() -> None:
    second = tallies(200, np.random.default_rng(3))
    first = (
        second + np.array([[1, 0, -1]]) * (second[:, 2:] > 0) * (np.arange(200) % 8 == 0)[:, None]
    )
    gap = paired_difference(first, second)
    assert 0 < gap.low < gap.f1 < gap.high
    assert gap.share_above > 0.97
    assert f1_interval(first)[0] < f1_interval(second)[1]


def test_predictions_of_different_data_are_not_paired() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="3 sentences cannot be paired with 4"):
        paired_difference(tallies(3, rng), tallies(4, rng))


def test_people_read_aligned_tables_with_full_width_types() -> None:
    gold = [
        Graph((Entity(0, 1, "药物"), Entity(2, 3, "B")), (Relation(0, 1, "协同"),)),
        Graph((Entity(0, 1, "B"),)),
    ]
    head, measures, classes, entities, relations = report_table(
        report(gold, [gold[0], Graph()])
    ).split("\n\n")
    assert head == "2 sentences; gold: 3 entities, 1 relations; predicted: 2, 1"
    assert measures.splitlines()[1].split()[:5] == ["NER", "strict", "100.00", "66.67", "80.00"]
    assert "95 % of F1" in measures
    assert classes.splitlines()[1].split() == ["normal", "1", "100.00", "100.00", "100.00"]
    assert entities.splitlines()[-1] == "药物                   1  100.00  100.00  100.00"
    assert relations.splitlines()[-1].startswith("协同 ")


def test_the_tables_leave_out_what_nobody_measured() -> None:
    text = report_table(report([graph(types="A")], [Graph()], sampling=Sampling(0)))
    assert "by overlap" not in text
    assert "RE strict by type" not in text
    assert " to " not in text


@pytest.mark.slow
def test_the_command_tells_people_a_table_and_programs_the_report(
    capsys: pytest.CaptureFixture[str], checkpoint: Path, train_file: Path
) -> None:
    words = ["evaluate", "--checkpoint", str(checkpoint), "--data", str(train_file)]
    assert main([*words, "--threads", "1"]) == 0
    told = capsys.readouterr().out
    assert told.splitlines()[2].split()[:4] == ["percent", "P", "R", "F1"]
    assert main([*words, "--threads", "1", "--json", "--resamples", "50", "--no-overlapping"]) == 0
    metrics = json.loads(capsys.readouterr().out)["metrics"]
    assert metrics["intervals"]["resamples"] == 50
    assert metrics["by_overlap"]["normal"]["f1"] == 1.0
