"""SEA (section 3.4, equations 7-9): the sentence without the span, through attention and a BiGRU.

Written out, every span has its own attention and its own BiGRU over the whole sentence. Here
q, k and v are made once a unit; the attention of many spans comes from sums over the keys
before and the keys after them; all spans of a batch are rows of one recurrence, in parts that
fit a memory budget.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from extraction.models.common.spans import Spans, to_index
from extraction.models.iser.attention import attended
from extraction.models.iser.layout import Reading, reading_of, sentence_lengths, taken
from extraction.models.iser.recurrence import gate_weights, states
from extraction.models.iser.settings import Settings

Ints = np.ndarray[Any, np.dtype[np.int64]]

FLOATS_A_POSITION = 14  # times the width: what a part holds for each of its positions


class Sea(nn.Module):
    """c(s): what the rest of the sentence says, with the span itself masked."""

    def __init__(self, width: int, s: Settings) -> None:
        super().__init__()
        self.heads = heads_for(width, s.heads)
        self.attends = s.sea != "gru"
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width) if s.sea_norm else None
        self.blank = nn.Parameter(torch.randn(width) * 0.02) if s.mask == "vector" else None
        self.gru = nn.GRU(width, width // 2, bidirectional=True)
        self.returns_last = s.sea_return == "last"
        self.positions = max(1, s.sea_memory * (1 << 20) // (4 * FLOATS_A_POSITION * width))

    @property
    def size(self) -> int:
        """The size of c(s)."""
        return 2 * self.gru.hidden_size

    def forward(self, g: Tensor, spans: Spans, weight: Tensor | None = None) -> Tensor:
        """c(s) (S, d) of these spans over the flat units g (U, d), or c(s) weight^T."""
        if not len(spans):
            return g.new_zeros(0, self.size if weight is None else len(weight))
        order = np.lexsort((spans.sentence, -sentence_lengths(spans)))
        parts = list(self._parts(spans.at(order)))
        found: list[Tensor] = []
        for part in parts:
            if torch.is_grad_enabled() and len(parts) > 1:
                c = checkpoint(self._contexts, g, part, use_reentrant=False)
            else:
                c = self._contexts(g, part)
            found.append(c if weight is None else c @ weight.T)
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return taken(torch.cat(found), back)

    def shared(self, g: Tensor, borders: Ints) -> tuple[Tensor, Tensor]:
        """Both directions' states (U + 1, d / 2) of one reading a sentence, nothing masked.

        The last row is zero: what a span sees that begins or ends its sentence.
        """
        nothing = g.new_zeros(1, self.gru.hidden_size)
        if not len(g):
            return nothing, nothing
        whole = np.flatnonzero(np.diff(borders))
        whole = whole[np.argsort(-np.diff(borders)[whole], kind="stable")]
        reading = reading_of(Spans(borders[whole], borders[whole], whole, borders))
        place = np.empty_like(reading.unit)
        place[reading.unit] = np.arange(len(place))
        by_unit = taken(self._states(g, reading), place)  # (U, d)
        ahead, back = by_unit.chunk(2, dim=1)
        return torch.cat((ahead, nothing)), torch.cat((back, nothing))

    def _parts(self, spans: Spans) -> Iterator[Spans]:
        """Cut spans, ordered by their sentences' lengths, to what the budget holds at once."""
        begin = 0
        lengths = sentence_lengths(spans)
        while begin < len(spans):
            end = begin + max(1, self.positions // int(lengths[begin]))
            yield spans.at(np.arange(begin, min(end, len(spans))))
            begin = end

    def _contexts(self, g: Tensor, spans: Spans) -> Tensor:
        """c(s) of as many spans as fit."""
        reading = reading_of(spans)
        states_ = self._states(g, reading)  # (N, d)
        if not self.returns_last:
            rows = to_index(reading.span, g).unsqueeze(1).expand_as(states_)
            nothing = g.new_zeros(len(spans), self.size)
            return nothing.scatter_reduce(0, rows, states_, "amax", include_self=False)
        ahead, back = states_.chunk(2, dim=1)
        return torch.cat((taken(ahead, reading.last), back[: len(spans)]), dim=1)

    def _states(self, g: Tensor, reading: Reading) -> Tensor:
        """The BiGRU's states (N, d) over the masked sentences (equations 7-9)."""
        blank = g.new_zeros(1, g.shape[1]) if self.blank is None else self.blank.unsqueeze(0)
        x = torch.cat((g, blank))  # (U + 1, d): the last row stands for what is masked
        o = self._attend(x, reading) if self.attends else None
        if self.norm is None:
            gates = self._folded(x, o, reading)
        else:
            gates = self._normed(self.norm, x, o, reading)
        return states(self.gru, gates, reading.counts.tolist())

    def _folded(self, x: Tensor, o: Tensor | None, reading: Reading) -> Tensor:
        """W (W_o o + b_o + x) + b (N, 6H) as (W W_o) o + (W (x + b_o) + b), the latter a unit's.

        The row of what is masked has no b_o where nothing is attended there.
        """
        weight, bias = gate_weights(self.gru)  # (6H, d), (6H,)
        if o is None:
            return taken(torch.addmm(bias, x, weight.T), reading.seen)
        has_bias = torch.ones_like(x[:, :1])
        has_bias[-1] = float(self.blank is not None)
        base = torch.addmm(bias, x + has_bias * self.out.bias, weight.T)  # (U + 1, 6H)
        return torch.addmm(taken(base, reading.seen), o, (weight @ self.out.weight).T)

    def _normed(self, norm: nn.LayerNorm, x: Tensor, o: Tensor | None, reading: Reading) -> Tensor:
        """The same gates (N, 6H) with a normalisation between, which cannot be folded away."""
        a = taken(x, reading.seen)  # (N, d)
        a = norm(a if o is None else a + self.out(o))
        if self.blank is None:
            a = a.masked_fill(to_index(reading.is_masked, x).unsqueeze(1), 0.0)
        weight, bias = gate_weights(self.gru)
        return torch.addmm(bias, a, weight.T)

    def _attend(self, x: Tensor, reading: Reading) -> Tensor:
        """Multi-head self-attention (N, d) before the output projection; zero where masked."""
        return attended(self.qkv(x), self.heads, reading, sees_masked=self.blank is not None)


def heads_for(width: int, most: int) -> int:
    """The largest number of heads up to `most` that divides the width."""
    return max(count for count in range(1, most + 1) if width % count == 0)
