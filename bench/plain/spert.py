"""SpERT as the reference implementation has it: a mask a span, a masked copy of all vectors.

Spans are listed and masks are made one by one in Python; the vectors are copied once a span
(B x S x n x d) before the maximum is taken; whole inputs are concatenated. SpERT.MT and the
two-phase model, which are written the same way, take their masks from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from extraction.models.common.drawing import Drawn, draw
from extraction.models.common.encoder import Features
from extraction.models.common.gold import Item
from extraction.models.common.settings import WIDTHS
from extraction.models.spert.loss import entity_loss, relation_loss
from extraction.models.spert.model import Spert

Range = tuple[int, int]
FAR_BELOW = -1e30


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a plain head says of one batch, sentence by sentence."""

    spans: list[list[Range]]  # half-open, in the sentence's own units
    span_scores: list[Tensor]  # (S, classes)
    pairs: list[list[Range]]  # positions in `spans`
    pair_scores: list[Tensor]  # (R, classes)


def predict(model: Spert, items: Sequence[Item]) -> Numbers:
    """Logits of all spans, and of all pairs of those that are said."""
    model.network.eval()
    with torch.inference_mode():
        features = model.features(items)
        counts = [len(item.tokens.units) for item in items]
        h = padded(features, counts)
        spans = [list_spans(count, model.settings.widest) for count in counts]
        logits, pooled = span_logits(model, features, h, spans)
        logits[:, :, 0] -= model.settings.entity_bonus or 0.0
        best = logits.argmax(dim=2).tolist()
        pairs = [
            list_pairs([place for place in range(len(row)) if kinds[place]])
            for row, kinds in zip(spans, best, strict=True)
        ]
        links = pair_logits(model, h, pooled, spans, pairs)
        return Numbers(spans, cut(logits, spans), pairs, cut(links, pairs))


def loss(model: Spert, items: Sequence[Item], rng: np.random.Generator) -> Tensor:
    """The objective of the same drawn spans and pairs as `model.loss`."""
    drawn = draw(items, model.settings, rng)
    features = model.features(items)
    h = padded(features, [len(item.tokens.units) for item in items])
    spans, pairs = sentence_spans(drawn), sentence_pairs(drawn)
    logits, pooled = span_logits(model, features, h, spans)
    total = entity_loss(torch.cat(cut(logits, spans)), torch.from_numpy(drawn.types))
    if len(drawn.heads) and model.labels.relations:
        links = torch.cat(cut(pair_logits(model, h, pooled, spans, pairs), pairs))
        total = total + relation_loss(links, torch.from_numpy(drawn.targets))
    return total


def span_logits(
    model: Spert, features: Features, h: Tensor, spans: Sequence[Sequence[Range]]
) -> tuple[Tensor, Tensor]:
    """Logits (B, S, C + 1) and pooled vectors (B, S, d) of listed spans."""
    heads = model.heads
    pooled = masked_max(h, masks_of(spans, h.shape[1]))
    cls = features.sentences.unsqueeze(1).expand(-1, pooled.shape[1], -1)
    x = torch.cat((cls, pooled, heads.width(widths_of(spans))), dim=2)
    logits: Tensor = heads.entity(heads.dropout(x))
    return logits, pooled


def pair_logits(
    model: Spert,
    h: Tensor,
    pooled: Tensor,
    spans: Sequence[Sequence[Range]],
    pairs: Sequence[Sequence[Range]],
) -> Tensor:
    """Logits (B, R, K) of listed pairs."""
    heads = model.heads
    if heads.relation is None:
        return h.new_zeros(len(h), 0, 0)
    context = masked_max(h, context_masks(spans, pairs, h, sees_sentence=heads.sees_sentence))
    wide = heads.width(widths_of(spans))
    first, second = ends_of(pairs)
    r = torch.cat(
        (
            context,
            rows_at(pooled, first),
            rows_at(pooled, second),
            rows_at(wide, first),
            rows_at(wide, second),
        ),
        dim=2,
    )
    logits: Tensor = heads.relation(heads.dropout(r))
    return logits


def padded(features: Features, counts: Sequence[int]) -> Tensor:
    """The units' vectors as one rectangle (B, n, d)."""
    return pad_sequence(list(torch.split(features.units, list(counts))), batch_first=True)


def list_spans(units: int, widest: int) -> list[Range]:
    """Every span of width 1..widest."""
    return [
        (start, start + width)
        for width in range(1, widest + 1)
        for start in range(units - width + 1)
    ]


def list_pairs(chosen: Sequence[int]) -> list[Range]:
    """Every ordered pair of two different spans."""
    return [(one, other) for one in chosen for other in chosen if one != other]


def sentence_spans(drawn: Drawn) -> list[list[Range]]:
    """The drawn spans of each sentence, in its own units."""
    listed: list[list[Range]] = [[] for _ in drawn.spans.borders[:-1]]
    spans = drawn.spans
    for start, stop, owner in zip(spans.starts, spans.stops, spans.sentence, strict=True):
        begin = int(spans.borders[owner])
        listed[owner].append((int(start) - begin, int(stop) - begin))
    return listed


def sentence_pairs(drawn: Drawn) -> list[list[Range]]:
    """The drawn pairs of each sentence, by the positions of their ends in it."""
    owner = drawn.spans.sentence
    listed: list[list[Range]] = [[] for _ in drawn.spans.borders[:-1]]
    for head, tail in zip(drawn.heads, drawn.tails, strict=True):
        first = int(np.searchsorted(owner, owner[head]))
        listed[owner[head]].append((int(head) - first, int(tail) - first))
    return listed


def masks_of(ranges: Sequence[Sequence[Range]], length: int) -> Tensor:
    """A mask (B, S, n) for each range; none for the rows that only fill up."""
    most = max(len(row) for row in ranges)
    masks = torch.zeros(len(ranges), most, length, dtype=torch.bool)
    for sentence, row in enumerate(ranges):
        for place, (start, stop) in enumerate(row):
            masks[sentence, place, start:stop] = True
    return masks


def context_masks(
    spans: Sequence[Sequence[Range]],
    pairs: Sequence[Sequence[Range]],
    h: Tensor,
    *,
    sees_sentence: bool,
) -> Tensor:
    """A mask (B, R, n) for what stands between the ends of each pair, or for the sentence."""
    between: list[list[Range]] = []
    for row, linked in zip(spans, pairs, strict=True):
        length = max((stop for _, stop in row), default=0)
        between.append([])
        for head, tail in linked:
            start = min(row[head][1], row[tail][1])
            stop = max(row[head][0], row[tail][0])
            between[-1].append((0, length) if sees_sentence else (start, max(start, stop)))
    return masks_of(between, h.shape[1])


def masked_max(h: Tensor, masks: Tensor) -> Tensor:
    """The maximum (B, S, d) of the vectors (B, n, d) under each mask; zero under an empty one."""
    if not masks.shape[1]:
        return h.new_zeros(len(h), 0, h.shape[2])
    hidden = (masks.unsqueeze(-1) == 0).to(h.dtype) * FAR_BELOW  # (B, S, n, 1)
    copies = hidden + h.unsqueeze(1).repeat(1, masks.shape[1], 1, 1)  # (B, S, n, d)
    pooled = copies.max(dim=2).values
    return pooled.masked_fill(~masks.any(dim=2, keepdim=True), 0.0)


def widths_of(spans: Sequence[Sequence[Range]]) -> Tensor:
    """The width (B, S) of each span."""
    most = max(len(row) for row in spans)
    widths = torch.zeros(len(spans), most, dtype=torch.long)
    for sentence, row in enumerate(spans):
        for place, (start, stop) in enumerate(row):
            widths[sentence, place] = min(stop - start, WIDTHS - 1)
    return widths


def ends_of(pairs: Sequence[Sequence[Range]]) -> tuple[Tensor, Tensor]:
    """The positions (B, R) of heads and of tails."""
    most = max(len(row) for row in pairs)
    filled = [[*row, *[(0, 0)] * (most - len(row))] for row in pairs]
    table = torch.tensor(filled, dtype=torch.long).reshape(len(pairs), most, 2)
    return table[:, :, 0], table[:, :, 1]


def rows_at(vectors: Tensor, positions: Tensor) -> Tensor:
    """The vectors (B, R, d) at the positions (B, R) of a batch (B, S, d)."""
    return torch.stack([row[chosen] for row, chosen in zip(vectors, positions, strict=True)])


def cut(scores: Tensor, listed: Sequence[Sequence[Range]]) -> list[Tensor]:
    """The rows of each sentence, without those that only fill up."""
    return [row[: len(one)] for row, one in zip(scores, listed, strict=True)]
