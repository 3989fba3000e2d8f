"""The two-phase model as the paper writes it: SpERT's masks, all vectors fused before use."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bench.plain.spert import (
    Numbers,
    Range,
    context_masks,
    cut,
    ends_of,
    list_pairs,
    list_spans,
    masked_max,
    masks_of,
    padded,
    rows_at,
    sentence_pairs,
    sentence_spans,
    widths_of,
)
from extraction.models.common.drawing import draw
from extraction.models.common.encoder import Features
from extraction.models.common.gold import Item
from extraction.models.two_phase.model import TwoPhase
from extraction.models.two_phase.network import PAIR, SPAN, TYPE, Judged


def predict(model: TwoPhase, items: Sequence[Item]) -> Numbers:
    """Logits (whether, which) of all spans, and of all pairs of those that are said."""
    model.network.eval()
    with torch.inference_mode():
        features = model.features(items)
        counts = [len(item.tokens.units) for item in items]
        h = padded(features, counts)
        spans = [list_spans(count, model.settings.widest) for count in counts]
        fused = fuse_spans(model, features, h, spans)
        judged = model.heads.judge_spans(fused)
        said = is_said(model, judged).tolist()
        pairs = [
            list_pairs([place for place in range(len(row)) if chosen[place]])
            for row, chosen in zip(spans, said, strict=True)
        ]
        kinds = (judged.which[:, :, -len(model.labels.entities) :].argmax(dim=2) + 1).tolist()
        links = judge_pairs(model, fuse_pairs(model, h, fused, spans, pairs), spans, pairs, kinds)
        return Numbers(spans, cut(side_by_side(judged), spans), pairs, cut(links, pairs))


def loss(model: TwoPhase, items: Sequence[Item], rng: np.random.Generator) -> Tensor:
    """The objective of the same drawn spans and pairs as `model.loss`."""
    drawn = draw(items, model.settings, rng)
    features = model.features(items)
    h = padded(features, [len(item.tokens.units) for item in items])
    spans, pairs = sentence_spans(drawn), sentence_pairs(drawn)
    fused = fuse_spans(model, features, h, spans)
    judged = model.heads.judge_spans(torch.cat(cut(fused, spans)))
    total = model.entity_terms(judged, drawn)
    if len(drawn.heads) and model.labels.relations:
        r = torch.cat(cut(fuse_pairs(model, h, fused, spans, pairs), pairs))
        rows = model.type_rows(judged, drawn, rng)
        total = total + model.relation_terms(r, rows, drawn)
    return total


def fuse(
    model: TwoPhase, parts: Sequence[Tensor], whose: int, absent: Tensor | None = None
) -> Tensor:
    """Eq. 5 on parts (B, N, d), one gate score at a time; `absent` (B, N) leaves out the third."""
    if model.settings.fusion == "concatenation":
        return torch.cat(list(parts), dim=2)
    if model.heads.gates is None:
        return torch.stack(list(parts)).sum(dim=0)
    gate = model.heads.gates.weight[0 if model.settings.share_gate else whose]
    v = torch.stack([part @ gate for part in parts], dim=2)  # (B, N, q)
    if absent is not None:
        v[:, :, 2] = v[:, :, 2].masked_fill(absent, float("-inf"))
    alpha = v.softmax(dim=2).unsqueeze(-1)  # (B, N, q, 1)
    return (alpha * torch.stack(list(parts), dim=2)).sum(dim=2)


def fuse_spans(
    model: TwoPhase, features: Features, h: Tensor, spans: Sequence[Sequence[Range]]
) -> Tensor:
    """E' (B, S, e) of listed spans."""
    pooled = masked_max(h, masks_of(spans, h.shape[1]))
    x0 = features.sentences.unsqueeze(1).expand(-1, pooled.shape[1], -1)
    return fuse(model, (pooled, x0, model.heads.width(widths_of(spans))), SPAN)


def fuse_pairs(
    model: TwoPhase,
    h: Tensor,
    fused: Tensor,
    spans: Sequence[Sequence[Range]],
    pairs: Sequence[Sequence[Range]],
) -> Tensor:
    """R (B, R, r) of listed pairs."""
    heads = model.heads
    if not heads.relation_types:
        return h.new_zeros(len(h), 0, 0)
    first, second = ends_of(pairs)
    masks = context_masks(spans, pairs, h, sees_sentence=model.settings.context == "sentence")
    parts = [
        heads.roles(rows_at(fused, first), 0),
        heads.roles(rows_at(fused, second), 1),
        masked_max(h, masks),
    ]
    if heads.distance is not None:
        parts.append(heads.distance(distances_of(model, spans, pairs)))
    is_left_out = model.settings.empty_context == "left out"
    return fuse(model, parts, PAIR, ~masks.any(dim=2) if is_left_out else None)


def judge_pairs(
    model: TwoPhase,
    r: Tensor,
    spans: Sequence[Sequence[Range]],
    pairs: Sequence[Sequence[Range]],
    kinds: Sequence[Sequence[int]],
) -> Tensor:
    """Logits (whether, which) (B, R, ...) of listed pairs whose ends are of these kinds."""
    heads = model.heads
    if not heads.relation_types:
        return r
    deep = r if heads.pair_ffn is None else functional.gelu(heads.pair_ffn(heads.dropout(r)))
    whether = None if heads.relation is None else heads.relation(heads.dropout(deep))
    if heads.types is not None:
        first, second = ends_of(pairs)
        types = torch.tensor([[*row] for row in kinds], dtype=torch.long)
        head, tail = (torch.gather(types, 1, one) - 1 for one in (first, second))
        apart = distances_of(model, spans, pairs)
        rows = (head * heads.entity_types + tail) * (model.settings.farthest + 1) + apart
        deep = fuse(model, (deep, heads.types(rows)), TYPE)
    return side_by_side(Judged(whether, heads.relation_type(heads.dropout(deep))))


def distances_of(
    model: TwoPhase, spans: Sequence[Sequence[Range]], pairs: Sequence[Sequence[Range]]
) -> Tensor:
    """The words (B, R) between both ends of each pair, the farthest at most."""
    most = max(len(row) for row in pairs)
    apart = torch.zeros(len(pairs), most, dtype=torch.long)
    for sentence, (row, linked) in enumerate(zip(spans, pairs, strict=True)):
        for place, (head, tail) in enumerate(linked):
            gap = max(row[head][0], row[tail][0]) - min(row[head][1], row[tail][1])
            apart[sentence, place] = min(max(gap, 0), model.settings.farthest)
    return apart


def is_said(model: TwoPhase, judged: Judged) -> Tensor:
    """Whether each span (B, S) is an entity."""
    bonus = model.settings.entity_bonus or 0.0
    if judged.whether is not None:
        return (judged.whether[:, :, 1] - judged.whether[:, :, 0]) / 2 + bonus > 0
    return judged.which[:, :, 1:].amax(dim=2) > judged.which[:, :, 0] - bonus


def side_by_side(judged: Judged) -> Tensor:
    """Both phases' logits in one tensor."""
    if judged.whether is None:
        return judged.which
    return torch.cat((judged.whether, judged.which), dim=-1)
