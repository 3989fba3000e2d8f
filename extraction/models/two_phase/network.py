"""The figure of the paper: fused spans and pairs, judged first coarsely, then by type.

E'(s) = fuse(pool(s); x_0; W[width]), R(e1, e2) = fuse(E'(e1); E'(e2); pool(between); D[distance]),
R'(e1, e2) = fuse(R; C[type1, type2, distance]). Training fuses the drawn spans as the paper
writes them; prediction applies every matrix to the parts and fuses what comes out.
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
from extraction.models.common.pairs import between
from extraction.models.common.settings import WIDTHS
from extraction.models.common.span_parts import context_ranges, flags, start_small, width_rows
from extraction.models.common.spans import Spans, range_max, running_max, to_index
from extraction.models.two_phase.fusion import Absent, Fusion
from extraction.models.two_phase.settings import Settings

Ints = np.ndarray[Any, np.dtype[np.int64]]
Ends = tuple[Ints, Ints]  # ordered pairs: the positions (P,) of heads and of tails
SPAN, PAIR, TYPE = 0, 1, 2  # whose gate
CONTEXT = 2  # the place of the context among the parts of a pair


@dataclass(frozen=True, slots=True)
class Judged:
    """Logits of N spans or pairs: whether it is one, and which."""

    whether: Tensor | None  # (N, 2), no and yes; None when both are judged at once
    which: Tensor  # (N, C), or (N, 1 + C) with "none" first when both are judged at once


class Roles(nn.Module):
    """What tells head from tail, where a gate or a sum would not."""

    def __init__(self, size: int, kind: str) -> None:
        super().__init__()
        self.vectors = nn.Embedding(2, size) if kind == "vectors" else None
        self.matrices = (
            nn.ModuleList(nn.Linear(size, size, bias=False) for _ in range(2))
            if kind == "projections"
            else None
        )

    def forward(self, e: Tensor, role: int) -> Tensor:
        """E'(e) (N, d) as a head (0) or as a tail (1)."""
        if self.vectors is not None:
            return e + self.vectors.weight[role]
        if self.matrices is not None:
            projected: Tensor = self.matrices[role](e)
            return projected
        return e

    def start_alike(self) -> None:
        """Let both matrices begin near the identity."""
        for layer in self.matrices or ():
            if isinstance(layer, nn.Linear):
                with torch.no_grad():
                    layer.weight += torch.eye(layer.out_features)


class TwoPhaseNetwork(nn.Module):
    """Both phases; logits out, never probabilities."""

    def __init__(self, width: int, entity_types: int, relation_types: int, s: Settings) -> None:
        super().__init__()
        d = width
        self.s, self.entity_types, self.relation_types = s, entity_types, relation_types
        self.none_class = 0 if s.two_phase else 1
        self.width = nn.Embedding(WIDTHS, d)
        self.gates = nn.Embedding(1 if s.share_gate else 3, d) if s.fusion == "gate" else None
        self.of_span = Fusion(s.fusion, (d, d, d))
        e, h = self.of_span.size, s.hidden or 0
        self.span_ffn = nn.Linear(e, h) if h else None
        self.entity = nn.Linear(h or e, 2) if s.two_phase else None  # W2, b2
        self.entity_type = nn.Linear(h or e, self.none_class + entity_types)  # W4, b4
        self.dropout = nn.Dropout(s.dropout)
        if relation_types:
            self._add_relations(d)
        self.apply(start_small)
        if self.span_ffn is not None:
            self.span_ffn.reset_parameters()
        if relation_types:
            self._start_relations()

    def _add_relations(self, d: int) -> None:
        """What only pairs need."""
        s, e = self.s, self.of_span.size
        has_distance = s.binary_features and s.two_phase
        self.of_pair = Fusion(s.fusion, (e, e, d, d) if has_distance else (e, e, d))
        self.roles = Roles(e, "none" if s.fusion == "concatenation" else s.roles)
        self.distance = nn.Embedding(s.farthest + 1, d) if has_distance else None
        self.pair_ffn = nn.Linear(self.of_pair.size, d) if s.pair_hidden else None
        r = d if s.pair_hidden else self.of_pair.size
        self.relation = nn.Linear(r, 2) if s.two_phase else None  # W3, b3
        rows = self.entity_types * self.entity_types * (s.farthest + 1)
        self.types = nn.Embedding(rows, d) if s.type_features else None
        self.of_type = Fusion(s.fusion, (r, d))
        size = self.of_type.size if s.type_features else r
        self.relation_type = nn.Linear(size, self.none_class + self.relation_types)  # W5, b5

    def _start_relations(self) -> None:
        self.roles.start_alike()
        if self.pair_ffn is not None:
            self.pair_ffn.reset_parameters()

    def fuse_spans(self, features: Features, spans: Spans) -> Tensor:
        """E'(s) (S, e) of these spans (Eq. 4, 5)."""
        pooled = range_max(features.units, spans.starts, spans.stops)  # (S, d)
        x0 = features.sentences[to_index(spans.sentence, pooled)]  # (S, d)
        w = self.width(width_rows(spans, pooled))  # (S, d)
        return self.of_span.fuse((pooled, x0, w), self._gate(SPAN))

    def judge_spans(self, fused: Tensor) -> Judged:
        """Both phases of spans E' (S, e) (Eq. 6, 12)."""
        z = self._deep(fused, self.span_ffn)
        whether = None if self.entity is None else self.entity(z)
        return Judged(whether, self.entity_type(z))

    def fuse_pairs(self, features: Features, spans: Spans, fused: Tensor, ends: Ends) -> Tensor:
        """R (P, r) of ordered pairs of spans (Eq. 8, 9)."""
        starts, stops = self._context(spans, ends)
        head, tail = (to_index(end, fused) for end in ends)
        parts = [
            self.roles(fused[head], 0),
            self.roles(fused[tail], 1),
            range_max(features.units, starts, stops),
        ]
        if self.distance is not None:
            parts.append(self.distance(to_index(self.distances(spans, ends), fused)))
        return self.of_pair.fuse(parts, self._gate(PAIR), self._absent(starts, stops, fused))

    def judge_whether(self, r: Tensor) -> Tensor | None:
        """Phase one of pairs R (P, r): logits (P, 2) (Eq. 10), or None if there is one phase."""
        if self.relation is None:
            return None
        whether: Tensor = self.relation(self._deep(r, self.pair_ffn))
        return whether

    def judge_which(self, r: Tensor, type_rows: Ints) -> Tensor:
        """Types of pairs R (P, r) whose ends have these types: logits (P, K) (Eq. 13, 14)."""
        z = r if self.pair_ffn is None else self._deep(r, self.pair_ffn)
        if self.types is not None:
            c = self.types(to_index(type_rows, z))  # (P, d)
            z = self.of_type.fuse((z, c), self._gate(TYPE))
        which: Tensor = self.relation_type(self.dropout(z))
        return which

    def all_spans(self, features: Features, unit_sentence: Ints) -> Iterator[Tensor]:
        """For w = 1..W yield logits (U - w + 1, [2 +] C) of the spans that begin at each unit."""
        layers = [one for one in (self.entity, self.entity_type) if one is not None]
        weight = torch.cat([one.weight for one in layers])
        bias = torch.cat([one.bias for one in layers])
        first = weight if self.span_ffn is None else self.span_ffn.weight
        of_pool, of_x0, of_width = self.of_span.matrices(first, self._gate(SPAN))
        x0 = (features.sentences @ of_x0.T)[to_index(unit_sentence, features.units)]  # (U, r)
        by_width = self.width.weight[: self.s.widest + 1] @ of_width.T  # (W + 1, r)
        for w, pooled in enumerate(running_max(features.units, self.s.widest), start=1):
            parts = (pooled @ of_pool.T, x0[: len(pooled)], by_width[w : w + 1])
            yield _after(self.of_span.combine(parts), self.span_ffn, weight) + bias

    def all_pairs(self, features: Features, spans: Spans, types: Ints, ends: Ends) -> Judged:
        """Judge ordered pairs; the second half is the first half turned round.

        `types` (S,) are those of the spans, from 1. A pair and its reverse see one context and
        one distance; what an end adds is computed once a span.
        """
        fused = self.fuse_spans(features, spans)  # (E, e)
        weight = self._type_matrices()[0]
        if self.relation is not None:
            weight = torch.cat((self.relation.weight, weight))
        first = weight if self.pair_ffn is None else self.pair_ffn.weight
        applied, absent = self._applied(features, spans, fused, ends, first)
        found = _after(self.of_pair.combine(applied, absent), self.pair_ffn, weight)
        whether, rest = None, found
        if self.relation is not None:
            whether, rest = found[:, :2] + self.relation.bias, found[:, 2:]
        if self.types is not None:
            table = self.types.weight @ self._type_matrices()[1].T  # (C * C * distances, r')
            rows = to_index(self.type_rows(spans, types, ends), fused)
            rest = self.of_type.combine((rest, table[rows]))
        return Judged(whether, rest + self.relation_type.bias)

    def distances(self, spans: Spans, ends: Ends) -> Ints:
        """The words between both ends of each pair, the farthest at most; 0 where they overlap."""
        starts, stops = between(*((spans.starts[one], spans.stops[one]) for one in ends))
        apart: Ints = np.minimum(stops - starts, self.s.farthest)
        return apart

    def type_rows(self, spans: Spans, types: Ints, ends: Ends) -> Ints:
        """The row of C for each pair (Eq. 13): type of head, type of tail, distance."""
        head, tail = (types[end] - 1 for end in ends)
        pair = head * self.entity_types + tail
        rows: Ints = pair * (self.s.farthest + 1) + self.distances(spans, ends)
        return rows

    def _applied(
        self, features: Features, spans: Spans, fused: Tensor, ends: Ends, weight: Tensor
    ) -> tuple[list[Tensor], Absent | None]:
        """Each part of the pairs under what will be applied to R, and where context is absent."""
        matrices = self.of_pair.matrices(weight, self._gate(PAIR))
        half = len(ends[0]) // 2
        starts, stops = self._context(spans, (ends[0][:half], ends[1][:half]))
        context = range_max(features.units, starts, stops) @ matrices[CONTEXT].T
        applied = [
            (self.roles(fused, role) @ matrices[role].T)[to_index(end, fused)]
            for role, end in enumerate(ends)
        ]
        applied.append(context.repeat(2, 1))
        if self.distance is not None:
            table = self.distance.weight @ matrices[-1].T  # (distances, r')
            applied.append(table[to_index(self.distances(spans, ends), fused)])
        return applied, self._absent(np.tile(starts, 2), np.tile(stops, 2), fused)

    def _deep(self, fused: Tensor, ffn: nn.Linear | None) -> Tensor:
        """What a classifier reads of a fused vector, through a hidden layer if there is one."""
        z: Tensor = self.dropout(fused)
        return z if ffn is None else functional.gelu(ffn(z))

    def _type_matrices(self) -> list[Tensor]:
        """What is applied to R and to C[...], so that both together give W5 R'."""
        if self.types is None:
            return [self.relation_type.weight]
        return self.of_type.matrices(self.relation_type.weight, self._gate(TYPE))

    def _gate(self, whose: int) -> Tensor:
        """W1 (1, d) of a fusion; without gates nothing asks for it."""
        if self.gates is None:
            return self.width.weight[:0]
        place = 0 if self.s.share_gate else whose
        return self.gates.weight[place : place + 1]

    def _context(self, spans: Spans, ends: Ends) -> tuple[Ints, Ints]:
        return context_ranges(spans, *ends, sees_sentence=self.s.context == "sentence")

    def _absent(self, starts: Ints, stops: Ints, like: Tensor) -> Absent | None:
        if self.s.empty_context != "left out":
            return None
        return CONTEXT, flags(starts == stops, like)


def _after(found: Tensor, ffn: nn.Linear | None, weight: Tensor) -> Tensor:
    """What the classifiers' matrices make of a hidden layer's sums; without one it is made."""
    return found if ffn is None else functional.gelu(found + ffn.bias) @ weight.T
