"""The figure of the paper: fusion, span features with SEA, both classifiers.

x(s) = [pool(s); w(s); c(s)], r(s1, s2) = [ctx; pool(s1); pool(s2); w(s1); w(s2)] over the
fused vectors. Training classifies drawn spans as the paper writes it; prediction uses that the
classifiers are linear in their parts, W [a; b; c] = W_a a + W_b b + W_c c, so that c(s) is
wanted only of spans that a classifier of pool and width alone does not refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from extraction.models.common.encoder import Features
from extraction.models.common.settings import WIDTHS
from extraction.models.common.span_parts import context_ranges, start_small, width_rows
from extraction.models.common.spans import Spans, range_max, running_max, to_index
from extraction.models.iser.fusion import Fusion
from extraction.models.iser.sea import Sea
from extraction.models.iser.settings import Settings

Ints = np.ndarray[Any, np.dtype[np.int64]]
PartT = TypeVar("PartT", bound=nn.Module)

PRIOR = 3.0  # the first logit of "none" without context, so that an untrained sieve is no sea


@dataclass(frozen=True, slots=True)
class Fused(Features):
    """The encoder's vectors of a batch, and H of section 3.3 beside them."""

    fused: Tensor  # (U, g)


class IserNetwork(nn.Module):
    """Fusion, SEA and the classifiers; logits out, never probabilities."""

    def __init__(self, width: int, entity_types: int, relation_types: int, s: Settings) -> None:
        super().__init__()
        w = s.width_size
        g = width if s.fusion == "none" else 2 * (width // 2)
        self.s = s
        self.fusion = None if s.fusion == "none" else Fusion(width, s)
        self.sea = None if s.sea in {"cls", "none"} else Sea(g, s)
        c = {"cls": width, "none": 0}.get(s.sea, 2 * (g // 2))
        ctx = width if s.local_context in {"bert_max", "cls", "bert_global"} else g
        self.width = nn.Embedding(WIDTHS, w)
        self.entity = nn.Linear(g + w + c, entity_types + 1)  # class 0 is "none"
        self.auxiliary = nn.Linear(g + w, entity_types + 1) if s.reads_masked else None
        self.relation = nn.Linear(ctx + 2 * g + 2 * w, relation_types) if relation_types else None
        self.attention = nn.Linear(g, 1) if s.local_context == "self_attention" else None
        self.dropout = nn.Dropout(s.dropout)
        for layer in (self.width, self.entity, self.auxiliary, self.relation):
            if layer is not None:
                start_small(layer)
        if self.auxiliary is not None:
            with torch.no_grad():
                self.auxiliary.bias[0] = PRIOR

    def fuse(self, read: Features, borders: Ints) -> Fused:
        """Let the two tasks' views of every unit meet (equations 1-5)."""
        fused = read.units if self.fusion is None else self.fusion(read.units, borders)
        return Fused(read.units, read.sentences, fused)

    def inner(self, read: Fused, spans: Spans) -> Tensor:
        """[pool(s); w(s)] (S, g + w) of these spans (equation 6)."""
        pooled = range_max(read.fused, spans.starts, spans.stops)  # (S, g)
        wide = self.width(width_rows(spans, pooled))  # (S, w)
        return torch.cat((pooled, wide), dim=1)

    def sieve(self, inner: Tensor) -> Tensor:
        """Classify spans without their context (S, C + 1)."""
        logits: Tensor = _there(self.auxiliary)(self.dropout(inner))
        return logits

    def classify(self, inner: Tensor, contexts: Tensor) -> Tensor:
        """Classify spans (S, C + 1) by what they are and where they stand (equation 10)."""
        logits: Tensor = self.entity(self.dropout(torch.cat((inner, contexts), dim=1)))
        return logits

    def contexts(self, read: Fused, spans: Spans) -> Tensor:
        """c(s) (S, c), the semantics of the sentence around each span (equations 7-9)."""
        sentence = to_index(spans.sentence, read.fused)
        if self.sea is None:
            return read.sentences[sentence] if self.s.sea == "cls" else read.fused[sentence, :0]
        if not self.s.reads_masked:
            return self.shared_contexts(read, spans)
        c: Tensor = self.sea(read.fused, spans)
        return c

    def shared_contexts(self, read: Fused, spans: Spans) -> Tensor:
        """[state before the span; state after it] (S, c) of one reading of each sentence."""
        ahead, back = _there(self.sea).shared(read.fused, spans.borders)
        before, after = _neighbours(spans)
        return torch.cat((ahead[to_index(before, ahead)], back[to_index(after, back)]), dim=1)

    def pair_logits(
        self, read: Fused, spans: Spans, inner: Tensor, heads: Ints, tails: Ints
    ) -> Tensor:
        """Classify ordered pairs (P, K) of spans (equations 12-13), by their positions."""
        rows, owner = self.local_contexts(read, spans, heads, tails)
        context = rows[to_index(owner, rows)]  # (P, ctx)
        head, tail = to_index(heads, inner), to_index(tails, inner)
        r = torch.cat((context, inner[head], inner[tail]), dim=1)
        logits: Tensor = _there(self.relation)(self.dropout(r))
        return logits

    def local_contexts(
        self, read: Fused, spans: Spans, heads: Ints, tails: Ints
    ) -> tuple[Tensor, Ints]:
        """What a pair sees beside its ends: some rows, and for each pair (P,) its row."""
        kind, sentence = self.s.local_context, spans.sentence[heads]
        if kind == "cls":
            return read.sentences, sentence
        h = read.units if kind in {"bert_max", "bert_global"} else read.fused
        if kind in {"global", "bert_global"}:
            return range_max(h, spans.borders[:-1], spans.borders[1:]), sentence
        ranges = context_ranges(spans, heads, tails, sees_sentence=False)
        if kind == "self_attention":
            return attended_ranges(h, _there(self.attention)(h).squeeze(1), *ranges), _all(heads)
        return range_max(h, *ranges), _all(heads)

    def all_inner_logits(self, read: Fused, widest: int) -> Iterator[Tensor]:
        """For w = 1..W what [pool; w] adds to the logits of the spans that begin at each unit.

        Rows (U - w + 1, A): the classes of the entity classifier, then the auxiliary one's.
        """
        g = read.fused.shape[1]
        judges = [self.entity] if self.auxiliary is None else [self.entity, self.auxiliary]
        weight = torch.cat([one.weight[:, : g + self.width.embedding_dim] for one in judges])
        bias = torch.cat([one.bias for one in judges])
        by_width = torch.addmm(bias, self.width.weight[: widest + 1], weight[:, g:].T)
        pool_weight = weight[:, :g].T
        for w, pooled in enumerate(running_max(read.fused, widest), start=1):
            yield torch.addmm(by_width[w], pooled, pool_weight)

    def context_logits(self, read: Fused, spans: Spans) -> Tensor:
        """What c(s) adds to the entity logits (S, C + 1) of these spans."""
        sentence = to_index(spans.sentence, read.fused)
        weight = self.entity.weight[:, read.fused.shape[1] + self.width.embedding_dim :]
        if self.sea is None:
            if self.s.sea == "none":
                return weight.new_zeros(len(spans), len(weight))
            return (read.sentences @ weight.T)[sentence]
        if self.s.reads_masked:
            c: Tensor = self.sea(read.fused, spans, weight)
            return c
        ahead, back = self.sea.shared(read.fused, spans.borders)
        before, after = _neighbours(spans)
        half = ahead.shape[1]
        return (ahead @ weight[:, :half].T)[to_index(before, ahead)] + (back @ weight[:, half:].T)[
            to_index(after, back)
        ]

    def all_pair_logits(self, read: Fused, spans: Spans, heads: Ints, tails: Ints) -> Tensor:
        """Logits (P, K) of ordered pairs; the second half is the first half turned round.

        A pair and its reverse see one context, so only the first half's is made.
        """
        relation = _there(self.relation)
        inner = self.inner(read, spans)  # (E, g + w)
        size = inner.shape[1]
        parts = torch.split(relation.weight, [relation.in_features - 2 * size, size, size], dim=1)
        half = len(heads) // 2
        rows, owner = self.local_contexts(read, spans, heads[:half], tails[:half])
        context = torch.addmm(relation.bias, rows, parts[0].T)[to_index(owner, rows)]
        as_head, as_tail = inner @ parts[1].T, inner @ parts[2].T  # (E, K)
        ends: Tensor = as_head[to_index(heads, inner)] + as_tail[to_index(tails, inner)]  # (P, K)
        return ends + context.repeat(2, 1)


def attended_ranges(values: Tensor, scores: Tensor, starts: Ints, stops: Ints) -> Tensor:
    """The mean of values[start:stop] weighted by the softmax of their scores; zeros if empty."""
    counts = stops - starts
    owner = np.repeat(np.arange(len(counts)), counts)
    unit = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts - starts, counts)
    row, taken = to_index(owner, values), to_index(unit, values)
    lowest = scores.new_full((len(counts),), float("-inf"))
    peak = lowest.scatter_reduce(0, row, scores.detach()[taken], "amax")
    weight = (scores[taken] - peak[row]).exp().unsqueeze(1)  # (N, 1)
    total = weight.new_zeros(len(counts), 1).index_add(0, row, weight)
    summed = values.new_zeros(len(counts), values.shape[1]).index_add(
        0, row, weight * values[taken]
    )
    return summed / total.clamp(min=1.0)  # the highest weight of a range is one


def _neighbours(spans: Spans) -> tuple[Ints, Ints]:
    """The unit before and the unit after each span, U where the sentence ends there."""
    nothing = spans.borders[-1]
    first, last = spans.borders[spans.sentence], spans.borders[spans.sentence + 1]
    before = np.where(spans.starts > first, spans.starts - 1, nothing)
    return before, np.where(spans.stops < last, spans.stops, nothing)


def _all(rows: Ints) -> Ints:
    return np.arange(len(rows))


def _there(part: PartT | None) -> PartT:
    """A part that these settings or labels have."""
    if part is None:
        raise ValueError("this network was built without that part")
    return part
