"""ISER's network: padded, factored and flat forms equal the paper's, sentence by sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from bench.plain import iser as plain
from extraction.models.common.encoder import Features
from extraction.models.common.pairs import all_pairs
from extraction.models.common.spans import EverySpan, borders_of, every_span
from extraction.models.iser.fusion import Fusion
from extraction.models.iser.layout import rectangle
from extraction.models.iser.loss import entity_loss, relation_loss
from extraction.models.iser.network import Fused, IserNetwork, attended_ranges
from extraction.models.iser.settings import ABLATIONS, Settings

COUNTS = (5, 0, 1, 7)  # units of four sentences
D = 6
WIDEST = 4
SET: Mapping[str, Any] = {
    "max_span": WIDEST,
    "width_size": 3,
    "heads": 2,
    "dropout": 0.0,
    "local_context": "max",
    "fusion_residual": "off",
}
rows_of_the_table = pytest.mark.parametrize("row", ABLATIONS.values(), ids=ABLATIONS)


def network(**ways: Any) -> IserNetwork:
    torch.manual_seed(0)
    made = IserNetwork(D, 2, 3, Settings(**{**SET, **ways})).double()
    for parameter in made.parameters():
        nn.init.normal_(parameter)
    return made


def features() -> Features:
    torch.manual_seed(1)
    return Features(
        torch.randn(sum(COUNTS), D, dtype=torch.double),
        torch.randn(len(COUNTS), D, dtype=torch.double),
    )


def read_of(net: IserNetwork) -> Fused:
    return net.fuse(features(), borders_of(COUNTS))


def everything() -> EverySpan:
    return every_span(COUNTS, WIDEST)


def by_sentence(read: Fused) -> list[tuple[Tensor, Tensor, Tensor]]:
    counts = list(COUNTS)
    parts = torch.split(read.units, counts), read.sentences, torch.split(read.fused, counts)
    return list(zip(*parts, strict=True))


def plain_logits(net: IserNetwork, read: Fused, every: EverySpan) -> Tensor:
    """The plain form's logits in the order of `every`."""
    spans, seen = every.spans, by_sentence(read)
    first = spans.borders[spans.sentence]
    listed = zip(spans.sentence, spans.starts - first, spans.stops - first, strict=True)
    return torch.cat([plain.span_logits(net, seen[b], [(int(i), int(j))]) for b, i, j in listed])


@pytest.mark.parametrize("residual", ["on", "off"])
@pytest.mark.parametrize("activation", ["none", "relu", "gelu"])
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_fusion_of_a_batch_is_that_of_each_sentence(
    kind: str, activation: str, residual: str
) -> None:
    net = network(fusion=kind, ffn_activation=activation, fusion_residual=residual)
    read = read_of(net)
    for h, _, g in by_sentence(read):
        assert torch.allclose(g, plain.fused_one(net.fusion, h))


def test_padding_reaches_neither_a_fused_vector_nor_a_gradient() -> None:
    net = network()
    assert isinstance(net.fusion, Fusion)
    short = features().units[:5].requires_grad_()
    long = torch.cat((short, torch.full((40, D), 1e3, dtype=torch.double)))
    alone = net.fusion(short, borders_of([5]))
    beside = net.fusion(long, borders_of([5, 0, 40]))[:5]
    assert torch.allclose(alone, beside)
    for one, other in zip(
        torch.autograd.grad(alone.square().sum(), [short, *net.fusion.parameters()]),
        torch.autograd.grad(beside.square().sum(), [short, *net.fusion.parameters()]),
        strict=True,
    ):
        assert torch.allclose(one, other)


def test_no_unit_is_fused_to_nothing() -> None:
    net = network()
    empty = Features(torch.zeros(0, D).double(), torch.zeros(2, D).double())
    assert net.fuse(empty, borders_of([0, 0])).fused.shape == (0, D)


def test_a_turned_rectangle_reads_every_sentence_from_its_end() -> None:
    layout = rectangle(borders_of((2, 3)))
    assert layout.units.tolist() == [[0, 1, 5], [2, 3, 4]]
    assert layout.turned().tolist() == [[1, 0, 5], [4, 3, 2]]
    assert layout.places_of(layout.turned()).tolist() == [1, 0, 5, 4, 3]


@rows_of_the_table
def test_drawn_spans_are_classified_as_the_paper_writes_it(row: Mapping[str, Any]) -> None:
    net, every = network(**row), everything()
    read = read_of(net)
    inner = net.inner(read, every.spans)
    logits = net.classify(inner, net.contexts(read, every.spans))
    assert torch.allclose(logits, plain_logits(net, read, every))


@rows_of_the_table
def test_enumerated_spans_get_the_same_logits_as_drawn_ones(row: Mapping[str, Any]) -> None:
    net, every = network(**row), everything()
    with torch.inference_mode():
        read = read_of(net)
        found = every.gather(net.all_inner_logits(read, WIDEST))
        inner = net.inner(read, every.spans)
        logits = found[:, :3] + net.context_logits(read, every.spans)
        assert torch.allclose(logits, plain_logits(net, read, every))
        if net.auxiliary is not None:
            assert torch.allclose(found[:, 3:], net.sieve(inner))


@rows_of_the_table
def test_factored_pairs_equal_the_unfactored_ones_both_ways_round(row: Mapping[str, Any]) -> None:
    net, spans = network(**row), everything().spans
    order = np.argsort(spans.sentence, kind="stable")
    spans = spans.at(order)
    read = read_of(net)
    pairs = all_pairs(spans.sentence)
    heads = np.concatenate((pairs.first, pairs.second))
    tails = np.concatenate((pairs.second, pairs.first))
    found = net.all_pair_logits(read, spans, heads, tails)
    inner = net.inner(read, spans)
    assert torch.allclose(found, net.pair_logits(read, spans, inner, heads, tails))
    seen = by_sentence(read)
    for number in range(0, len(heads), 13):
        a, b = int(heads[number]), int(tails[number])
        sentence = int(spans.sentence[a])
        begin = int(spans.borders[sentence])
        ends = [(int(spans.starts[x]) - begin, int(spans.stops[x]) - begin) for x in (a, b)]
        assert torch.allclose(
            found[number], plain.pair_logits(net, seen[sentence], ends, [(0, 1)])[0]
        )


def test_gradients_reach_the_encoder_through_everything() -> None:
    net, every = network(local_context="self_attention"), every_span((4, 1), 3)
    spans, borders = every.spans, borders_of((4, 1))
    pairs = all_pairs(np.zeros(4, dtype=np.int64))

    def total(units: Tensor, sentences: Tensor) -> Tensor:
        read = net.fuse(Features(units, sentences), borders)
        inner = net.inner(read, spans)
        logits = net.classify(inner, net.contexts(read, spans))
        links = net.pair_logits(read, spans, inner, pairs.first, pairs.second)
        return logits.sum() + links.square().sum() + net.sieve(inner).square().sum()

    seen = features()
    units, sentences = seen.units[:5].requires_grad_(), seen.sentences[:2].requires_grad_()
    assert torch.autograd.gradcheck(total, (units, sentences))


def test_a_range_is_averaged_by_the_softmax_of_its_scores() -> None:
    values = torch.tensor([[1.0, 0.0], [0.0, 1.0], [5.0, 5.0]])
    scores = torch.tensor([1.0, 4.0, 9.0]).log()
    found = attended_ranges(values, scores, np.asarray([0, 2, 2]), np.asarray([2, 2, 3]))
    assert torch.allclose(found, torch.tensor([[0.2, 0.8], [0.0, 0.0], [5.0, 5.0]]))


def test_a_network_without_relation_types_has_no_relation_head() -> None:
    net = IserNetwork(D, 2, 0, Settings(**SET))
    assert net.relation is None


def test_an_odd_width_can_be_halved() -> None:
    torch.manual_seed(0)
    net = IserNetwork(7, 2, 3, Settings(**SET))
    read = net.fuse(Features(torch.randn(5, 7), torch.randn(1, 7)), borders_of([5]))
    every = every_span([5], 3)
    assert read.fused.shape == (5, 6)
    assert net.contexts(read, every.spans).shape == (len(every.spans), 6)


def test_losses_of_an_ignorant_model_are_the_known_logarithms() -> None:
    nothing = entity_loss(torch.zeros(5, 4), torch.tensor([0, 1, 2, 3, 0]))
    assert float(nothing) == pytest.approx(np.log(4), abs=1e-6)
    coin = relation_loss(torch.zeros(2, 3), torch.tensor([[0.0, 1.0, 0.0], [1.0, 1.0, 1.0]]))
    assert float(coin) == pytest.approx(np.log(2), abs=1e-6)
    assert float(entity_loss(torch.zeros(0, 4), torch.zeros(0, dtype=torch.long))) == 0.0
