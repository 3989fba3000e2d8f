"""From a table that is known to statements: types of entities, schema, candidates, chances."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import torch

from extraction.models.common.decode import Arrows, Weighed, choose_spans, predictions, rules_of
from extraction.models.common.labels import Labels
from extraction.models.common.spans import borders_of
from extraction.models.common.table import Factors, Layout
from extraction.models.common.table_places import PLACES
from extraction.models.onerel.decode import Reading, Way, read_entities, read_pairs, read_triples
from extraction.types import Prediction, RelationRule, Schema

UNITS = 9
SURE = 9.0
LABELS = Labels(("药物", "疾病"), ("协同", "治疗"))
SCHEMA = Schema(
    LABELS.entities,
    (
        RelationRule("协同", pairs=(("药物", "药物"),)),
        RelationRule("治疗", pairs=(("药物", "疾病"),)),
    ),
)
DRUG, ILLNESS = 1, 2
SYNERGY, TREATS = 0, 1
Span = tuple[int, int]
Triple = tuple[Span, int, Span]


def table(
    entities: Mapping[Span, tuple[int, float]],
    triples: Mapping[Triple, float],
    lost: frozenset[tuple[Triple, int]] = frozenset(),
) -> Reading:
    """A sentence whose cells hold these scores; `lost` names corners that are not tagged.

    The vector of a pair is 1 at the pair's own number and 0 elsewhere, so that a scorer's
    weights are the table: relu(a_i + b_j), a_i being 1 in the i-th block, b_j 0 at the j-th
    place of each block and -1 elsewhere.
    """
    count = UNITS + 1
    relations = torch.full((count, count, 3, 2), -SURE)
    types = torch.full((count, count, 2), -SURE)
    for (start, stop), (kind, score) in entities.items():
        types[start, stop, kind - 1] = score
    for triple, score in triples.items():
        (a, b), kind, (c, d) = triple
        for corner, (row, column) in enumerate(((a, c), (a, d), (b, d))):
            if (triple, corner) not in lost:
                relations[row, column, corner, kind] = score
    layout = Layout.of(borders_of([count]))
    return Reading(
        factors=Factors(
            torch.eye(count).repeat_interleave(count, dim=1),
            torch.eye(count).repeat(1, count) - 1.0,
        ),
        layout=layout,
        places=PLACES["exclusive"],
        unit_borders=borders_of([UNITS]),
        relation=(relations.flatten(0, 1).flatten(1).T.contiguous(), torch.zeros(6)),
        entity=(types.flatten(0, 1).T.contiguous(), torch.zeros(2)),
    )


def written(chosen: Weighed, arrows: Arrows | None) -> Prediction:
    offsets = [[(i, i + 1) for i in range(UNITS)]]
    return predictions(offsets, np.asarray([0]), chosen, arrows, LABELS)[0]


def by_corners(
    reading: Reading, schema: Schema | None = None, *, has_slice: bool = True
) -> Prediction:
    way = Way(is_walked=False, has_slice=has_slice, may_overlap=True)
    return written(*read_triples(reading, rules_of(LABELS, schema), way))


def by_pairs(reading: Reading, schema: Schema | None = None) -> Prediction:
    rules = rules_of(LABELS, schema)
    chosen = choose_spans(read_entities(reading, rules), may_overlap=True)
    return written(chosen, read_pairs(reading, chosen, rules, 0.5))


def spans(said: Prediction) -> set[tuple[int, int, str]]:
    return {(one.start, one.end, one.type) for one in said.entities}


def arrows(said: Prediction) -> set[tuple[Span, str, Span]]:
    def span(index: int) -> Span:
        return said.entities[index].start, said.entities[index].end

    return {(span(one.head), one.type, span(one.tail)) for one in said.relations}


KNOWN = {(0, 2): (DRUG, SURE), (3, 5): (DRUG, SURE), (6, 9): (ILLNESS, SURE)}
TRIPLES = {((0, 2), SYNERGY, (3, 5)): SURE, ((3, 5), TREATS, (6, 9)): SURE}


@pytest.mark.parametrize("read", [by_corners, by_pairs])
def test_a_table_that_knows_a_graph_says_it_surely(read: type) -> None:
    said = read(table(KNOWN, TRIPLES), SCHEMA)
    assert spans(said) == {(0, 2, "药物"), (3, 5, "药物"), (6, 9, "疾病")}
    assert arrows(said) == {((0, 2), "协同", (3, 5)), ((3, 5), "治疗", (6, 9))}
    assert all(one.confidence > 0.98 for one in (*said.entities, *said.relations))
    assert said.refused == ()


def test_the_ends_of_a_triple_are_entities_even_if_the_slice_is_silent() -> None:
    said = by_corners(table({(6, 9): (ILLNESS, SURE)}, {((0, 2), SYNERGY, (3, 5)): SURE}), SCHEMA)
    assert spans(said) == {(0, 2, "药物"), (3, 5, "药物"), (6, 9, "疾病")}
    assert arrows(said) == {((0, 2), "协同", (3, 5))}


def test_known_spans_alone_are_joined_where_pairs_are_judged() -> None:
    assert by_pairs(table({}, TRIPLES), SCHEMA) == Prediction()


def test_without_a_slice_legal_pairs_of_types_decide_what_the_ends_are() -> None:
    wrong = {(0, 2): (ILLNESS, 5.0), (6, 9): (DRUG, 5.0), (3, 5): (DRUG, 5.0)}
    said = by_corners(table(wrong, {((0, 2), TREATS, (6, 9)): SURE}), SCHEMA, has_slice=False)
    assert spans(said) == {(0, 2, "药物"), (6, 9, "疾病")}
    assert arrows(said) == {((0, 2), "治疗", (6, 9))}


def test_without_a_slice_and_rules_the_scores_of_the_types_decide() -> None:
    typed = {(0, 2): (ILLNESS, 5.0), (6, 9): (DRUG, 5.0)}
    said = by_corners(table(typed, {((0, 2), TREATS, (6, 9)): SURE}), has_slice=False)
    assert spans(said) == {(0, 2, "疾病"), (6, 9, "药物")}


def test_an_entity_keeps_its_type_and_a_triple_that_is_illegal_then_is_not_said() -> None:
    said = by_corners(table(KNOWN, {((0, 2), TREATS, (3, 5)): SURE}), SCHEMA)
    assert spans(said) == {(0, 2, "药物"), (3, 5, "药物"), (6, 9, "疾病")}
    assert said.relations == ()
    assert all(one.kind == "entity" for one in said.refused)


def test_of_two_triples_that_want_two_types_the_surer_one_is_said() -> None:
    both = {((0, 2), TREATS, (6, 9)): SURE, ((3, 5), SYNERGY, (6, 9)): 2.0}
    said = by_corners(table({}, both), SCHEMA, has_slice=False)
    assert arrows(said) == {((0, 2), "治疗", (6, 9))}
    assert spans(said) == {(0, 2, "药物"), (6, 9, "疾病")}


def test_types_that_a_schema_does_not_know_are_never_said() -> None:
    only = Schema(("疾病",), SCHEMA.relations)
    for read in (by_corners, by_pairs):
        said = read(table(KNOWN, TRIPLES), only)
        assert spans(said) <= {(6, 9, "疾病")}
        assert said.relations == ()


def test_a_symmetric_triple_is_said_in_the_order_of_the_text() -> None:
    schema = Schema(LABELS.entities, (RelationRule("协同", symmetric=True), RelationRule("治疗")))
    said = by_corners(table(KNOWN, {((3, 5), SYNERGY, (0, 2)): SURE}), schema)
    assert arrows(said) == {((0, 2), "协同", (3, 5))}


@pytest.mark.parametrize("corner", [0, 1, 2])
def test_a_triple_with_a_lost_corner_is_not_said_but_considered(corner: int) -> None:
    triple = ((0, 2), SYNERGY, (3, 5))
    reading = table(KNOWN, {triple: SURE}, frozenset({(triple, corner)}))
    assert by_corners(reading, SCHEMA).relations == ()
    said = by_pairs(reading, SCHEMA)
    assert said.relations == ()
    (refused,) = [one for one in said.refused if one.kind == "relation"]
    assert (refused.type, refused.span, refused.tail) == ("协同", (0, 2), (3, 5))
    assert refused.confidence == pytest.approx(np.exp(-SURE / 3), rel=0.01)


def test_nearly_tagged_triples_are_candidates_with_the_mean_chance_of_their_corners() -> None:
    said = by_corners(table(KNOWN, {((0, 2), SYNERGY, (3, 5)): -1.0}), SCHEMA)
    (refused,) = [one for one in said.refused if one.kind == "relation"]
    assert (refused.type, refused.span, refused.tail) == ("协同", (0, 2), (3, 5))
    assert refused.confidence == pytest.approx(1 / (1 + np.e), abs=0.01)
    assert said.relations == ()


def test_an_entity_of_triples_alone_is_as_sure_as_one_of_them_being_right() -> None:
    both = {((0, 2), SYNERGY, (3, 5)): 1.0, ((0, 2), TREATS, (6, 9)): 2.0}
    typed = {(0, 2): (DRUG, SURE), (3, 5): (DRUG, SURE), (6, 9): (ILLNESS, SURE)}
    said = by_corners(table(typed, both), SCHEMA, has_slice=False)
    first, second = 1 / (1 + np.exp(-1.0)), 1 / (1 + np.exp(-2.0))
    chance = {(one.start, one.end): one.confidence for one in said.entities}
    assert chance[0, 2] == pytest.approx(1 - (1 - first) * (1 - second), abs=0.01)
    assert chance[3, 5] == pytest.approx(first, abs=0.01)
    surest = {one.type: one.confidence for one in said.relations}
    assert surest["治疗"] == pytest.approx(second, abs=0.01)


def test_nested_entities_are_said_and_one_kept_where_they_may_not_overlap() -> None:
    reading = table({(0, 5): (ILLNESS, 3.0), (1, 3): (DRUG, 5.0)}, {})
    assert len(by_corners(reading).entities) == 2
    way = Way(is_walked=False, has_slice=True, may_overlap=False)
    said = written(*read_triples(reading, rules_of(LABELS, None), way))
    assert spans(said) == {(1, 3, "药物")}
