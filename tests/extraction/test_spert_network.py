"""SpERT's network: factored heads equal the paper's concatenations, drawn or enumerated."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from extraction.models.common.encoder import Features
from extraction.models.common.pairs import all_pairs
from extraction.models.common.spans import Spans, borders_of, every_span
from extraction.models.spert.loss import entity_loss, relation_loss
from extraction.models.spert.network import SpertNetwork
from extraction.models.spert.settings import Settings

COUNTS = (5, 1, 7)  # units of three sentences
HIDDEN = 6
WIDEST = 4


def network(relation_types: int = 3) -> SpertNetwork:
    torch.manual_seed(0)
    made = SpertNetwork(HIDDEN, 2, relation_types, Settings(max_span=WIDEST, width_size=3)).double()
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter)
    return made.eval()


def features() -> Features:
    torch.manual_seed(1)
    return Features(
        torch.randn(sum(COUNTS), HIDDEN, dtype=torch.double),
        torch.randn(len(COUNTS), HIDDEN, dtype=torch.double),
    )


def all_spans() -> Spans:
    rows = [
        (begin + a, begin + b, sentence)
        for sentence, begin in enumerate(np.cumsum((0, *COUNTS[:-1])).tolist())
        for a in range(COUNTS[sentence])
        for b in range(a + 1, min(a + WIDEST, COUNTS[sentence]) + 1)
    ]
    table = np.asarray(rows, dtype=np.int64)
    return Spans(table[:, 0], table[:, 1], table[:, 2], borders_of(COUNTS))


def naive_span_logits(net: SpertNetwork, seen: Features, spans: Spans) -> Tensor:
    rows = []
    for a, b, sentence in zip(spans.starts, spans.stops, spans.sentence, strict=True):
        width = net.width(torch.tensor(int(b - a)))
        x = torch.cat((seen.sentences[sentence], seen.units[a:b].amax(0), width))
        rows.append(net.entity(x))
    return torch.stack(rows)


def naive_pair_logits(net: SpertNetwork, seen: Features, spans: Spans, i: int, j: int) -> Tensor:
    (a, b), (c, d) = ((int(spans.starts[x]), int(spans.stops[x])) for x in (i, j))
    left, right = min(b, d), max(a, c)
    context = seen.units[left:right].amax(0) if left < right else seen.units.new_zeros(HIDDEN)
    parts = (
        context,
        seen.units[a:b].amax(0),
        seen.units[c:d].amax(0),
        net.width(torch.tensor(b - a)),
        net.width(torch.tensor(d - c)),
    )
    assert net.relation is not None
    logits: Tensor = net.relation(torch.cat(parts))
    return logits


def test_drawn_spans_are_classified_as_the_paper_writes_it() -> None:
    net, seen, spans = network(), features(), all_spans()
    logits, _ = net.span_logits(seen, spans)
    assert torch.allclose(logits, naive_span_logits(net, seen, spans))


def test_enumerated_spans_get_the_same_logits_as_drawn_ones() -> None:
    net, seen, spans = network(), features(), all_spans()
    owner = np.repeat(np.arange(len(COUNTS)), COUNTS)
    every = every_span(COUNTS, WIDEST)
    found = every.gather(net.all_span_logits(seen, owner))
    assert torch.allclose(found, net.span_logits(seen, every.spans)[0])
    listed = zip(every.spans.starts, every.spans.stops, every.spans.sentence, strict=True)
    assert sorted(listed) == sorted(zip(spans.starts, spans.stops, spans.sentence, strict=True))


def test_factored_pairs_equal_the_unfactored_ones_both_ways_round() -> None:
    net, seen, spans = network(), features(), all_spans()
    pairs = all_pairs(spans.sentence)
    heads = np.concatenate((pairs.first, pairs.second))
    tails = np.concatenate((pairs.second, pairs.first))
    _, pooled = net.span_logits(seen, spans)
    found = net.all_pair_logits(seen, spans, heads, tails)
    assert torch.allclose(found, net.pair_logits(seen, spans, pooled, heads, tails))
    for row in range(0, len(heads), 17):
        i, j = int(heads[row]), int(tails[row])
        assert torch.allclose(found[row], naive_pair_logits(net, seen, spans, i, j))


def test_a_relation_can_see_the_whole_sentence_instead() -> None:
    settings = Settings(max_span=WIDEST, width_size=3, context="sentence")
    net, seen, spans = SpertNetwork(HIDDEN, 2, 3, settings).double(), features(), all_spans()
    pairs = all_pairs(spans.sentence)
    starts, stops = net.context_ranges(spans, pairs.first, pairs.second)
    for a, b, sentence in zip(starts, stops, spans.sentence[pairs.first], strict=True):
        assert (a, b) == (sum(COUNTS[:sentence]), sum(COUNTS[: sentence + 1]))
    heads = np.concatenate((pairs.first, pairs.second))
    tails = np.concatenate((pairs.second, pairs.first))
    found = net.eval().all_pair_logits(seen, spans, heads, tails)
    _, pooled = net.span_logits(seen, spans)
    assert torch.allclose(found, net.pair_logits(seen, spans, pooled, heads, tails))


def test_gradients_of_both_heads_are_right() -> None:
    net, spans = network(), all_spans()
    pairs = all_pairs(spans.sentence[:6])
    owner = features().sentences

    def total(units: Tensor) -> Tensor:
        seen = Features(units, owner)
        logits, pooled = net.span_logits(seen, spans)
        links = net.pair_logits(seen, spans, pooled, pairs.first, pairs.second)
        return logits.sum() + links.square().sum()

    assert torch.autograd.gradcheck(total, (features().units.requires_grad_(),))


def test_a_network_without_relation_types_has_no_relation_head() -> None:
    net = network(relation_types=0)
    assert net.relation is None
    logits, _ = net.span_logits(features(), all_spans())
    assert logits.shape[1] == 3


def test_new_layers_start_small_and_unbiased() -> None:
    torch.manual_seed(0)
    net = SpertNetwork(64, 3, 4, Settings())
    assert net.relation is not None
    for layer in (net.entity, net.relation):
        assert float(layer.bias.detach().abs().max()) == 0.0
        assert float(layer.weight.detach().std()) == pytest.approx(0.02, rel=0.1)


def test_losses_of_an_ignorant_model_are_the_known_logarithms() -> None:
    nothing = entity_loss(torch.zeros(5, 4), torch.tensor([0, 1, 2, 3, 0]))
    assert float(nothing) == pytest.approx(np.log(4), abs=1e-6)
    coin = relation_loss(torch.zeros(2, 3), torch.tensor([[0.0, 1.0, 0.0], [1.0, 1.0, 1.0]]))
    assert float(coin) == pytest.approx(np.log(2), abs=1e-6)
