"""ISER as the paper writes it: every span masked in a copy of its sentence, read on its own.

Sentence by sentence, no prefilter: the copies go through multi-head attention with a mask and
through torch's BiGRU, whole inputs are concatenated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from bench.plain.spert import (
    Numbers,
    Range,
    list_pairs,
    list_spans,
    sentence_pairs,
    sentence_spans,
)
from extraction.models.common.drawing import draw
from extraction.models.common.encoder import Features
from extraction.models.common.gold import Item
from extraction.models.common.settings import WIDTHS
from extraction.models.iser.fusion import Fusion
from extraction.models.iser.loss import entity_loss, relation_loss
from extraction.models.iser.model import Iser
from extraction.models.iser.network import IserNetwork
from extraction.models.iser.sea import Sea

AT_ONCE = 256  # spans of a sentence whose copies are held together


def predict(model: Iser, items: Sequence[Item]) -> Numbers:
    """Logits of all spans, and of all pairs of those that are said."""
    model.network.eval()
    numbers = Numbers([], [], [], [])
    with torch.inference_mode():
        for h, cls in sentences(model, items):
            g = fused_one(model.heads.fusion, h)
            spans = list_spans(len(h), model.settings.widest)
            logits = span_logits(model.heads, (h, cls, g), spans)
            logits[:, 0] -= model.settings.entity_bonus or 0.0
            pairs = list_pairs(logits.argmax(dim=1).nonzero().squeeze(1).tolist())
            numbers.spans.append(spans)
            numbers.span_scores.append(logits)
            numbers.pairs.append(pairs)
            numbers.pair_scores.append(pair_logits(model.heads, (h, cls, g), spans, pairs))
    return numbers


def loss(model: Iser, items: Sequence[Item], rng: np.random.Generator) -> Tensor:
    """L_e + L_r of the same drawn spans and pairs as `model.loss`, SEA for all of them."""
    drawn = draw(items, model.settings, rng)
    spans, pairs = sentence_spans(drawn), sentence_pairs(drawn)
    seen = [(h, cls, fused_one(model.heads.fusion, h)) for h, cls in sentences(model, items)]
    logits = [span_logits(model.heads, *one) for one in zip(seen, spans, strict=True)]
    total = entity_loss(torch.cat(logits), torch.from_numpy(drawn.types))
    if len(drawn.heads) and model.labels.relations:
        links = [pair_logits(model.heads, *one) for one in zip(seen, spans, pairs, strict=True)]
        total = total + relation_loss(torch.cat(links), torch.from_numpy(drawn.targets))
    return total


def sentences(model: Iser, items: Sequence[Item]) -> list[tuple[Tensor, Tensor]]:
    """The encoder's vectors (n, d) and (d,) of each sentence."""
    read: Features = super(Iser, model).features(items)
    units = torch.split(read.units, [len(item.tokens.units) for item in items])
    return list(zip(units, read.sentences, strict=True))


def fused_one(fusion: Fusion | None, h: Tensor) -> Tensor:
    """H (n, g) of one sentence (equations 1-5)."""
    if fusion is None:
        return h
    if not len(h):
        return h.new_zeros(0, 2 * fusion.forwards.hidden_size)
    x_e, x_r = fusion.activation(fusion.entity(h)), fusion.activation(fusion.relation(h))
    scale = math.sqrt(h.shape[1])
    crossed_e = torch.softmax(x_e @ x_r.T / scale, dim=1) @ x_r
    crossed_r = torch.softmax(x_r @ x_e.T / scale, dim=1) @ x_e
    both = torch.cat((crossed_e, crossed_r), dim=1)
    ahead, _ = fusion.forwards(both.unsqueeze(0))
    back, _ = fusion.backwards(both.flip(0).unsqueeze(0))
    g = torch.cat((ahead[0], back[0].flip(0)), dim=1)
    return g + h[:, : g.shape[1]] if fusion.is_residual else g


def span_logits(
    heads: IserNetwork, seen: tuple[Tensor, Tensor, Tensor], spans: Sequence[Range]
) -> Tensor:
    """Logits (S, C + 1) of these spans of one sentence (equations 6-10)."""
    _, cls, g = seen
    if not spans:
        return g.new_zeros(0, heads.entity.out_features)
    context = contexts(heads, cls, g, spans)
    x = torch.cat((own(heads, g, spans), context), dim=1)
    logits: Tensor = heads.entity(heads.dropout(x))
    return logits


def own(heads: IserNetwork, g: Tensor, spans: Sequence[Range]) -> Tensor:
    """[pool(s); w(s)] (S, g + w), span by span."""
    rows = [
        torch.cat((g[i:j].amax(dim=0), heads.width(torch.tensor(min(j - i, WIDTHS - 1)))))
        for i, j in spans
    ]
    return torch.stack(rows)


def contexts(heads: IserNetwork, cls: Tensor, g: Tensor, spans: Sequence[Range]) -> Tensor:
    """c(s) (S, c) of spans of one sentence."""
    if heads.sea is None:
        return cls.expand(len(spans), -1) if heads.s.sea == "cls" else g.new_zeros(len(spans), 0)
    if heads.s.sea == "shared":
        return shared_contexts(heads.sea, g, spans)
    parts = [spans[begin : begin + AT_ONCE] for begin in range(0, len(spans), AT_ONCE)]
    return torch.cat([masked_contexts(heads.sea, g, part) for part in parts])


def masked_contexts(sea: Sea, g: Tensor, spans: Sequence[Range]) -> Tensor:
    """SEA (S, d) with the sentence copied and masked for every span (equations 7-9)."""
    out, last = sea.gru(masked_inputs(sea, g, spans).transpose(0, 1))  # (n, S, d), (2, S, d / 2)
    c: Tensor = torch.cat((last[0], last[1]), dim=1) if sea.returns_last else out.amax(dim=0)
    return c


def shared_contexts(sea: Sea, g: Tensor, spans: Sequence[Range]) -> Tensor:
    """[state before the span; state after it] (S, d) of one reading without any mask."""
    out = sea.gru(masked_inputs(sea, g, [(0, 0)]).transpose(0, 1))[0][:, 0]  # (n, d)
    ahead, back = out.chunk(2, dim=1)
    nothing = ahead.new_zeros(ahead.shape[1])
    rows = [
        torch.cat((ahead[i - 1] if i else nothing, back[j] if j < len(g) else nothing))
        for i, j in spans
    ]
    return torch.stack(rows)


def masked_inputs(sea: Sea, g: Tensor, spans: Sequence[Range]) -> Tensor:
    """What the BiGRU reads (S, n, d): the masked copies after attention and residual."""
    places = torch.arange(len(g))
    cut = torch.tensor(list(spans), dtype=torch.long)
    is_masked = (places >= cut[:, :1]) & (places < cut[:, 1:])  # (S, n)
    blank = g.new_zeros(g.shape[1]) if sea.blank is None else sea.blank
    x = torch.where(is_masked.unsqueeze(2), blank, g)  # (S, n, d)
    if not sea.attends:
        return x
    a = x + sea.out(attended_one_by_one(sea, x, is_masked if sea.blank is None else None))
    a = a if sea.norm is None else sea.norm(a)
    read: Tensor = a.masked_fill(is_masked.unsqueeze(2), 0.0) if sea.blank is None else a
    return read


def attended_one_by_one(sea: Sea, x: Tensor, is_hidden: Tensor | None) -> Tensor:
    """Multi-head self-attention (S, n, d) in every copy, before the output projection."""
    s, n, d = x.shape
    q, k, v = sea.qkv(x).view(s, n, 3, sea.heads, -1).permute(2, 0, 3, 1, 4)
    scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[3])  # (S, heads, n, n)
    if is_hidden is not None:
        scores = scores.masked_fill(is_hidden[:, None, None, :], float("-inf"))
    weights = scores.softmax(dim=3).nan_to_num(0.0)  # no key is left where all is masked
    out: Tensor = (weights @ v).transpose(1, 2).reshape(s, n, d)
    return out


def pair_logits(
    heads: IserNetwork,
    seen: tuple[Tensor, Tensor, Tensor],
    spans: Sequence[Range],
    pairs: Sequence[Range],
) -> Tensor:
    """Logits (P, K) of pairs of spans of one sentence (equations 12, 13)."""
    if heads.relation is None or not pairs:
        classes = 0 if heads.relation is None else heads.relation.out_features
        return seen[0].new_zeros(len(pairs), classes)
    inner = own(heads, seen[2], spans)
    rows = [
        torch.cat((local_context(heads, seen, spans[a], spans[b]), inner[a], inner[b]))
        for a, b in pairs
    ]
    logits: Tensor = heads.relation(heads.dropout(torch.stack(rows)))
    return logits


def local_context(
    heads: IserNetwork, seen: tuple[Tensor, Tensor, Tensor], one: Range, other: Range
) -> Tensor:
    """What a pair sees beside its ends, in each of the six ways."""
    h, cls, g = seen
    kind = heads.s.local_context
    if kind == "cls":
        return cls
    values = h if kind.startswith("bert") else g
    if kind in {"global", "bert_global"}:
        return values.amax(dim=0)
    between = values[min(one[1], other[1]) : max(one[0], other[0])]
    if not len(between):
        return values.new_zeros(values.shape[1])
    if kind == "self_attention" and heads.attention is not None:
        shares: Tensor = heads.attention(between).softmax(dim=0)
        return (shares * between).sum(dim=0)
    return between.amax(dim=0)
