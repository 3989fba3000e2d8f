"""The figure of the paper: span classifier and relation classifier over an encoder's vectors.

x(s) = [h_CLS; pool(s); w(s)], r(s1, s2) = [pool(between); pool(s1); pool(s2); w(s1); w(s2)].
Training classifies the drawn spans as the paper writes them; prediction uses that both
classifiers are linear in their parts, W [a; b; c] = W_a a + W_b b + W_c c.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from extraction.models.common.encoder import Features
from extraction.models.common.pairs import between
from extraction.models.common.settings import WIDTHS
from extraction.models.common.spans import Spans, range_max, running_max, to_index
from extraction.models.spert.settings import Settings

Ints = np.ndarray[Any, np.dtype[np.int64]]
NEW_WEIGHTS = 0.02  # standard deviation of new weights (section 4.1)


class SpertNetwork(nn.Module):
    """Both classifiers; logits out, never probabilities."""

    def __init__(self, width: int, entity_types: int, relation_types: int, s: Settings) -> None:
        super().__init__()
        d, w = width, s.width_size
        self.hidden = d
        self.widest = s.widest
        self.sees_sentence = s.context == "sentence"
        self.width = nn.Embedding(WIDTHS, w)
        self.entity = nn.Linear(2 * d + w, entity_types + 1)  # class 0 is "none"
        self.relation = nn.Linear(3 * d + 2 * w, relation_types) if relation_types else None
        self.dropout = nn.Dropout(s.dropout)
        self.apply(_start_small)

    def span_logits(self, features: Features, spans: Spans) -> tuple[Tensor, Tensor]:
        """Classify these spans (equations 1-3); their pooled vectors come along for the pairs."""
        h = features.units
        pooled = range_max(h, spans.starts, spans.stops)  # (S, d)
        cls = features.sentences[to_index(spans.sentence, h)]  # (S, d)
        x = torch.cat((cls, pooled, self.width_vectors(spans, h)), dim=1)  # (S, 2d + w)
        logits: Tensor = self.entity(self.dropout(x))  # (S, C + 1)
        return logits, pooled

    def pair_logits(
        self, features: Features, spans: Spans, pooled: Tensor, heads: Ints, tails: Ints
    ) -> Tensor:
        """Classify ordered pairs of spans (equations 4-6), by their positions in `spans`."""
        h = features.units
        context = range_max(h, *self.context_ranges(spans, heads, tails))  # (R, d)
        head, tail = to_index(heads, h), to_index(tails, h)
        w = self.width_vectors(spans, h)
        r = torch.cat((context, pooled[head], pooled[tail], w[head], w[tail]), dim=1)
        logits: Tensor = self._relation()(self.dropout(r))  # (R, K)
        return logits

    def all_span_logits(self, features: Features, unit_sentence: Ints) -> Iterator[Tensor]:
        """For w = 1..W yield the logits (U - w + 1, C + 1) of the spans that begin at each unit."""
        d = self.hidden
        weight = self.entity.weight
        cls = features.sentences @ weight[:, :d].T + self.entity.bias  # (B, C + 1)
        start = cls[to_index(unit_sentence, features.units)]  # (U, C + 1)
        by_width = self.width.weight[: self.widest + 1] @ weight[:, 2 * d :].T  # (W + 1, C + 1)
        pool_weight = weight[:, d : 2 * d].T
        for w, pooled in enumerate(running_max(features.units, self.widest), start=1):
            yield pooled @ pool_weight + start[: len(pooled)] + by_width[w]

    def all_pair_logits(self, features: Features, spans: Spans, heads: Ints, tails: Ints) -> Tensor:
        """Logits (P, K) of ordered pairs; the second half is the first half turned round.

        A pair and its reverse see one context, so only the first half's is made.
        """
        d, w = self.hidden, self.width.embedding_dim
        relation = self._relation()
        parts = torch.split(relation.weight, [d, d, d, w, w], dim=1)
        context_weight, head_weight, tail_weight, head_width, tail_width = parts
        pooled = range_max(features.units, spans.starts, spans.stops)  # (E, d)
        wide = self.width_vectors(spans, pooled)  # (E, w)
        as_head = pooled @ head_weight.T + wide @ head_width.T  # (E, K)
        as_tail = pooled @ tail_weight.T + wide @ tail_width.T  # (E, K)
        half = len(heads) // 2
        ranges = self.context_ranges(spans, heads[:half], tails[:half])
        context = range_max(features.units, *ranges) @ context_weight.T + relation.bias
        ends = as_head[to_index(heads, pooled)] + as_tail[to_index(tails, pooled)]  # (P, K)
        return ends + context.repeat(2, 1)

    def width_vectors(self, spans: Spans, like: Tensor) -> Tensor:
        """w(s) for each span; the widest row serves everything beyond the table."""
        vectors: Tensor = self.width(to_index(np.minimum(spans.widths, WIDTHS - 1), like))
        return vectors

    def context_ranges(self, spans: Spans, heads: Ints, tails: Ints) -> tuple[Ints, Ints]:
        """The units strictly between the two spans of each pair, or those of the sentence."""
        if self.sees_sentence:
            sentence = spans.sentence[heads]
            return spans.borders[sentence], spans.borders[sentence + 1]
        return between(
            (spans.starts[heads], spans.stops[heads]), (spans.starts[tails], spans.stops[tails])
        )

    def _relation(self) -> nn.Linear:
        if self.relation is None:
            raise ValueError("this network knows no relation type")
        return self.relation


def _start_small(layer: nn.Module) -> None:
    if isinstance(layer, nn.Linear | nn.Embedding):
        nn.init.normal_(layer.weight, std=NEW_WEIGHTS)
    if isinstance(layer, nn.Linear):
        nn.init.zeros_(layer.bias)
