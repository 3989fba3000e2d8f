"""Decoding: what is said, what is only considered, and how a schema rules."""

from __future__ import annotations

import numpy as np
import pytest

from extraction.models.common.decode import (
    FLOOR,
    MOST_ALTERNATIVES,
    MOST_KEPT,
    MOST_REFUSED,
    Arrows,
    PairVerdict,
    Weighed,
    alternatives,
    choose_spans,
    judge_pairs,
    pairs_to_try,
    predictions,
    rules_of,
    settled,
    strongest,
)
from extraction.models.common.labels import Labels
from extraction.models.common.spans import Spans
from extraction.types import Candidate, Prediction, RelationRule, Schema

LABELS = Labels(("药物", "疾病"), ("协同", "治疗"))
Row = tuple[int, int, int, int, float, bool]  # sentence, start, stop, type, chance, kept


def weighed(*rows: Row) -> Weighed:
    sentence, start, stop, kind, chance, kept = (
        np.asarray(column) for column in zip(*rows, strict=True)
    )
    borders = np.asarray([0, 2000])
    return Weighed(Spans(start, stop, sentence, borders), kind, chance.astype("f4"), kept)


def decode(
    chosen: Weighed,
    scores: dict[tuple[int, int, int], float],
    schema: Schema | None = None,
    units: int = 20,
) -> Prediction:
    """Judge all pairs of one sentence with these scores (head, tail, relation); others are 0."""
    pairs = pairs_to_try(chosen)
    heads = np.concatenate((pairs.first, pairs.second))
    tails = np.concatenate((pairs.second, pairs.first))
    table = np.zeros((len(heads), 2), dtype=np.float32)
    for row, (head, tail) in enumerate(zip(heads.tolist(), tails.tolist(), strict=True)):
        for kind in range(2):
            table[row, kind] = scores.get((head, tail, kind), 0.0)
    verdict = PairVerdict(table, table >= 0.4)
    arrows = judge_pairs(chosen, heads, tails, verdict, rules_of(LABELS, schema))
    offsets = [[(i, i + 1) for i in range(units)]]
    return predictions(offsets, np.asarray([0]), chosen, arrows, LABELS)[0]


TWO = weighed((0, 0, 2, 1, 0.9, True), (0, 5, 6, 1, 0.8, True))


def test_a_relation_is_as_sure_as_its_score_and_both_its_ends() -> None:
    said = decode(TWO, {(1, 0, 0): 0.5})
    (relation,) = said.relations
    assert (relation.head, relation.tail, relation.type) == (1, 0, "协同")
    assert relation.confidence == pytest.approx(0.5 * 0.9 * 0.8)


def test_below_the_threshold_a_relation_is_only_a_candidate() -> None:
    said = decode(TWO, {(1, 0, 0): 0.39, (1, 0, 1): 0.2})
    assert said.relations == ()
    (candidate,) = said.refused
    assert (candidate.kind, candidate.type) == ("relation", "协同")
    assert (candidate.span, candidate.tail) == ((5, 6), (0, 2))
    assert candidate.confidence == pytest.approx(0.39)


def test_candidates_below_the_floor_are_not_worth_a_word() -> None:
    assert decode(TWO, {(1, 0, 0): 0.019}).refused == ()


def test_a_pair_with_a_refused_end_weighs_that_ends_chance() -> None:
    chosen = weighed((0, 0, 2, 1, 0.9, True), (0, 5, 6, 1, 0.3, False))
    said = decode(chosen, {(0, 1, 0): 0.9})
    assert [(one.kind, round(one.confidence, 3)) for one in said.refused] == [
        ("entity", 0.3),
        ("relation", 0.27),
    ]


def test_two_types_of_one_pair_can_both_be_said() -> None:
    said = decode(TWO, {(0, 1, 0): 0.6, (0, 1, 1): 0.7})
    assert {one.type for one in said.relations} == {"协同", "治疗"}


def test_every_type_weighed_between_said_entities_is_an_alternative() -> None:
    said = decode(TWO, {(1, 0, 0): 0.6, (1, 0, 1): 0.2, (0, 1, 0): 0.3, (0, 1, 1): 0.01})
    named = [(one.type, one.span, one.tail) for one in said.alternatives]
    assert named == [("协同", (0, 2), (5, 6)), ("治疗", (5, 6), (0, 2))]
    below = decode(TWO, {(1, 0, 0): 0.39, (1, 0, 1): 0.2})
    assert [one.type for one in below.refused] == ["协同"]
    assert [one.type for one in below.alternatives] == ["协同", "治疗"]


def test_a_refused_end_makes_no_alternative_and_their_number_is_bounded() -> None:
    chosen = weighed((0, 0, 2, 1, 0.9, True), (0, 5, 6, 1, 0.3, False))
    assert decode(chosen, {(0, 1, 0): 0.9}).alternatives == ()
    many = weighed(*((0, place, place + 1, 1, 0.9, True) for place in range(8)))
    scores = {(a, b, 0): 0.1 + 0.001 * (8 * a + b) for a in range(8) for b in range(8) if a != b}
    said = decode(many, scores)
    sure = [one.confidence for one in said.alternatives]
    assert len(sure) == MOST_ALTERNATIVES
    assert sure == sorted(sure, reverse=True)
    assert sure[0] == pytest.approx(max(scores.values()))


def plainly(chosen: Weighed, arrows: Arrows, owner: int) -> Prediction:
    """The refused lists of one sentence (units of one character), every candidate an object."""
    spans = list(zip(chosen.spans.starts.tolist(), chosen.spans.stops.tolist(), strict=True))
    doubted, between = [], []
    for row in range(len(arrows.heads)):
        head, tail = int(arrows.heads[row]), int(arrows.tails[row])
        chance = float(arrows.chance[row])
        if arrows.is_kept[row] or chance < FLOOR or chosen.spans.sentence[head] != owner:
            continue
        name = LABELS.relations[int(arrows.types[row])]
        doubted.append(Candidate("relation", name, chance, spans[head], spans[tail]))
        if chosen.is_kept[head] and chosen.is_kept[tail]:
            between.append(doubted[-1])
    return Prediction((), (), strongest(doubted), alternatives(between))


@pytest.mark.parametrize("seed", range(8))
def test_what_is_refused_is_what_the_plain_lists_would_hold(seed: int) -> None:
    """Two sentences of a model that finds every pair possible; some spans appear twice."""
    chance = np.random.default_rng(seed)
    starts = np.sort(chance.integers(0, 20, 24))
    rows = [
        (int(at > 11), int(start), int(start) + 1, 1, 0.9, bool(chance.random() < 0.7))
        for at, start in enumerate(starts)
    ]
    chosen = weighed(*rows)
    pairs = [(a, b) for a in range(24) for b in range(24) if a != b and rows[a][0] == rows[b][0]]
    heads, tails = (np.repeat(np.asarray(column), 2) for column in zip(*pairs, strict=True))
    score = chance.random(len(heads)).astype("f4") ** 4
    types = np.tile(np.arange(2), len(pairs))
    arrows = Arrows(heads, tails, types, score, score > 0.8)
    arrows = settled(chosen, arrows, rules_of(LABELS, None))
    units = [[(i, i + 1) for i in range(30)]] * 2
    found = predictions(units, np.asarray([0, 0]), chosen, arrows, LABELS)
    for owner, one in enumerate(found):
        plain = plainly(chosen, arrows, owner)
        said = tuple(each for each in one.refused if each.kind == "relation")
        assert said == plain.refused[: len(said)]
        assert len(one.refused) == 2 * MOST_REFUSED
        assert one.alternatives == plain.alternatives


def test_illegal_types_of_ends_are_never_said_nor_considered() -> None:
    schema = Schema(
        ("药物", "疾病"), (RelationRule("协同"), RelationRule("治疗", pairs=(("药物", "疾病"),)))
    )
    said = decode(TWO, {(0, 1, 1): 0.9, (1, 0, 1): 0.3, (0, 1, 0): 0.9}, schema)
    assert [one.type for one in said.relations] == ["协同"]
    assert said.refused == ()


def test_a_symmetric_relation_is_said_once_in_the_order_of_the_text() -> None:
    schema = Schema(("药物", "疾病"), (RelationRule("协同", symmetric=True), RelationRule("治疗")))
    said = decode(TWO, {(1, 0, 0): 0.9, (0, 1, 0): 0.45}, schema)
    (relation,) = said.relations
    assert (relation.head, relation.tail) == (0, 1)
    assert relation.confidence == pytest.approx(0.9 * 0.72)


def test_the_strongest_refused_span_of_a_region_stands_for_it() -> None:
    found = choose_spans(
        weighed(
            (0, 0, 3, 1, 0.10, False),
            (0, 2, 4, 2, 0.30, False),
            (0, 6, 8, 1, 0.05, False),
            (0, 7, 9, 1, 0.90, True),
            (1, 2, 4, 1, 0.20, False),
        ),
        may_overlap=True,
    )
    rows = list(zip(found.spans.sentence, found.spans.starts, found.is_kept, strict=True))
    assert rows == [(0, 7, True), (0, 2, False), (1, 2, False)]


def test_overlapping_entities_are_kept_or_the_surest_of_them() -> None:
    spans = weighed((0, 0, 5, 1, 0.7, True), (0, 1, 3, 2, 0.8, True), (0, 5, 6, 2, 0.6, True))
    keep = choose_spans(spans, may_overlap=True)
    drop = choose_spans(spans, may_overlap=False)
    assert keep.spans.starts.tolist() == [0, 1, 5]
    assert drop.spans.starts.tolist() == [1, 5]


def test_a_model_that_sees_entities_everywhere_is_bounded() -> None:
    rows: list[Row] = [(0, i, i + 1, 1, 0.9, True) for i in range(3 * MOST_KEPT)]
    rows += [(0, 900 + i, 901 + i, 1, 0.1, False) for i in range(3 * MOST_REFUSED)]
    found = choose_spans(weighed(*rows), may_overlap=True)
    assert int(found.is_kept.sum()) == MOST_KEPT
    assert int((~found.is_kept).sum()) <= MOST_REFUSED


def test_types_outside_the_schema_may_not_be_chosen() -> None:
    rules = rules_of(LABELS, Schema(("药物",), (RelationRule("协同"),)))
    assert rules.may_type.tolist() == [True, True, False]
    assert not rules.is_legal[:, 1].any()
    assert not rules.is_legal[2].any()


def test_offsets_are_code_points_of_the_text() -> None:
    chosen = weighed((0, 1, 3, 1, 0.9, True), (1, 4, 5, 1, 0.9, True))
    units = [[(0, 1), (1, 3), (5, 6)], [(0, 2), (2, 7)]]
    said = predictions(units, np.asarray([0, 3]), chosen, None, LABELS)
    assert [(e.start, e.end) for one in said for e in one.entities] == [(1, 6), (2, 7)]
