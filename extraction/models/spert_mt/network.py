"""The figure of the paper: two stages of two heads each over an encoder's vectors.

x(s) = [e_CLS; v(s); w(s)], r(s1, s2) = [v(between); v(s1); v(s2); w(s1); w(s2); p(s1); p(s2)];
the order inside is SpERT's. Training classifies the drawn spans as the paper writes them;
prediction uses that every head is linear in its parts, and leaves out the identification.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from extraction.models.common.encoder import Features
from extraction.models.common.settings import WIDTHS
from extraction.models.common.span_parts import context_ranges, start_small, width_rows
from extraction.models.common.spans import Spans, range_max, running_max, to_index
from extraction.models.spert_mt.settings import Settings

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a stage says of N spans or pairs; no probabilities yet."""

    identification: Tensor | None  # (N,) logit of p; None when classified in one step
    scores: Tensor  # (N, C) of the real classes (Eq. 6); in one step the logits


class Stage(nn.Module):
    """Identification u.z + u0 and class scores z W over one input z (section 3.3)."""

    def __init__(self, size: int, classes: int, *, is_multitask: bool) -> None:
        super().__init__()
        self.identification = nn.Linear(size, 1) if is_multitask else None
        self.classes = nn.Linear(size, classes, bias=not is_multitask)

    def forward(self, z: Tensor) -> Judged:
        """Both heads on z (N, size)."""
        is_one = None if self.identification is None else self.identification(z).squeeze(1)
        return Judged(is_one, self.classes(z))


class Views(nn.Module):
    """The columns of the relation stage that belong to p(s1) and p(s2) (Eq. 15).

    One number for each (end, entity class, output), a row each, so that they follow the names
    of the labels when a model goes on from one with other types. With multi-task the first
    output is the identification.
    """

    def __init__(self, shown: int, outputs: int) -> None:
        super().__init__()
        self.shape = (2, shown, outputs)
        self.numbers = nn.Embedding(2 * shown * outputs, 1)

    def tables(self) -> tuple[Tensor, Tensor]:
        """The matrices (d3, outputs) of head and tail."""
        head, tail = self.numbers.weight.view(self.shape)
        return head, tail


class SpertMtNetwork(nn.Module):
    """Both stages; scores and logits out, never probabilities."""

    def __init__(self, width: int, entity_types: int, relation_types: int, s: Settings) -> None:
        super().__init__()
        d, w = width, s.width_size
        self.hidden, self.widest, self.entity_types = d, s.widest, entity_types
        self.sees_sentence = s.context == "sentence"
        self.detaches = s.detach_logits
        self.sees_identification = s.identification_logit and s.entity_mtl
        self.shown = entity_types + self.sees_identification if s.entity_logits else 0  # d3
        self.width = nn.Embedding(WIDTHS, w)
        none_class = 0 if s.entity_mtl else 1
        self.entity = Stage(2 * d + w, none_class + entity_types, is_multitask=s.entity_mtl)
        self.relation: Stage | None = None
        self.views: Views | None = None
        if relation_types:
            self.relation = Stage(3 * d + 2 * w, relation_types, is_multitask=s.relation_mtl)
        if relation_types and self.shown:
            self.views = Views(self.shown, relation_types + s.relation_mtl)
        self.dropout = nn.Dropout(s.dropout)
        self.apply(start_small)

    def judge_spans(self, features: Features, spans: Spans) -> tuple[Judged, Tensor]:
        """Judge these spans (Eq. 1-3, 6); their pooled vectors come along for the pairs."""
        v = range_max(features.units, spans.starts, spans.stops)  # (S, d)
        judged: Judged = self.entity(self.dropout(self._x(features, spans, v)))
        return judged, v

    def judge_pairs(
        self, features: Features, spans: Spans, v: Tensor, p: Tensor, ends: tuple[Ints, Ints]
    ) -> Judged:
        """Judge ordered pairs of spans (Eq. 14-16), by the positions of their two ends.

        `p` (S, d3) is what `shown_logits` makes of the spans' own judgement.
        """
        h = features.units
        context = range_max(h, *self._context(spans, *ends))  # (R, d)
        head, tail = (to_index(end, h) for end in ends)
        w = self._w(spans, h)
        parts = (context, v[head], v[tail], w[head], w[tail])
        judged: Judged = self._relation()(self.dropout(torch.cat(parts, dim=1)))
        if self.views is None:
            return judged
        as_head, as_tail = self.views.tables()
        return _added(judged, self.dropout(p[head]) @ as_head + self.dropout(p[tail]) @ as_tail)

    def shown_logits(self, judged: Judged) -> Tensor:
        """p(s) (S, d3): what the relation stage is shown of the entity stage's judgement."""
        if not self.shown:
            return judged.scores[:, :0]
        p = judged.scores[:, -self.entity_types :]
        if self.sees_identification and judged.identification is not None:
            p = torch.cat((p, judged.identification.unsqueeze(1)), dim=1)
        return p.detach() if self.detaches else p

    def all_span_scores(self, features: Features, unit_sentence: Ints) -> Iterator[Tensor]:
        """For w = 1..W yield the class scores (U - w + 1, C) of the spans that begin at each unit.

        Without multi-task they are logits, "none" first.
        """
        d, w = self.hidden, self.width.embedding_dim
        classes = self.entity.classes
        cls_weight, pool_weight, width_weight = torch.split(classes.weight, [d, d, w], dim=1)
        cls = functional.linear(features.sentences, cls_weight, classes.bias)  # (B, C)
        start = cls[to_index(unit_sentence, cls)]  # (U, C)
        by_width = self.width.weight[: self.widest + 1] @ width_weight.T  # (W + 1, C)
        for width, pooled in enumerate(running_max(features.units, self.widest), start=1):
            yield pooled @ pool_weight.T + start[: len(pooled)] + by_width[width]

    def all_pair_scores(self, features: Features, spans: Spans, ends: tuple[Ints, Ints]) -> Tensor:
        """Scores (P, K) of ordered pairs; the second half is the first half turned round.

        A pair and its reverse see one context, so only the first half's is made; what an end
        adds is computed once a span.
        """
        d, w = self.hidden, self.width.embedding_dim
        classes = self._relation().classes
        parts = torch.split(classes.weight, [d, d, d, w, w], dim=1)
        v = range_max(features.units, spans.starts, spans.stops)  # (E, d)
        own = torch.cat((v, self._w(spans, v)), dim=1)  # (E, d + w)
        as_head = own @ torch.cat((parts[1], parts[3]), dim=1).T  # (E, K)
        as_tail = own @ torch.cat((parts[2], parts[4]), dim=1).T  # (E, K)
        if self.views is not None:
            p = self.shown_logits(self.entity(self._x(features, spans, v)))  # (E, d3)
            head_view, tail_view = (one[:, -len(classes.weight) :] for one in self.views.tables())
            as_head, as_tail = as_head + p @ head_view, as_tail + p @ tail_view
        heads, tails = ends
        half = len(heads) // 2
        ranges = self._context(spans, heads[:half], tails[:half])
        between = range_max(features.units, *ranges)  # (P / 2, d)
        context = functional.linear(between, parts[0], classes.bias)  # (P / 2, K)
        scores = as_head[to_index(heads, v)] + as_tail[to_index(tails, v)]  # (P, K)
        return scores + context.repeat(2, 1)

    def _x(self, features: Features, spans: Spans, v: Tensor) -> Tensor:
        cls = features.sentences[to_index(spans.sentence, v)]  # (S, d)
        return torch.cat((cls, v, self._w(spans, v)), dim=1)  # (S, 2d + w)

    def _w(self, spans: Spans, like: Tensor) -> Tensor:
        vectors: Tensor = self.width(width_rows(spans, like))
        return vectors  # (S, w)

    def _context(self, spans: Spans, heads: Ints, tails: Ints) -> tuple[Ints, Ints]:
        return context_ranges(spans, heads, tails, sees_sentence=self.sees_sentence)

    def _relation(self) -> Stage:
        if self.relation is None:
            raise ValueError("this network knows no relation type")
        return self.relation


def _added(judged: Judged, more: Tensor) -> Judged:
    """Add what the views say (N, [1 +] K); the identification's column stands first."""
    if judged.identification is None:
        return Judged(None, judged.scores + more)
    return Judged(judged.identification + more[:, 0], judged.scores + more[:, 1:])
