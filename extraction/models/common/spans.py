"""Max-pooling of spans without masks, over the units of a whole batch laid end to end.

Units of all sentences stand in one array (U, d), without padding; a span is a half-open
range of rows. All spans come from a running maximum, chosen ones from a sparse table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans over the batch's flat units, and the sentence each lies in."""

    starts: Ints
    stops: Ints
    sentence: Ints
    borders: Ints  # (B + 1,) where each sentence's units begin, and where the last ends

    def __len__(self) -> int:
        return len(self.starts)

    def at(self, chosen: Ints) -> Spans:
        """These rows only."""
        return Spans(self.starts[chosen], self.stops[chosen], self.sentence[chosen], self.borders)

    @property
    def widths(self) -> Ints:
        """Their widths in units."""
        return self.stops - self.starts


def borders_of(unit_counts: Sequence[int]) -> Ints:
    """The borders of sentences with these many units, laid end to end."""
    return np.cumsum([0, *unit_counts], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class EverySpan:
    """All spans of width 1..W of a batch, width-major, as `running_max` makes them."""

    spans: Spans
    starts: list[Ints]  # for each width the rows of `running_max`'s output that are real spans

    def gather(self, by_width: Iterable[Tensor]) -> Tensor:
        """Pick the real spans (S, ...) from what was computed for each width."""
        picked = [
            rows[to_index(starts, rows)] for rows, starts in zip(by_width, self.starts, strict=True)
        ]
        return torch.cat(picked)


def every_span(unit_counts: Sequence[int], widest: int) -> EverySpan:
    """Lay out all spans of width 1..widest that stay within their sentence."""
    borders = borders_of(unit_counts)
    total = int(borders[-1])
    sentence = np.repeat(np.arange(len(unit_counts)), unit_counts)
    room = borders[sentence + 1] - np.arange(total)  # units from here to the sentence's end
    starts = [np.flatnonzero(room >= width) for width in range(1, min(widest, total) + 1)]
    first = np.concatenate(starts) if starts else np.zeros(0, dtype=np.int64)
    widths = np.repeat(np.arange(1, len(starts) + 1), [len(one) for one in starts])
    return EverySpan(Spans(first, first + widths, sentence[first], borders), starts)


def running_max(units: Tensor, widest: int) -> Iterator[Tensor]:
    """Yield P_w for w = 1..widest: row i is the maximum of units[i : i + w].

    Rows that would cross into the next sentence are made too; the caller leaves them out.
    """
    pooled = units  # (U, d)
    yield pooled
    for width in range(2, min(widest, len(units)) + 1):
        pooled = torch.maximum(pooled[:-1], units[width - 1 :])  # (U - w + 1, d)
        yield pooled


def range_max(values: Tensor, starts: Ints, stops: Ints) -> Tensor:
    """Return the maximum of values[start:stop] for each range; zeros for an empty one.

    Sparse table: T_0 = values, T_k[i] = max(T_{k-1}[i], T_{k-1}[i + 2^(k-1)]); two gathers a
    range, whatever its width. Ranges are numpy arrays, so that a GPU is never waited for.
    """
    if len(starts) == 0:
        return values.new_zeros(0, values.shape[1])
    if bool((stops - starts == 1).all()):
        return values[to_index(starts, values)]
    if values.requires_grad and torch.is_grad_enabled():
        pooled: Tensor = _RangeMax.apply(values, starts, stops)  # type: ignore[no-untyped-call]
        return pooled
    return _pooled(values, _by_level(starts, stops))


class _RangeMax(torch.autograd.Function):
    """The same with a gradient: each maximum remembers its row, so going back is one scatter."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, starts: Ints, stops: Ints) -> Tensor:
        pooled, rows = _pooled_rows(values, _by_level(starts, stops))
        is_empty = to_index(stops <= starts, values).unsqueeze(1)
        ctx.save_for_backward(rows, is_empty)
        ctx.shape = values.shape
        return pooled

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        rows, is_empty = ctx.saved_tensors
        gradient = gradients[0].masked_fill(is_empty, 0.0)
        return gradient.new_zeros(ctx.shape).scatter_add(0, rows, gradient), None, None


@dataclass(frozen=True, slots=True)
class _Ranges:
    """Ranges in the order of the level k of the table that answers them; -1 for empty ones."""

    starts: Ints
    stops: Ints
    counts: list[int]  # how many ranges each level has, from -1 on
    back: Ints | None  # how to undo the ordering, None if there is nothing to undo

    def levels(self) -> Iterator[tuple[int, Ints, Ints]]:
        """Each level with its ranges' starts and the left edge of the second half."""
        begin = 0
        for level, count in enumerate(self.counts, start=-1):
            part = slice(begin, begin + count)
            yield level, self.starts[part], self.stops[part] - (1 << max(level, 0))
            begin += count


def _by_level(starts: Ints, stops: Ints) -> _Ranges:
    widths = np.maximum(stops - starts, 0)
    levels = np.frexp(widths)[1].astype(np.int64) - 1  # floor(log2(width)), -1 when empty
    counts = np.bincount(levels + 1).tolist()
    if bool((levels[1:] >= levels[:-1]).all()):
        return _Ranges(starts, stops, counts, None)
    order = np.argsort(levels, kind="stable")
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return _Ranges(starts[order], stops[order], counts, back)


def _pooled(values: Tensor, ranges: _Ranges) -> Tensor:
    parts: list[Tensor] = []
    table = values
    for level, left, right in ranges.levels():
        if level > 0:
            half = 1 << (level - 1)
            table = torch.maximum(table[:-half], table[half:])
        if level < 0:
            parts.append(values.new_zeros(len(left), values.shape[1]))
        elif len(left):
            one = table[to_index(left, values)]
            parts.append(torch.maximum(one, table[to_index(right, values)]) if level > 0 else one)
    return _in_order(torch.cat(parts), ranges)


def _pooled_rows(values: Tensor, ranges: _Ranges) -> tuple[Tensor, Tensor]:
    """The maxima, and for each of them the row of `values` that it came from."""
    maxima: list[Tensor] = []
    origins: list[Tensor] = []
    table = values
    rows = torch.arange(len(values), device=values.device).unsqueeze(1).expand_as(values)
    for level, left, right in ranges.levels():
        if level > 0:
            half = 1 << (level - 1)
            table, rows = _larger((table[:-half], rows[:-half]), (table[half:], rows[half:]))
        if level < 0:
            maxima.append(values.new_zeros(len(left), values.shape[1]))
            origins.append(rows.new_zeros(len(left), values.shape[1]))
        elif len(left):
            a, b = to_index(left, values), to_index(right, values)
            one, origin = _larger((table[a], rows[a]), (table[b], rows[b]))
            maxima.append(one)
            origins.append(origin)
    return _in_order(torch.cat(maxima), ranges), _in_order(torch.cat(origins), ranges)


def _larger(left: tuple[Tensor, Tensor], right: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    is_right = right[0] > left[0]
    return torch.where(is_right, right[0], left[0]), torch.where(is_right, right[1], left[1])


def _in_order(rows: Tensor, ranges: _Ranges) -> Tensor:
    return rows if ranges.back is None else rows[to_index(ranges.back, rows)]


def to_index(positions: np.ndarray[Any, Any], like: Tensor) -> Tensor:
    """Move positions to where a tensor lies."""
    return torch.from_numpy(np.ascontiguousarray(positions)).to(like.device, non_blocking=True)


def count_spans(units: int, widest: int) -> int:
    """How many spans of width 1..widest a sentence of this many units has."""
    reached = min(widest, units)
    return reached * units - reached * (reached - 1) // 2


def spans_at(positions: Ints, units: int, widest: int) -> tuple[Ints, Ints]:
    """Turn positions in the flat, width-major list of a sentence's spans into (starts, widths)."""
    per_width = units - np.arange(min(widest, units), dtype=np.int64)
    offsets = np.cumsum(per_width) - per_width
    widths = np.searchsorted(offsets, positions, side="right")
    return positions - offsets[widths - 1], widths.astype(np.int64)


def position_of(starts: Ints, widths: Ints, units: int) -> Ints:
    """The inverse of `spans_at`, for widths that it reaches."""
    return (widths - 1) * units - (widths - 1) * (widths - 2) // 2 + starts


def draw_near_spans(
    taken: Ints, units: int, widest: int, count: int, rng: np.random.Generator
) -> Ints:
    """Draw up to `count` spans that overlap a taken one without being one: near misses."""
    starts, widths = spans_at(np.arange(count_spans(units, widest)), units, widest)
    stops = starts + widths
    overlaps = (starts[:, None] < taken[:, 1]) & (stops[:, None] > taken[:, 0])
    is_taken = (starts[:, None] == taken[:, 0]) & (stops[:, None] == taken[:, 1])
    near = np.flatnonzero(overlaps.any(axis=1) & ~is_taken.any(axis=1))
    drawn = rng.choice(near, size=min(count, len(near)), replace=False)
    return np.stack((starts[drawn], stops[drawn]), axis=1)


def draw_other_spans(
    taken: Ints, units: int, widest: int, count: int, rng: np.random.Generator
) -> Ints:
    """Draw up to `count` spans (start, stop) of width 1..widest, none of which is `taken`.

    Uniform, without replacement; all of them if there are not more.
    """
    total = count_spans(units, widest)
    widths = taken[:, 1] - taken[:, 0]
    is_reached = widths <= widest
    gold = position_of(taken[is_reached, 0], widths[is_reached], units)
    drawn = rng.choice(total, size=min(total, count + len(gold)), replace=False)
    drawn = drawn[~np.isin(drawn, gold)][:count]
    starts, drawn_widths = spans_at(drawn.astype(np.int64), units, widest)
    return np.stack((starts, starts + drawn_widths), axis=1)
