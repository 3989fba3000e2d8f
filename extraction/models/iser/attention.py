"""Self-attention in the sentence of each span, the span's own units left out of the keys.

out_t = (sum_{u < i} e_tu v_u + sum_{u >= j} e_tu v_u) / (the same sums of e_tu) for a span
[i, j), with e_tu = exp(score - maximum of t's row). The scores do not depend on the span. Of
many spans the sums are read from sums over the first and the last keys; of few they are
products with values that are zero where a span stands. Sums are added, never subtracted, so
no digits are lost; where a row's maximum is masked and outweighs all the rest, the softmax
of that query is computed directly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor
from torch.nn import functional

from extraction.models.common.spans import to_index
from extraction.models.iser.layout import Reading, rectangle, taken

Ints = np.ndarray[Any, np.dtype[np.int64]]

STARVED = 1e-20  # a smaller sum of what a query sees has lost its digits
MANY = 1.0  # spans a unit from which sums over the first and last keys are cheaper


@dataclass(frozen=True, slots=True)
class _Table:
    """What no span changes, of B sentences of at most M units: e_tu, and the values with a one.

    Where masked units can be seen, a place of its own behind the M units stands for them.
    """

    scores: Tensor  # (B, heads, Q, Q), -inf where there is no key
    e: Tensor  # (B, heads, Q, Q)
    values: Tensor  # (B, heads, Q, x), x = d / heads + 1: the denominator is summed alike
    units: int  # M


@dataclass(frozen=True, slots=True)
class _Cuts:
    """Where each of S spans is cut out of its sentence, and what is asked at N positions."""

    sentence: Ints  # (S,) counted among the B
    slot: Ints  # (S,) counted among the spans of its sentence
    start: Ints  # (S,) counted from the sentence's beginning
    stop: Ints  # (S,)
    span: Ints  # (N,)
    query: Ints  # (N,)


def attended(qkv: Tensor, heads: int, reading: Reading, *, sees_masked: bool) -> Tensor:
    """The attention's output (N, d) at each position of a reading, before any projection.

    `qkv` (U + 1, 3d) are queries, keys and values of all units and, in the last row, of what
    stands for a masked unit. Unless that can be seen, masked units are no keys, and nothing
    is attended (zeros) where they stand. The spans of a sentence stand together.
    """
    table, cuts = _prepared(qkv, heads, reading, sees_masked=sees_masked)
    is_many = len(cuts.start) > MANY * table.units * len(table.e)
    sums = (_by_prefix if is_many else _by_product)(table, cuts)  # (N, heads, x)
    if sees_masked:
        sums = sums + _of_blank(table, cuts)
    weight = sums[..., -1:]
    out = sums[..., :-1] / weight.clamp(min=STARVED)
    is_idle = to_index(reading.is_masked & (not sees_masked), out)
    bad = ((weight.detach() < STARVED).flatten(1).any(dim=1) & ~is_idle).nonzero().squeeze(1)
    if len(bad):
        out = out.index_copy(0, bad, _redone(table, cuts, bad.cpu().numpy()))
    return out.flatten(1).masked_fill(is_idle.unsqueeze(1), 0.0)


def _prepared(
    qkv: Tensor, heads: int, reading: Reading, *, sees_masked: bool
) -> tuple[_Table, _Cuts]:
    spans = reading.spans
    is_first = np.ones(len(spans), dtype=bool)
    is_first[1:] = spans.sentence[1:] != spans.sentence[:-1]
    sentence = np.cumsum(is_first) - 1
    layout = rectangle(spans.borders, spans.sentence[is_first])
    most = layout.units.shape[1]
    blank = np.full((len(layout.units), int(sees_masked)), spans.borders[-1])
    rows = np.concatenate((layout.units, blank), axis=1)  # (B, Q)
    is_key = np.concatenate((layout.is_filled, blank >= 0), axis=1)
    parts = taken(qkv, rows).view(*rows.shape, 3, heads, -1)
    q, k, v = parts.permute(2, 0, 3, 1, 4)  # (B, heads, Q, d / heads) each
    scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[3])
    scores = scores.masked_fill(to_index(~is_key, q)[:, None, None, :], float("-inf"))
    e = (scores - scores.detach().amax(dim=3, keepdim=True)).exp()
    table = _Table(scores, e, functional.pad(v, (0, 1), value=1.0), most)
    first = spans.borders[spans.sentence]
    cuts = _Cuts(
        sentence=sentence,
        slot=np.arange(len(spans)) - np.flatnonzero(is_first)[sentence],
        start=spans.starts - first,
        stop=spans.stops - first,
        span=reading.span,
        query=np.where(reading.is_masked & sees_masked, most, reading.place),
    )
    return table, cuts


def _by_prefix(table: _Table, cuts: _Cuts) -> Tensor:
    """The sums (N, heads, x) over the keys before i and from j on, read from running sums."""
    m = table.units
    e, v = table.e[..., :m], table.values[:, :, :m]
    each = e.permute(0, 3, 2, 1).unsqueeze(4) * v.transpose(1, 2).unsqueeze(2)
    before = functional.pad(each.cumsum(1), (0, 0, 0, 0, 0, 0, 1, 0))  # (B, M + 1, Q, heads, x)
    after = functional.pad(each.flip(1).cumsum(1).flip(1), (0, 0, 0, 0, 0, 0, 0, 1))
    queries = each.shape[2]
    row = cuts.sentence * (m + 1)
    to_start = ((row + cuts.start) * queries)[cuts.span] + cuts.query
    to_stop = ((row + cuts.stop) * queries)[cuts.span] + cuts.query
    seen = taken(before.flatten(0, 2).flatten(1), to_start)
    seen = seen + taken(after.flatten(0, 2).flatten(1), to_stop)  # (N, heads * x)
    return seen.view(-1, *each.shape[3:])


def _by_product(table: _Table, cuts: _Cuts) -> Tensor:
    """The same sums from one product a sentence and head, with values cut out a span."""
    m, slots = table.units, int(cuts.slot.max()) + 1
    b, heads, queries, x = table.values.shape
    places = np.arange(m)
    is_kept = np.ones((b, m, slots), dtype=bool)
    is_kept[cuts.sentence, :, cuts.slot] = (places < cuts.start[:, None]) | (
        places >= cuts.stop[:, None]
    )
    kept = to_index(is_kept, table.e).view(b, 1, m, slots, 1)
    cut = (table.values[:, :, :m].unsqueeze(3) * kept).flatten(3)  # (B, heads, M, slots * x)
    product = (table.e[..., :m] @ cut).view(b, heads, queries, slots, x)
    row = ((cuts.sentence * slots + cuts.slot) * queries)[cuts.span] + cuts.query
    by_row = product.permute(0, 3, 2, 1, 4).flatten(3).flatten(0, 2)  # (.., heads * x)
    return taken(by_row, row).view(-1, heads, x)


def _of_blank(table: _Table, cuts: _Cuts) -> Tensor:
    """What is masked adds to the sums (N, heads, x): as many like keys as the span is wide."""
    sentence = to_index(cuts.sentence[cuts.span], table.e)
    width = to_index((cuts.stop - cuts.start)[cuts.span], table.e)[:, None, None]
    e = table.e[sentence, :, to_index(cuts.query, table.e), table.units]  # (N, heads)
    return width * e.unsqueeze(2) * table.values[sentence, :, table.units]


def _redone(table: _Table, cuts: _Cuts, positions: Ints) -> Tensor:
    """The masked softmax itself (n, heads, d / heads) at a few positions."""
    span = cuts.span[positions]
    sentence = to_index(cuts.sentence[span], table.e)
    scores = table.scores[sentence, :, to_index(cuts.query[positions], table.e)]  # (n, heads, Q)
    places = np.arange(scores.shape[2])
    is_hidden = (places >= cuts.start[span, None]) & (places < cuts.stop[span, None])
    scores = scores.masked_fill(to_index(is_hidden, scores).unsqueeze(1), float("-inf"))
    if scores.shape[2] > table.units:  # as many masked keys as the span is wide
        width = np.where(places == table.units, (cuts.stop - cuts.start)[span, None], 1)
        scores = scores + to_index(width, scores).to(scores.dtype).log().unsqueeze(1)
    weights = scores.softmax(dim=2).unsqueeze(2)  # (n, heads, 1, Q)
    found: Tensor = (weights @ table.values[sentence][..., :-1]).squeeze(2)
    return found
