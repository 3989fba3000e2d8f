"""The two-phase network: folded equals unfolded, what the gate can see, what each switch does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from extraction.models.common.encoder import Features
from extraction.models.common.pairs import all_pairs
from extraction.models.common.span_parts import unit_sentences
from extraction.models.common.spans import Spans, borders_of, every_span
from extraction.models.two_phase.fusion import Fusion
from extraction.models.two_phase.network import Ends, TwoPhaseNetwork
from extraction.models.two_phase.settings import Settings

COUNTS = (5, 1, 16)  # units of three sentences
HIDDEN = 6
WIDEST = 3
ENTITIES, RELATIONS = 2, 3
SWITCHES: list[dict[str, Any]] = [
    {},
    {"roles": "none"},
    {"roles": "projections"},
    {"share_gate": True},
    {"fusion": "sum"},
    {"fusion": "concatenation"},
    {"empty_context": "left out"},
    {"fusion": "concatenation", "two_phase": False, "empty_context": "left out"},
    {"binary_features": False},
    {"type_features": False},
    {"two_phase": False},
    {"hidden": 4, "pair_hidden": True},
    {"hidden": 4, "pair_hidden": True, "two_phase": False, "fusion": "concatenation"},
    {"pair_hidden": True, "type_features": False, "empty_context": "left out"},
    {"two_phase": False, "type_features": False},
    {"context": "sentence", "farthest": 3},
]
every_switch = pytest.mark.parametrize("switches", SWITCHES, ids=str)


def network(relation_types: int = RELATIONS, **switches: Any) -> TwoPhaseNetwork:
    torch.manual_seed(0)
    settings = Settings(**{"max_span": WIDEST, "roles": "vectors", **switches})
    made = TwoPhaseNetwork(HIDDEN, ENTITIES, relation_types, settings).double()
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter)
    return made.eval()


def features() -> Features:
    torch.manual_seed(1)
    return Features(
        torch.randn(sum(COUNTS), HIDDEN, dtype=torch.double),
        torch.randn(len(COUNTS), HIDDEN, dtype=torch.double),
    )


def spans_and_pairs() -> tuple[Spans, np.ndarray[Any, Any], Ends]:
    """All spans by sentence, their types, and all pairs, the second half turned round."""
    spans = every_span(COUNTS, WIDEST).spans
    spans = spans.at(np.argsort(spans.sentence, kind="stable"))
    pairs = all_pairs(spans.sentence)
    heads = np.concatenate((pairs.first, pairs.second))
    tails = np.concatenate((pairs.second, pairs.first))
    return spans, np.arange(len(spans)) % ENTITIES + 1, (heads, tails)


@every_switch
def test_enumerated_spans_are_judged_like_fused_ones(switches: dict[str, Any]) -> None:
    net, seen, every = network(**switches), features(), every_span(COUNTS, WIDEST)
    judged = net.judge_spans(net.fuse_spans(seen, every.spans))
    found = every.gather(net.all_spans(seen, unit_sentences(every.spans.borders)))
    parts = [judged.which] if judged.whether is None else [judged.whether, judged.which]
    assert torch.allclose(found, torch.cat(parts, dim=1))


@every_switch
def test_folded_pairs_are_judged_like_fused_ones(switches: dict[str, Any]) -> None:
    net, seen = network(**switches), features()
    spans, types, ends = spans_and_pairs()
    r = net.fuse_pairs(seen, spans, net.fuse_spans(seen, spans), ends)
    folded = net.all_pairs(seen, spans, types, ends)
    assert torch.allclose(folded.which, net.judge_which(r, net.type_rows(spans, types, ends)))
    whether = net.judge_whether(r)
    assert (whether is None) == (folded.whether is None)
    if whether is not None and folded.whether is not None:
        assert torch.allclose(folded.whether, whether)


def gated(parts: list[Tensor], gate: Tensor) -> Tensor:
    """Eq. 5 for one vector."""
    v = torch.stack([gate @ part for part in parts])
    alpha = v.exp() / v.exp().sum()
    return sum((a * part for a, part in zip(alpha, parts, strict=True)), torch.zeros_like(parts[0]))


def naive_pair(net: TwoPhaseNetwork, i: int, j: int) -> tuple[Tensor, Tensor]:
    """Both phases of one pair of the default network, vector by vector."""
    seen, (spans, types, _) = features(), spans_and_pairs()
    (a, b), (c, d) = ((int(spans.starts[x]), int(spans.stops[x])) for x in (i, j))
    assert net.gates is not None
    assert net.distance is not None
    assert net.types is not None
    assert net.relation is not None
    assert net.roles.vectors is not None
    gates = net.gates.weight
    x0 = seen.sentences[spans.sentence[i]]
    e = [
        gated([seen.units[x:y].amax(0), x0, net.width.weight[y - x]], gates[0])
        for x, y in ((a, b), (c, d))
    ]
    left, right = min(b, d), max(a, c)
    context = seen.units[left:right].amax(0) if left < right else torch.zeros(HIDDEN).double()
    apart = min(max(right - left, 0), 10)
    roles = net.roles.vectors.weight
    parts = [e[0] + roles[0], e[1] + roles[1], context, net.distance.weight[apart]]
    r = gated(parts, gates[1])
    row = ((types[i] - 1) * ENTITIES + types[j] - 1) * 11 + apart
    which = net.relation_type(gated([r, net.types.weight[row]], gates[2]))
    return net.relation(r), which


def test_a_pair_is_judged_as_the_paper_writes_it() -> None:
    net = network()
    spans, types, ends = spans_and_pairs()
    folded = net.all_pairs(features(), spans, types, ends)
    assert folded.whether is not None
    for row in range(0, len(ends[0]), 61):
        whether, which = naive_pair(net, int(ends[0][row]), int(ends[1][row]))
        assert torch.allclose(folded.whether[row], whether)
        assert torch.allclose(folded.which[row], which)


def swapped(roles: str) -> tuple[Tensor, Tensor]:
    """R(e1, e2) and R(e2, e1) of all pairs."""
    net, seen = network(roles=roles), features()
    spans, _, (heads, tails) = spans_and_pairs()
    fused = net.fuse_spans(seen, spans)
    straight = net.fuse_pairs(seen, spans, fused, (heads, tails))
    turned = net.fuse_pairs(seen, spans, fused, (tails, heads))
    return straight.detach(), turned.detach()


def test_as_printed_phase_one_cannot_tell_head_from_tail() -> None:
    straight, turned = swapped("none")
    torch.testing.assert_close(straight, turned, rtol=0, atol=1e-14)


@pytest.mark.parametrize("roles", ["vectors", "projections"])
def test_with_roles_it_can(roles: str) -> None:
    straight, turned = swapped(roles)
    assert float((straight - turned).abs().amax(dim=1).min()) > 1e-9


def test_as_printed_phase_two_tells_them_apart_by_their_types_only() -> None:
    net, seen = network(roles="none"), features()
    spans, _, (heads, tails) = spans_and_pairs()
    half = len(heads) // 2
    alike = net.all_pairs(seen, spans, np.ones(len(spans), dtype=np.int64), (heads, tails)).which
    torch.testing.assert_close(alike[:half], alike[half:], rtol=0, atol=1e-12)
    types = np.arange(len(spans)) % ENTITIES + 1
    mixed = net.all_pairs(seen, spans, types, (heads, tails)).which
    is_mixed = torch.from_numpy(types[heads[:half]] != types[tails[:half]])
    differs = (mixed[:half] - mixed[half:]).abs().amax(dim=1) > 1e-6
    assert torch.equal(differs, is_mixed)


def test_an_empty_context_can_be_left_out_of_the_gate() -> None:
    seen, (spans, _, ends) = features(), spans_and_pairs()
    zero, out = network(), network(empty_context="left out")
    r = [net.fuse_pairs(seen, spans, net.fuse_spans(seen, spans), ends) for net in (zero, out)]
    is_same = torch.isclose(r[0], r[1]).all(dim=1).numpy()
    assert (is_same == (zero.distances(spans, ends) > 0)).all()
    assert 0 < is_same.sum() < len(is_same)


def test_distance_counts_the_words_between_up_to_the_farthest() -> None:
    borders = borders_of([20])
    starts = np.asarray([0, 2, 1, 4, 15])
    spans = Spans(starts, np.asarray([2, 3, 4, 5, 16]), np.zeros(5, dtype=np.int64), borders)
    ends = (np.asarray([0, 0, 0, 3, 1, 4]), np.asarray([1, 2, 3, 0, 4, 1]))
    assert network().distances(spans, ends).tolist() == [0, 0, 2, 2, 10, 10]


@given(st.integers(1, 7), st.integers(1, 5), st.booleans(), st.sampled_from(["gate", "sum"]))
def test_a_matrix_can_go_before_the_fusion(parts: int, rows: int, is_wide: bool, kind: str) -> None:  # noqa: FBT001
    torch.manual_seed(parts * 10 + rows)
    vectors = [torch.randn(1 if is_wide and n else 4, 5, dtype=torch.double) for n in range(parts)]
    gate, weight = (torch.randn(n, 5, dtype=torch.double) for n in (1, rows))
    fusion = Fusion(kind, (5,) * parts)
    applied = [
        one @ matrix.T for one, matrix in zip(vectors, fusion.matrices(weight, gate), strict=True)
    ]
    fused = fusion.fuse([one.expand(4, 5) for one in vectors], gate)
    assert torch.allclose(fusion.combine(applied).expand(4, rows), fused @ weight.T)


def test_gradients_of_both_phases_are_right() -> None:
    net = network(empty_context="left out")
    spans, types, _ = spans_and_pairs()
    spans, sentences = spans.at(np.arange(9)), features().sentences
    pairs = all_pairs(spans.sentence)
    ends = (pairs.first, pairs.second)

    def total(units: Tensor) -> Tensor:
        seen = Features(units, sentences)
        fused = net.fuse_spans(seen, spans)
        r = net.fuse_pairs(seen, spans, fused, ends)
        judged, whether = net.judge_spans(fused), net.judge_whether(r)
        assert judged.whether is not None
        assert whether is not None
        which = net.judge_which(r, net.type_rows(spans, types, ends))
        return judged.whether.sum() + judged.which.square().sum() + whether.sum() + which.sum()

    assert torch.autograd.gradcheck(total, (features().units.requires_grad_(),))


def test_the_type_table_has_a_row_for_each_pair_of_types_and_distance() -> None:
    for types, rows in ((4, 176), (7, 539), (6, 396)):
        made = TwoPhaseNetwork(HIDDEN, types, 3, Settings(max_span=WIDEST, roles="none"))
        assert made.types is not None
        assert len(made.types.weight) == rows


def test_without_two_phases_there_is_a_class_for_nothing_and_no_distance_alone() -> None:
    net = network(two_phase=False)
    assert net.entity is None
    assert net.relation is None
    assert net.distance is None
    assert net.types is not None
    assert len(net.entity_type.bias) == ENTITIES + 1
    assert len(net.relation_type.bias) == RELATIONS + 1


def test_a_network_without_relation_types_judges_spans() -> None:
    net = network(relation_types=0)
    judged = net.judge_spans(net.fuse_spans(features(), every_span(COUNTS, WIDEST).spans))
    assert judged.which.shape[1] == ENTITIES
    assert not hasattr(net, "relation_type")


def test_new_weights_start_small_and_projections_near_the_identity() -> None:
    torch.manual_seed(0)
    net = TwoPhaseNetwork(64, 3, 4, Settings(roles="projections"))
    assert float(net.relation_type.weight.detach().std()) == pytest.approx(0.02, rel=0.2)
    assert net.roles.matrices is not None
    for layer in net.roles.matrices:
        weight = next(layer.parameters()).detach()
        assert float((weight - torch.eye(64)).std()) == pytest.approx(0.02, rel=0.1)
