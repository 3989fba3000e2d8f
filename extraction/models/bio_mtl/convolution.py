"""One convolution a sentence for all its pairs of entities.

The convolution is linear before g, and g is monotone, so that it may follow the maximum:
conv(pair a, b)[t] = S[t] + U_a[t] + V_b[t]. S comes from words and tags and is made once a
sentence. U and V come from the two position embeddings; they depend on t - a, on the taps that
fall off the sentence, and on those that fall inside the entity, where the distance is 0. With
T[c][o] = sum of P[o + tap - pad] W_tap over tap < c they are read as T[hi] - T[lo].
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from extraction.models.common.spans import to_index

Ints = np.ndarray[Any, np.dtype[np.int64]]

ROWS_AT_ONCE = 512  # rows of filters that one block of pairs lays side by side, small as a cache
ROWS_ON_GPU = 1 << 18


def padding_left(k: int) -> int:
    """How many of a window's taps lie before its unit; an even window has one more behind."""
    return (k - 1) // 2


def joined_weight(windows: Sequence[nn.Conv1d]) -> tuple[Tensor, int]:
    """All filters (F, inputs, K) over the union of their windows, and the taps before the unit."""
    sizes = [one.kernel_size[0] for one in windows]
    left = max(padding_left(k) for k in sizes)
    right = max(k - 1 - padding_left(k) for k in sizes)
    padded = [
        functional.pad(one.weight, (left - padding_left(k), right - (k - 1 - padding_left(k))))
        for one, k in zip(windows, sizes, strict=True)
    ]
    return torch.cat(padded), left


def word_part(inputs: Tensor, counts: Ints, windows: Sequence[nn.Conv1d]) -> Tensor:
    """What the first columns of the filters make of sentences (N, D) laid end to end, (N, F).

    Without bias. Sentences see zeros beyond their ends.
    """
    sizes = [one.kernel_size[0] for one in windows]
    left, width = max(padding_left(k) for k in sizes), inputs.shape[1]
    longest = int(counts.max())
    row = np.repeat(np.arange(len(counts)), counts)
    within = ranges(np.zeros_like(counts), counts)
    room = longest + max(sizes) - 1
    wide = inputs.new_zeros(len(counts) * room, width)
    wide = wide.index_copy(0, to_index(row * room + left + within, inputs), inputs)
    x = wide.view(len(counts), room, width).transpose(1, 2)  # (M, D, room)
    parts = []
    for one, k in zip(windows, sizes, strict=True):
        begin = left - padding_left(k)
        seen = x[:, :, begin : begin + longest + k - 1]
        parts.append(functional.conv1d(seen, one.weight[:, :width]))
    everywhere = torch.cat(parts, dim=1).transpose(1, 2).flatten(0, 1)  # (M * longest, F)
    return everywhere[to_index(row * longest + within, inputs)]


def tag_part(vectors: Tensor, weight: Tensor, left: int, tags: Ints, counts: Ints) -> Tensor:
    """The same for tags (N,), each a row of `vectors` (T, p), by their part (F, p, K).

    There are few tags, so that each tap is looked up and the taps are summed.
    """
    filters, size, taps = weight.shape
    table = (vectors @ weight.permute(1, 2, 0).reshape(size, -1)).view(-1, filters)  # (T * K, F)
    table = torch.cat((table, table.new_zeros(1, filters)))
    t, n = ranges(np.zeros_like(counts), counts), np.repeat(counts, counts)
    offsets = np.arange(taps) - left
    is_inside = (t[:, None] + offsets >= 0) & (t[:, None] + offsets < n[:, None])
    place = np.where(is_inside, np.arange(len(tags))[:, None] + offsets, 0)
    rows = np.where(is_inside, tags[place] * taps + np.arange(taps), len(table) - 1)
    summed: Tensor = functional.embedding_bag(
        to_index(rows, table), table, mode="sum", padding_idx=len(table) - 1
    )
    return summed


@dataclass(frozen=True, slots=True)
class PositionTable:
    """T (K + 1, 2r + 1, F) and, for distance 0 at every tap, (K + 1, F)."""

    far: Tensor
    inside: Tensor
    left: int

    @property
    def reach(self) -> int:
        """r, the largest distance that has a column."""
        return self.far.shape[1] // 2

    def read(self, places: Places) -> Tensor:
        """U (rows, F): what the distances to each row's entity add to its filters."""
        t, n = places.t, places.n
        taps = self.inside.shape[0] - 1
        column = np.clip(t - places.start, -self.reach, self.reach) + self.reach
        lo, hi = np.maximum(self.left - t, 0), np.minimum(n - t + self.left, taps)
        u = self._far(hi, column)
        off = np.flatnonzero(lo)
        u = u.index_add_(0, to_index(off, u), self._far(lo[off], column[off]), alpha=-1)
        begin = np.clip(places.start + 1 - t + self.left, 0, taps)
        end = np.clip(places.stop - t + self.left, 0, taps)
        within = np.flatnonzero(end > begin)
        c1, c2 = begin[within], end[within]
        at_zero = self.inside[to_index(c2, u)] - self.inside[to_index(c1, u)]
        assumed = self._far(c2, column[within]) - self._far(c1, column[within])
        return u.index_add_(0, to_index(within, u), at_zero - assumed)

    def _far(self, taps: Ints, columns: Ints) -> Tensor:
        flat = self.far.flatten(0, 1)
        rows: Tensor = flat.index_select(0, to_index(taps * self.far.shape[1] + columns, flat))
        return rows


@dataclass(frozen=True, slots=True)
class Places:
    """Rows (unit t of a sentence of n, seen from the entity [start, stop)), all counted from 0."""

    t: Ints
    n: Ints
    start: Ints
    stop: Ints


def position_table(vectors: Tensor, weight: Tensor, left: int, longest: int) -> PositionTable:
    """Cumulative taps for sentences of up to `longest` units.

    `vectors` are the embeddings (2 clip + 1, p) of the distances, `weight` their part
    (F, p, K) of the joined filters.
    """
    clip = len(vectors) // 2
    filters, size, taps = weight.shape
    reach = min(longest - 1, clip + taps)
    near = min(clip, reach + taps)  # no tap reads a vector beyond it
    seen = vectors[clip - near : clip + near + 1]
    q = (seen @ weight.permute(1, 2, 0).reshape(size, -1)).view(-1, taps, filters)
    distance = np.arange(-reach, reach + 1) + (np.arange(taps) - left)[:, None]  # (K, 2r + 1)
    rows = to_index(np.clip(distance, -near, near) + near, q)
    by_tap = q[rows, torch.arange(taps, device=q.device).unsqueeze(1)]  # (K, 2r + 1, F)
    far = torch.cat((by_tap.new_zeros(1, *by_tap.shape[1:]), by_tap.cumsum(0)))
    inside = torch.cat((q.new_zeros(1, filters), q[near].cumsum(0)))
    return PositionTable(far, inside, left)


def pair_maxima(own: Tensor, other: Tensor, begins: tuple[Ints, Ints], counts: Ints) -> Tensor:
    """max over t < count of own[begin + t] + other[begin' + t], (P, F); 0 where count is 0."""
    maxima: Tensor
    if torch.is_grad_enabled() and (own.requires_grad or other.requires_grad):
        maxima = _PairMaxima.apply(own, other, begins, counts)  # type: ignore[no-untyped-call]
    else:
        maxima, _ = _maxima(own, other, begins, counts, with_places=False)
    return maxima


class _PairMaxima(torch.autograd.Function):
    """Each maximum remembers its t, so that going back is one scatter for each side."""

    @staticmethod
    def forward(ctx: Any, own: Tensor, other: Tensor, begins: Any, counts: Ints) -> Tensor:
        maxima, places = _maxima(own, other, begins, counts, with_places=True)
        ctx.begins, ctx.is_empty = begins, to_index(counts == 0, own).unsqueeze(1)
        ctx.shapes = own.shape, other.shape
        ctx.save_for_backward(places)
        return maxima

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None, None]:
        (places,) = ctx.saved_tensors
        gradient = gradients[0].masked_fill(ctx.is_empty, 0.0)
        own, other = (
            gradient.new_zeros(shape).scatter_add(
                0, (places + to_index(begin, places).unsqueeze(1)).clamp(max=shape[0] - 1), gradient
            )
            for shape, begin in zip(ctx.shapes, ctx.begins, strict=True)
        )
        return own, other, None, None


def _maxima(
    own: Tensor, other: Tensor, begins: tuple[Ints, Ints], counts: Ints, *, with_places: bool
) -> tuple[Tensor, Tensor]:
    """The maxima and, if asked, where they stand; blocks of pairs of like length in two buffers."""
    maxima = own.new_zeros(len(counts), own.shape[1])
    places = torch.zeros_like(maxima, dtype=torch.int64) if with_places else maxima
    buffers = (own.new_empty(0), own.new_empty(0))
    for pairs, longest in _blocks(counts, ROWS_ON_GPU if own.is_cuda else ROWS_AT_ONCE):
        t = np.minimum(np.arange(longest), counts[pairs][:, None] - 1)  # the last row again
        mine, theirs = ((begin[pairs][:, None] + t).ravel() for begin in begins)
        size = (len(mine), own.shape[1])
        a, b = (one.resize_(size) for one in buffers)
        torch.index_select(own, 0, to_index(mine, own), out=a)
        torch.index_select(other, 0, to_index(theirs, own), out=b)
        summed = a.add_(b).view(len(pairs), longest, -1)
        best = summed.amax(1)
        rows = to_index(pairs, own)
        maxima[rows] = best
        if with_places:
            places[rows] = _first_at(summed, best)
    return maxima, places


def _first_at(summed: Tensor, best: Tensor) -> Tensor:
    """Where each maximum stands first; destroys `summed`. Far faster on a CPU than argmax."""
    longest = summed.shape[1]
    back = torch.arange(longest, 0, -1, dtype=summed.dtype, device=summed.device)
    return longest - summed.ge_(best.unsqueeze(1)).mul_(back.view(1, -1, 1)).amax(1).long()


def _blocks(counts: Ints, rows: int) -> Iterator[tuple[Ints, int]]:
    """Pairs in the order of their lengths, so many at once that they fill `rows`."""
    order = np.argsort(counts, kind="stable")
    begin = int(np.searchsorted(counts[order], 0, side="right"))
    while begin < len(order):
        end = begin + max(1, rows // int(counts[order[begin]]))
        longest = int(counts[order[min(end, len(order)) - 1]])
        end = begin + max(1, rows // longest)
        pairs = order[begin:end]
        yield pairs, int(counts[pairs[-1]])
        begin = end


def ranges(starts: Ints, counts: Ints) -> Ints:
    """start, start + 1, ... for each range, one after the other."""
    before = np.cumsum(counts) - counts
    return np.repeat(starts - before, counts) + np.arange(int(counts.sum()))
