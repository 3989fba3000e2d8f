"""SpERT.MT as the paper writes it: SpERT's masks, both heads of both stages on whole inputs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

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
from extraction.models.spert_mt.model import SpertMt
from extraction.models.spert_mt.network import Judged


def predict(model: SpertMt, items: Sequence[Item]) -> Numbers:
    """Class scores of all spans, and of all pairs of those that are said."""
    model.network.eval()
    with torch.inference_mode():
        features = model.features(items)
        counts = [len(item.tokens.units) for item in items]
        h = padded(features, counts)
        spans = [list_spans(count, model.settings.widest) for count in counts]
        judged, pooled = judge_spans(model, features, h, spans)
        said = is_said(model, judged.scores).tolist()
        pairs = [
            list_pairs([place for place in range(len(row)) if chosen[place]])
            for row, chosen in zip(spans, said, strict=True)
        ]
        links = judge_pairs(model, h, (pooled, judged), spans, pairs)
        return Numbers(spans, cut(judged.scores, spans), pairs, cut(links.scores, pairs))


def loss(model: SpertMt, items: Sequence[Item], rng: np.random.Generator) -> Tensor:
    """The objective of the same drawn spans and pairs as `model.loss`."""
    drawn = draw(items, model.settings, rng)
    features = model.features(items)
    h = padded(features, [len(item.tokens.units) for item in items])
    spans, pairs = sentence_spans(drawn), sentence_pairs(drawn)
    judged, pooled = judge_spans(model, features, h, spans)
    total = model.entity_term(laid_flat(judged, spans), drawn)
    if len(drawn.heads) and model.labels.relations:
        links = judge_pairs(model, h, (pooled, judged), spans, pairs)
        total = total + model.relation_term(laid_flat(links, pairs), drawn)
    return total


def judge_spans(
    model: SpertMt, features: Features, h: Tensor, spans: Sequence[Sequence[Range]]
) -> tuple[Judged, Tensor]:
    """Both heads' numbers and pooled vectors (B, S, ...) of listed spans."""
    heads = model.heads
    pooled = masked_max(h, masks_of(spans, h.shape[1]))
    cls = features.sentences.unsqueeze(1).expand(-1, pooled.shape[1], -1)
    x = heads.dropout(torch.cat((cls, pooled, heads.width(widths_of(spans))), dim=2))
    return both_heads(x, heads.entity.identification, heads.entity.classes), pooled


def judge_pairs(
    model: SpertMt,
    h: Tensor,
    known: tuple[Tensor, Judged],
    spans: Sequence[Sequence[Range]],
    pairs: Sequence[Sequence[Range]],
) -> Judged:
    """Both heads' numbers (B, R, ...) of listed pairs, on the whole of Eq. 15's vector."""
    heads, (pooled, judged) = model.heads, known
    if heads.relation is None:
        return Judged(None, h.new_zeros(len(h), 0, 0))
    first, second = ends_of(pairs)
    wide, p = heads.width(widths_of(spans)), shown(model, judged)
    parts = [masked_max(h, context_masks(spans, pairs, h, sees_sentence=heads.sees_sentence))]
    for vectors in (pooled, wide, p):
        parts += [rows_at(vectors, first), rows_at(vectors, second)]
    r = heads.dropout(torch.cat(parts, dim=2))
    classes = heads.relation.classes
    columns = [classes.weight]
    of_identification = heads.relation.identification
    unit = None if of_identification is None else [of_identification.weight]
    if heads.views is not None:
        for table in heads.views.tables():
            columns.append(table[:, -len(classes.weight) :].T)
            if unit is not None:
                unit.append(table[:, :1].T)
    scores = r @ torch.cat(columns, dim=1).T
    if of_identification is None or unit is None:
        return Judged(None, scores + classes.bias)
    logit = r @ torch.cat(unit, dim=1).T + of_identification.bias
    return Judged(logit.squeeze(-1), scores)


def both_heads(
    z: Tensor, identification: torch.nn.Linear | None, classes: torch.nn.Linear
) -> Judged:
    """Identification and class scores of z (B, N, size)."""
    return Judged(None if identification is None else identification(z).squeeze(-1), classes(z))


def shown(model: SpertMt, judged: Judged) -> Tensor:
    """p(s) (B, S, d3)."""
    heads = model.heads
    if not heads.shown:
        return judged.scores[:, :, :0]
    p = judged.scores[:, :, -heads.entity_types :]
    if heads.sees_identification and judged.identification is not None:
        p = torch.cat((p, judged.identification.unsqueeze(-1)), dim=2)
    return p.detach() if heads.detaches else p


def is_said(model: SpertMt, scores: Tensor) -> Tensor:
    """Whether each span (B, S) is an entity (Eq. 18)."""
    settings = model.settings
    if settings.entity_mtl:
        return scores.amax(dim=2) >= (settings.entity_threshold or 0.0)
    lowered = scores - torch.eye(scores.shape[2])[0] * (settings.entity_bonus or 0.0)
    return lowered.argmax(dim=2) > 0


def laid_flat(judged: Judged, listed: Sequence[Sequence[Range]]) -> Judged:
    """The rows of all sentences end to end, as the losses take them."""
    one = judged.identification
    flat = None if one is None else torch.cat(cut(one, listed))
    return Judged(flat, torch.cat(cut(judged.scores, listed)))
