"""SEA: sums over the keys beside a span equal the masked softmax, states those of torch's GRU."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from bench.plain.iser import attended_one_by_one, masked_contexts, shared_contexts
from extraction.models.common.spans import Spans, borders_of
from extraction.models.iser import attention
from extraction.models.iser.attention import attended
from extraction.models.iser.layout import reading_of, sentence_lengths, strongest
from extraction.models.iser.recurrence import gate_weights, states
from extraction.models.iser.sea import Sea, heads_for
from extraction.models.iser.settings import Settings

D = 6
COUNTS = (5, 0, 1, 7, 5)
WAYS: Mapping[str, Mapping[str, Any]] = {
    "excluded": {},
    "vector": {"mask": "vector"},
    "norm": {"sea_norm": True},
    "max": {"sea_return": "max"},
    "gru": {"sea": "gru"},
    "everything": {"mask": "vector", "sea_norm": True, "sea_return": "max"},
}
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


def sea_of(**ways: Any) -> Sea:
    torch.manual_seed(0)
    made = Sea(D, Settings(**{"heads": 3, **ways})).double()
    for parameter in made.parameters():
        nn.init.normal_(parameter)
    return made


def units(counts: tuple[int, ...] = COUNTS) -> Tensor:
    torch.manual_seed(1)
    return torch.randn(sum(counts), D, dtype=torch.double)


def all_spans(counts: tuple[int, ...] = COUNTS) -> Spans:
    """Every span of every sentence, the whole sentences among them."""
    borders = borders_of(counts)
    rows = [
        (begin + i, begin + j, sentence)
        for sentence, (begin, count) in enumerate(zip(borders, counts, strict=False))
        for i in range(count)
        for j in range(i + 1, count + 1)
    ]
    table = np.asarray(rows, dtype=np.int64).reshape(-1, 3)
    return Spans(table[:, 0], table[:, 1], table[:, 2], borders)


def grouped(spans: Spans) -> Spans:
    return spans.at(np.lexsort((spans.sentence, -sentence_lengths(spans))))


def plain_contexts(sea: Sea, g: Tensor, spans: Spans, one: Any = masked_contexts) -> Tensor:
    rows = []
    for start, stop, sentence in zip(spans.starts, spans.stops, spans.sentence, strict=True):
        begin, end = spans.borders[sentence], spans.borders[sentence + 1]
        rows.append(one(sea, g[begin:end], [(int(start - begin), int(stop - begin))])[0])
    return torch.stack(rows)


def known(gradient: Tensor | None) -> Tensor:
    """A gradient; zero where nothing was asked of a parameter."""
    return torch.zeros(1) if gradient is None else gradient


@every_way
def test_it_says_of_every_span_what_the_masked_copy_of_its_sentence_says(
    way: Mapping[str, Any],
) -> None:
    sea, g, spans = sea_of(**way), units(), all_spans()
    assert torch.allclose(sea(g, spans), plain_contexts(sea, g, spans))
    with torch.inference_mode():
        assert torch.allclose(sea(g, spans), plain_contexts(sea, g, spans))


@every_way
@pytest.mark.parametrize("many", [0.0, 1e9], ids=["running sums", "products"])
def test_both_ways_of_summing_have_the_right_gradients(
    way: Mapping[str, Any], many: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "MANY", many)
    sea, spans = sea_of(**way), all_spans((3, 2))
    g = units((3, 2)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: sea(x, spans), (g,))
    names = [name for name, _ in sea.named_parameters()]
    fast, slow = (
        torch.autograd.grad(one.square().sum(), list(sea.parameters()), allow_unused=True)
        for one in (sea(g, spans), plain_contexts(sea, g, spans))
    )
    for name, ours, theirs in zip(names, fast, slow, strict=True):
        assert (ours is None) == (theirs is None), name
        assert torch.allclose(known(ours), known(theirs)), name


@pytest.mark.parametrize("many", [0.0, 1e9], ids=["running sums", "products"])
@pytest.mark.parametrize("mask", ["excluded", "vector"])
def test_attention_leaves_out_the_span_wherever_it_stands(
    many: float, mask: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "MANY", many)
    sea = sea_of(mask=mask)
    blank = torch.zeros(1, D).double() if sea.blank is None else sea.blank.unsqueeze(0)
    g, reading = units(), reading_of(grouped(all_spans()))
    sees_masked = sea.blank is not None
    found = attended(sea.qkv(torch.cat((g, blank))), 3, reading, sees_masked=sees_masked)
    spans = reading.spans
    for number in range(len(spans)):
        begin, end = (int(spans.borders[spans.sentence[number] + x]) for x in (0, 1))
        is_masked = np.zeros(end - begin, dtype=bool)
        is_masked[spans.starts[number] - begin : spans.stops[number] - begin] = True
        hidden = torch.from_numpy(is_masked).unsqueeze(0)
        x = torch.where(hidden[0].unsqueeze(1), blank, g[begin:end]).unsqueeze(0)
        wanted = attended_one_by_one(sea, x, None if sees_masked else hidden)[0]
        if not sees_masked:
            wanted = wanted.masked_fill(hidden[0].unsqueeze(1), 0.0)
        assert torch.allclose(found[torch.from_numpy(reading.span == number)], wanted)


@pytest.mark.parametrize("many", [0.0, 1e9], ids=["running sums", "products"])
@pytest.mark.parametrize("mask", ["excluded", "vector"])
def test_a_masked_key_that_outweighs_all_others_takes_nothing_with_it(
    many: float, mask: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "MANY", many)
    sea = sea_of(mask=mask).float()
    g = units((6,)).float()
    g[2] *= 1e4  # its scores are so high that exp(score - maximum) of the others is zero
    g.requires_grad_()
    spans = Spans(np.asarray([2, 1]), np.asarray([3, 4]), np.asarray([0, 0]), borders_of([6]))
    found, wanted = sea(g, spans), plain_contexts(sea, g, spans)
    assert torch.allclose(found, wanted, atol=1e-5)
    ours, theirs = (torch.autograd.grad(one.sum(), g)[0] for one in (found, wanted))
    assert bool(torch.isfinite(ours).all())
    assert torch.allclose(ours, theirs, rtol=1e-3, atol=1e-4)


def test_where_the_whole_sentence_is_masked_the_gru_reads_nothing_but_its_length() -> None:
    sea, borders = sea_of(), borders_of([4, 4])
    spans = Spans(np.asarray([0, 4]), np.asarray([4, 8]), np.asarray([0, 1]), borders)
    one, other = sea(units((4, 4)), spans)
    assert torch.equal(one, other)
    silence = torch.zeros(4, 1, D, dtype=torch.double)
    _, last = sea.gru(silence)
    assert torch.allclose(one, torch.cat((last[0, 0], last[1, 0])))


@every_way
def test_a_small_memory_changes_nothing(way: Mapping[str, Any]) -> None:
    roomy, tight, spans = sea_of(**way), sea_of(**way), all_spans((4, 1, 3))
    tight.positions = 7  # two spans at once, one of the longest sentence
    results = []
    for sea in (roomy, tight):
        g = units((4, 1, 3)).requires_grad_()
        found = sea(g, spans)
        parameters = [g, *(p for p in sea.parameters() if sea.attends or "gru" in way)]
        gradients = torch.autograd.grad(found.square().sum(), parameters, allow_unused=True)
        results.append((found, gradients))
    (one, one_gradients), (other, other_gradients) = results
    assert torch.allclose(one, other)
    for ours, theirs in zip(one_gradients, other_gradients, strict=True):
        assert torch.allclose(known(ours), known(theirs))


@given(
    counts=st.lists(st.integers(0, 6), min_size=1, max_size=4).filter(any),
    seed=st.integers(0, 99),
    way=st.sampled_from(list(WAYS.values())),
)
@settings(max_examples=20, deadline=None)
def test_other_sentences_and_the_order_of_the_spans_change_nothing(
    counts: list[int], seed: int, way: Mapping[str, Any]
) -> None:
    sea, shape = sea_of(**way), tuple(counts)
    g, spans = units(shape), all_spans(shape)
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(spans))[: 1 + seed % 7]
    together = sea(g, spans)
    assert torch.allclose(sea(g, spans.at(chosen)), together[torch.from_numpy(chosen)])
    assert torch.allclose(together, plain_contexts(sea, g, spans))


def test_projected_contexts_are_contexts_projected() -> None:
    sea, spans = sea_of(), all_spans()
    weight = torch.randn(3, D, dtype=torch.double)
    assert torch.allclose(sea(units(), spans, weight), sea(units(), spans) @ weight.T)


def test_no_span_has_no_context() -> None:
    sea = sea_of()
    nothing = all_spans().at(np.zeros(0, dtype=np.int64))
    assert sea(units(), nothing).shape == (0, D)
    assert sea(units(), nothing, torch.ones(3, D).double()).shape == (0, 3)


def test_one_reading_a_sentence_gives_the_states_beside_each_span() -> None:
    sea, g, spans = sea_of(sea="shared"), units(), all_spans()
    ahead, back = sea.shared(g, spans.borders)
    wanted = plain_contexts(sea, g, spans, shared_contexts)
    for number in range(len(spans)):
        begin, end = (int(spans.borders[spans.sentence[number] + x]) for x in (0, 1))
        i, j = int(spans.starts[number]), int(spans.stops[number])
        before = ahead[i - 1] if i > begin else ahead[-1]
        after = back[j] if j < end else back[-1]
        assert torch.allclose(torch.cat((before, after)), wanted[number])
    assert not ahead[-1].any()
    assert not back[-1].any()
    assert sea.shared(g[:0], borders_of([0]))[0].shape == (1, D // 2)


def test_the_recurrence_is_torchs_gru_with_all_its_gradients() -> None:
    torch.manual_seed(2)
    gru = nn.GRU(D, 4, bidirectional=True).double()
    packed = nn.utils.rnn.pack_padded_sequence(
        torch.randn(5, 4, D, dtype=torch.double), torch.tensor([5, 4, 4, 2])
    )
    x = packed.data.clone().requires_grad_()
    weight, bias = gate_weights(gru)
    counts = packed.batch_sizes.tolist()
    ours = states(gru, x @ weight.T + bias, counts)
    theirs = gru(packed._replace(data=x))[0].data
    assert torch.allclose(ours, theirs)
    wanted = [x, *gru.parameters()]
    for one, other in zip(
        torch.autograd.grad(ours.square().sum(), wanted),
        torch.autograd.grad(theirs.square().sum(), wanted),
        strict=True,
    ):
        assert torch.allclose(one, other)
    with torch.no_grad():
        assert torch.allclose(states(gru, x @ weight.T + bias, counts), theirs)


def test_heads_are_as_many_as_allowed_and_divide_the_width() -> None:
    assert [heads_for(width, 8) for width in (384, 192, 100, 7, 1)] == [8, 8, 5, 7, 1]
    assert heads_for(384, 5) == 4


def test_the_strongest_of_each_sentence_are_marked() -> None:
    scores = np.asarray([0.1, 0.9, 0.5, 0.3, 0.8, 0.2])
    sentence = np.asarray([0, 1, 0, 1, 0, 2])
    marked = strongest(scores, sentence, np.asarray([2, 1, 0]))
    assert marked.tolist() == [False, True, True, False, True, False]
