"""SpERT.MT's network: factored scores equal the paper's concatenations; what each switch does."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from extraction.models.common.encoder import Features
from extraction.models.common.pairs import all_pairs
from extraction.models.common.span_parts import unit_sentences
from extraction.models.common.spans import EverySpan, Spans, every_span
from extraction.models.spert_mt.network import Judged, SpertMtNetwork
from extraction.models.spert_mt.settings import Settings

COUNTS = (5, 1, 7)  # units of three sentences
HIDDEN = 6
WIDEST = 4
ENTITIES, RELATIONS = 2, 3
SWITCHES: list[dict[str, Any]] = [
    {},
    {"entity_logits": False},
    {"identification_logit": True},
    {"detach_logits": True},
    {"context": "sentence"},
    {"entity_mtl": False},
    {"relation_mtl": False},
    {"entity_mtl": False, "relation_mtl": False, "identification_logit": True},
]
every_switch = pytest.mark.parametrize("switches", SWITCHES, ids=str)


def network(relation_types: int = RELATIONS, **switches: Any) -> SpertMtNetwork:
    torch.manual_seed(0)
    settings = Settings(max_span=WIDEST, width_size=3, **switches)
    made = SpertMtNetwork(HIDDEN, ENTITIES, relation_types, settings).double()
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter)
    return made.eval()


def features() -> Features:
    torch.manual_seed(1)
    return Features(
        torch.randn(sum(COUNTS), HIDDEN, dtype=torch.double),
        torch.randn(len(COUNTS), HIDDEN, dtype=torch.double),
    )


def every() -> EverySpan:
    return every_span(COUNTS, WIDEST)


def both_ways(spans: Spans) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], Spans]:
    """Spans grouped by sentence, with all their pairs, the second half turned round."""
    spans = spans.at(np.argsort(spans.sentence, kind="stable"))
    pairs = all_pairs(spans.sentence)
    heads = np.concatenate((pairs.first, pairs.second))
    return heads, np.concatenate((pairs.second, pairs.first)), spans


def x_of(net: SpertMtNetwork, seen: Features, spans: Spans, i: int) -> Tensor:
    a, b = int(spans.starts[i]), int(spans.stops[i])
    width = net.width(torch.tensor(b - a))
    return torch.cat((seen.sentences[spans.sentence[i]], seen.units[a:b].amax(0), width))


def p_of(net: SpertMtNetwork, x: Tensor) -> Tensor:
    """What the relation stage is shown of one span, one head at a time."""
    if not net.shown:
        return x[:0]
    scores: Tensor = net.entity.classes(x)[-ENTITIES:]
    if net.sees_identification and net.entity.identification is not None:
        scores = torch.cat((scores, net.entity.identification(x)))
    return scores


def naive_pair(
    net: SpertMtNetwork, seen: Features, spans: Spans, i: int, j: int
) -> tuple[Tensor | None, Tensor]:
    """Eq. 15 as it stands: one long vector, one long row a class."""
    (a, b), (c, d) = ((int(spans.starts[x]), int(spans.stops[x])) for x in (i, j))
    left, right = min(b, d), max(a, c)
    between = seen.units[left:right].amax(0) if left < right else seen.units.new_zeros(HIDDEN)
    if net.sees_sentence:
        begin, end = spans.borders[spans.sentence[i]], spans.borders[spans.sentence[i] + 1]
        between = seen.units[begin:end].amax(0)
    widths = (net.width(torch.tensor(b - a)), net.width(torch.tensor(d - c)))
    ends = (seen.units[a:b].amax(0), seen.units[c:d].amax(0))
    shown = tuple(p_of(net, x_of(net, seen, spans, one)) for one in (i, j))
    assert net.relation is not None
    stage, long = net.relation, torch.cat((between, *ends, *widths, *shown))
    tables = () if net.views is None else net.views.tables()
    rows = torch.cat((stage.classes.weight, *(one[:, -RELATIONS:].T for one in tables)), dim=1)
    scores = functional.linear(long, rows, stage.classes.bias)
    if stage.identification is None:
        return None, scores
    row = torch.cat((stage.identification.weight, *(one[:, :1].T for one in tables)), dim=1)
    return row @ long + stage.identification.bias, scores


@every_switch
def test_drawn_spans_are_judged_as_the_paper_writes_it(switches: dict[str, Any]) -> None:
    net, seen, spans = network(**switches), features(), every().spans
    judged, pooled = net.judge_spans(seen, spans)
    for i in range(0, len(spans), 3):
        x = x_of(net, seen, spans, i)
        assert torch.allclose(judged.scores[i], net.entity.classes(x))
        assert torch.allclose(pooled[i], x[HIDDEN : 2 * HIDDEN])
        if net.entity.identification is not None:
            assert judged.identification is not None
            assert torch.allclose(judged.identification[i], net.entity.identification(x))


@every_switch
def test_enumerated_spans_get_the_same_scores_as_drawn_ones(switches: dict[str, Any]) -> None:
    net, seen, spans = network(**switches), features(), every()
    found = spans.gather(net.all_span_scores(seen, unit_sentences(spans.spans.borders)))
    assert torch.allclose(found, net.judge_spans(seen, spans.spans)[0].scores)


@every_switch
def test_pairs_factored_unfactored_and_one_by_one_are_the_same(switches: dict[str, Any]) -> None:
    net, seen = network(**switches), features()
    heads, tails, spans = both_ways(every().spans)
    judged, pooled = net.judge_spans(seen, spans)
    drawn = net.judge_pairs(seen, spans, pooled, net.shown_logits(judged), (heads, tails))
    assert torch.allclose(net.all_pair_scores(seen, spans, (heads, tails)), drawn.scores)
    for row in range(0, len(heads), 17):
        one, scores = naive_pair(net, seen, spans, int(heads[row]), int(tails[row]))
        assert torch.allclose(drawn.scores[row], scores)
        if one is not None:
            assert drawn.identification is not None
            assert torch.allclose(drawn.identification[row], one)


def test_gradients_of_both_stages_are_right() -> None:
    net, spans = network(identification_logit=True), every().spans
    heads, tails, spans = both_ways(spans.at(np.arange(8)))
    sentences = features().sentences

    def total(units: Tensor) -> Tensor:
        judged, pooled = net.judge_spans(Features(units, sentences), spans)
        p = net.shown_logits(judged)
        links = net.judge_pairs(Features(units, sentences), spans, pooled, p, (heads, tails))
        assert links.identification is not None
        return links.scores.square().sum() + links.identification.sum() + judged.scores.sum()

    assert torch.autograd.gradcheck(total, (features().units.requires_grad_(),))


def relation_gradient(net: SpertMtNetwork) -> Tensor | None:
    """What the relation stage's scores say to the entity stage's class scores."""
    heads, tails, spans = both_ways(every().spans)
    judged, pooled = net.judge_spans(features(), spans)
    p = net.shown_logits(judged)
    net.judge_pairs(features(), spans, pooled, p, (heads, tails)).scores.sum().backward()  # type: ignore[no-untyped-call]
    return net.entity.classes.weight.grad


def test_the_relation_loss_reaches_the_entity_stage_unless_it_is_detached() -> None:
    flowing = relation_gradient(network())
    assert flowing is not None
    assert float(flowing.abs().sum()) > 0
    assert relation_gradient(network(detach_logits=True)) is None
    assert relation_gradient(network(entity_logits=False)) is None


def test_only_the_scores_of_real_classes_are_shown() -> None:
    judged = Judged(torch.tensor([7.0]), torch.tensor([[1.0, 2.0]]))
    assert network().shown_logits(judged).tolist() == [[1.0, 2.0]]
    assert network(identification_logit=True).shown_logits(judged).tolist() == [[1.0, 2.0, 7.0]]
    assert network(entity_logits=False).shown_logits(judged).shape == (1, 0)
    one_step = Judged(None, torch.tensor([[9.0, 1.0, 2.0]]))
    assert network(entity_mtl=False).shown_logits(one_step).tolist() == [[1.0, 2.0]]


def test_class_scores_have_no_bias_and_no_class_for_nothing() -> None:
    net = network()
    assert net.entity.classes.weight.shape == (ENTITIES, 2 * HIDDEN + 3)
    assert [name for name, _ in net.entity.classes.named_parameters()] == ["weight"]
    single = network(entity_mtl=False)
    assert single.entity.classes.weight.shape == (ENTITIES + 1, 2 * HIDDEN + 3)
    assert single.entity.identification is None


def test_a_network_without_relation_types_has_no_relation_stage() -> None:
    net = network(relation_types=0)
    assert net.relation is None
    assert net.views is None
    assert net.judge_spans(features(), every().spans)[0].scores.shape[1] == ENTITIES


def test_new_weights_start_small_and_unbiased() -> None:
    torch.manual_seed(0)
    net = SpertMtNetwork(64, 3, 4, Settings())
    assert net.relation is not None
    assert net.relation.identification is not None
    assert float(net.relation.identification.bias.detach().abs().max()) == 0.0
    assert float(net.relation.classes.weight.detach().std()) == pytest.approx(0.02, rel=0.1)


def test_the_identification_is_not_asked_when_everything_is_enumerated() -> None:
    net = network()
    other = copy.deepcopy(net)
    for stage in (other.entity, other.relation):
        assert stage is not None
        assert stage.identification is not None
        torch.nn.init.normal_(stage.identification.weight, std=9.0)
    heads, tails, spans = both_ways(every().spans)
    owner = unit_sentences(spans.borders)
    for left, right in zip(
        net.all_span_scores(features(), owner),
        other.all_span_scores(features(), owner),
        strict=True,
    ):
        assert torch.equal(left, right)
    pairs = (heads, tails)
    assert torch.equal(
        net.all_pair_scores(features(), spans, pairs),
        other.all_pair_scores(features(), spans, pairs),
    )
