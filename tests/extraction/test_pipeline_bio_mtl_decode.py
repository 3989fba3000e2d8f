"""Chances of spans against all legal tag orders, and what tags say."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
import torch

from extraction.models.common.crf import Crf, packing
from extraction.models.common.decode import choose_spans
from extraction.models.common.gold import Gold
from extraction.models.pipeline_bio_mtl.decode import SpanChances, TagSums, said_spans, weigh_tags
from extraction.models.pipeline_bio_mtl.encode import gold_tags

TAGS = 5
COUNTS = np.asarray([4, 1, 3])


@pytest.fixture
def crf() -> Crf:
    torch.manual_seed(6)
    made = Crf(types=2).double()
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter)
    return made


def sums_of(crf: Crf, emissions: torch.Tensor) -> tuple[TagSums, np.ndarray]:
    packed = packing(COUNTS)
    back = np.argsort(packed.rows)
    own = emissions[torch.from_numpy(packed.rows)]
    with torch.no_grad():
        chart = crf.chart(own, packed)
        tags = crf.best(own, packed)[back]
        transitions = crf.scores()[1].numpy()
    sums = TagSums(
        alpha=chart.alpha.numpy()[back],
        beta=chart.beta.numpy()[back],
        emissions=emissions.numpy(),
        log_z=chart.log_z.numpy()[packed.member[back]],
        transitions=transitions,
        is_last=np.isin(np.arange(len(back)), np.cumsum(COUNTS) - 1),
    )
    return sums, tags


def orders_of(crf: Crf, emissions: np.ndarray) -> dict[tuple[int, ...], float]:
    """The chance of every legal order of tags of one sentence."""
    begin, end = crf.begin.detach().numpy(), crf.end.detach().numpy()
    steps = crf.transitions.detach().view(TAGS, TAGS).numpy()
    scores = {}
    for tags in product(range(TAGS), repeat=len(emissions)):
        if all(not (b and b % 2 == 0) or a in (b - 1, b) for a, b in pairwise((0, *tags))):
            moves = sum(steps[a, b] for a, b in pairwise(tags))
            own = sum(emissions[place, tag] for place, tag in enumerate(tags))
            scores[tags] = begin[tags[0]] + own + moves + end[tags[-1]]
    total = np.logaddexp.reduce(list(scores.values()))
    return {tags: float(np.exp(score - total)) for tags, score in scores.items()}


def test_the_chance_of_a_span_is_that_of_all_orders_that_say_it(crf: Crf) -> None:
    emissions = 2 * torch.randn(int(COUNTS.sum()), TAGS, dtype=torch.double)
    chances = SpanChances(sums_of(crf, emissions)[0])
    for begin, count in zip(np.cumsum(COUNTS) - COUNTS, COUNTS, strict=True):
        orders = orders_of(crf, emissions.numpy()[begin : begin + count])
        for start in range(count):
            for stop in range(start + 1, count + 1):
                found = chances.of(np.asarray([begin + start]), np.asarray([begin + stop]))[0]
                for kind in (1, 2):
                    wanted = [2 * kind - 1, *[2 * kind] * (stop - start - 1)]
                    counted = sum(
                        chance
                        for tags, chance in orders.items()
                        if [*tags[start:stop]] == wanted
                        and (stop == count or tags[stop] != 2 * kind)
                    )
                    assert found[kind - 1] == pytest.approx(counted, abs=1e-9)


def test_what_the_tags_say_is_kept_and_the_rest_is_considered(crf: Crf) -> None:
    emissions = torch.randn(int(COUNTS.sum()), TAGS, dtype=torch.double)
    sums, tags = sums_of(crf, emissions)
    weighed = weigh_tags(tags, sums, COUNTS)
    starts, stops, types = said_spans(tags)
    kept = weighed.at(np.flatnonzero(weighed.is_kept))
    assert kept.spans.starts.tolist() == starts.tolist()
    assert kept.spans.stops.tolist() == stops.tolist()
    assert kept.types.tolist() == types.tolist()
    assert bool(((weighed.chance > 0) & (weighed.chance <= 1)).all())
    said = set(zip(starts.tolist(), stops.tolist(), strict=True))
    refused = weighed.at(np.flatnonzero(~weighed.is_kept))
    others = zip(refused.spans.starts.tolist(), refused.spans.stops.tolist(), strict=True)
    assert not said & set(others)
    chosen = choose_spans(weighed, may_overlap=False)
    assert chosen.is_kept.sum() == len(starts)


def test_sure_tags_make_sure_spans() -> None:
    crf = Crf(types=2).double()
    emissions = torch.full((8, TAGS), -60.0, dtype=torch.double)
    for place, tag in enumerate([1, 2, 2, 1, 3, 0, 3, 4]):
        emissions[place, tag] = 60.0
    sums, tags = sums_of(crf, emissions)
    weighed = weigh_tags(tags, sums, COUNTS)
    assert weighed.is_kept.all()
    assert weighed.chance.tolist() == pytest.approx([1.0] * 4)
    spans = zip(weighed.spans.starts.tolist(), weighed.spans.stops.tolist(), strict=True)
    assert list(spans) == [(0, 3), (3, 4), (4, 5), (6, 8)]
    assert weighed.types.tolist() == [1, 1, 2, 2]
    assert weighed.spans.sentence.tolist() == [0, 0, 1, 2]


def test_of_overlapping_gold_entities_the_longest_are_tagged() -> None:
    nothing = np.zeros((0, 2), dtype=np.int64)
    gold = Gold(
        spans=np.asarray([[1, 3], [0, 4], [3, 6], [5, 7], [6, 8]]),
        types=np.asarray([1, 2, 1, 1, 2]),
        pairs=nothing,
        targets=np.zeros((0, 0), dtype=np.float32),
        first=np.zeros(0, dtype=np.int64),
        denied=nothing,
        closed=nothing,
    )
    assert gold_tags(gold, 9).tolist() == [3, 4, 4, 4, 0, 1, 2, 0, 0]
