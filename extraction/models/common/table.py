"""Tables over ordered pairs of places, scored by blocks of rows.

The vector of a pair is relu(a_i + b_j): a linear layer over [h_i; h_j] in its two parts. For a
whole table it would fill the memory, so it is made for a few rows at a time, scored and
overwritten. A place stands only against the places of its own sentence; nothing is padded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from extraction.models.common.spans import to_index

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float32]]

BLOCK = 1 << 19  # numbers in the pair vectors of one block, small enough for a CPU's cache
BLOCK_GPU = 1 << 26
CHUNK = 1 << 22  # scores that are looked at together


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of one sentence's table against all of its columns."""

    sentence: int
    rows: slice  # of the batch's places
    columns: slice
    cells: slice  # of the batch's cells, row by row

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start


@dataclass(frozen=True, slots=True)
class Layout:
    """The tables of a batch's sentences, their cells numbered through, row by row."""

    borders: Ints  # (B + 1,) where each sentence's places begin, and where the last ends
    first_cell: Ints  # (B + 1,)

    @classmethod
    def of(cls, borders: Ints) -> Layout:
        """One square table a sentence."""
        return cls(borders, np.concatenate(([0], np.cumsum(np.diff(borders) ** 2))))

    @property
    def cells(self) -> int:
        """How many cells all tables have."""
        return int(self.first_cell[-1])

    def sentence_of(self, places: Ints) -> Ints:
        """The sentence that each place belongs to."""
        return np.searchsorted(self.borders, places, side="right") - 1

    def cell_of(self, rows: Ints, columns: Ints) -> Ints:
        """The numbers of the cells (row, column), both counted through the batch."""
        sentence = self.sentence_of(rows)
        begin = self.borders[sentence]
        count = self.borders[sentence + 1] - begin
        return self.first_cell[sentence] + (rows - begin) * count + columns - begin

    def places_of(self, cells: Ints) -> tuple[Ints, Ints]:
        """The row and the column of each cell."""
        sentence = np.searchsorted(self.first_cell, cells, side="right") - 1
        begin = self.borders[sentence]
        row, column = np.divmod(
            cells - self.first_cell[sentence], self.borders[sentence + 1] - begin
        )
        return begin + row, begin + column

    def blocks(self, width: int, most: int) -> Iterator[Block]:
        """Cut the tables into blocks of at most `most` numbers, `width` for each cell."""
        edges = zip(self.borders[:-1].tolist(), self.borders[1:].tolist(), strict=True)
        for sentence, (begin, end) in enumerate(edges):
            count, first = end - begin, int(self.first_cell[sentence])
            step = max(1, most // max(1, count * width))
            for top in range(begin, end, step):
                bottom = min(top + step, end)
                cells = slice(first + (top - begin) * count, first + (bottom - begin) * count)
                yield Block(sentence, slice(top, bottom), slice(begin, end), cells)


@dataclass(frozen=True, slots=True)
class Factors:
    """The two parts of every pair's vector: relu(rows[i] + columns[j])."""

    rows: Tensor  # (N, D)
    columns: Tensor  # (N, D)
    block: int | None = None  # how many numbers of pairs are made at once; None: by the device

    @property
    def width(self) -> int:
        """D, the size of a pair's vector."""
        return self.rows.shape[1]

    def pairs(self, block: Block, into: Tensor) -> Tensor:
        """The vectors (cells, D) of a block's pairs, written into a buffer."""
        made = into[: block.shape[0] * block.shape[1]].view(*block.shape, self.width)
        torch.add(self.rows[block.rows].unsqueeze(1), self.columns[block.columns], out=made)
        return made.relu_().view(-1, self.width)

    def buffer(self, layout: Layout, most: int) -> Tensor:
        """Room for the largest block."""
        counts = np.diff(layout.borders)
        rows = np.minimum(np.maximum(1, most // np.maximum(1, counts * self.width)), counts)
        return self.rows.new_empty(int((rows * counts).max(initial=1)), self.width)

    def most(self) -> int:
        """How many numbers a block may hold."""
        return self.block or (BLOCK_GPU if self.rows.is_cuda else BLOCK)


@dataclass(frozen=True, slots=True)
class Sought:
    """Scores that are looked for in every cell, and from which height on."""

    weight: Tensor  # (slices, D)
    bias: Tensor  # (slices,)
    floor: float
    most: int  # of a sentence; if more clear the floor, the highest
    diagonal: int | None = None  # only cells whose column is at least the row + this


@dataclass(frozen=True, slots=True)
class Strong:
    """Scores of a table that clear their floor."""

    rows: Ints
    columns: Ints
    slices: Ints
    scores: Floats

    def __len__(self) -> int:
        return len(self.rows)


def strong(factors: Factors, layout: Layout, sought: Sequence[Sought]) -> list[Strong]:
    """Go through all tables once and find what is sought, sentence by sentence."""
    weight = torch.cat([one.weight for one in sought])
    bias = torch.cat([one.bias - one.floor for one in sought])
    ends = np.cumsum([0, *(len(one.weight) for one in sought)])
    hidden = [
        (slice(begin, end), one.diagonal)
        for one, begin, end in zip(sought, ends[:-1].tolist(), ends[1:].tolist(), strict=True)
        if one.diagonal is not None
    ]
    found: list[list[_Cells]] = [[] for _ in sought]
    for begin, scores in scored(factors, layout, weight, bias, hidden):
        cells, slices = (scores.T >= 0).nonzero().T.cpu().numpy()
        values = scores[to_index(slices, scores), to_index(cells, scores)].cpu().numpy()
        kind = np.searchsorted(ends, slices, side="right") - 1
        for number, one in enumerate(sought):
            some = kind == number
            here = _Cells(begin + cells[some], slices[some] - ends[number], values[some])
            found[number].append(_highest(here, layout, one.most))
    return [_strong(parts, layout, one) for parts, one in zip(found, sought, strict=True)]


@dataclass(frozen=True, slots=True)
class _Cells:
    cells: Ints
    slices: Ints
    scores: Floats

    def at(self, some: Any) -> _Cells:
        return _Cells(self.cells[some], self.slices[some], self.scores[some])


def _highest(found: _Cells, layout: Layout, most: int) -> _Cells:
    """Of each sentence's cells (which are in order) the `most` highest."""
    edges = np.searchsorted(found.cells, layout.first_cell)
    is_taken = np.ones(len(found.cells), dtype=bool)
    for sentence in np.flatnonzero(np.diff(edges) > most).tolist():
        begin, end = edges[sentence], edges[sentence + 1]
        ranked = np.argsort(-found.scores[begin:end], kind="stable")
        is_taken[begin + ranked[most:]] = False
    return found.at(is_taken)


def _strong(parts: Sequence[_Cells], layout: Layout, sought: Sought) -> Strong:
    joined = _Cells(
        np.concatenate([one.cells for one in parts]),
        np.concatenate([one.slices for one in parts]),
        np.concatenate([one.scores for one in parts]),
    )
    found = _highest(joined, layout, sought.most)
    rows, columns = layout.places_of(found.cells)
    return Strong(rows, columns, found.slices, found.scores + np.float32(sought.floor))


def scored(
    factors: Factors,
    layout: Layout,
    weight: Tensor,
    bias: Tensor,
    hidden: Sequence[tuple[slice, int]] = (),
) -> Iterator[tuple[int, Tensor]]:
    """Score every cell: (number of the first cell, scores (rows of the weight, cells)).

    `hidden` names rows of the weight whose scores are -inf left of a diagonal. What is yielded
    is overwritten by what comes next. Cells stand last: a product of few rows and many columns
    is what a CPU does well.
    """
    most = factors.most()
    buffer = factors.buffer(layout, most)
    height = max(len(buffer), min(layout.cells, CHUNK // max(1, len(weight))))
    scores = weight.new_empty(len(weight), height)
    bias = bias.unsqueeze(1)
    begin = filled = 0
    for block in layout.blocks(factors.width, most):
        count = block.cells.stop - block.cells.start
        if filled + count > height:
            yield begin, scores[:, :filled]
            begin, filled = block.cells.start, 0
        here = scores[:, filled : filled + count]
        torch.addmm(bias, weight, factors.pairs(block, buffer).T, out=here)
        for rows, diagonal in hidden:
            here[rows].masked_fill_(~from_diagonal(block, diagonal, here), -math.inf)
        filled += count
    yield begin, scores[:, :filled]


def scored_at(factors: Factors, rows: Ints, columns: Ints, weight: Tensor, bias: Tensor) -> Tensor:
    """Score these cells only: (cells, rows of the weight)."""
    step = max(1, factors.most() // factors.width)
    parts = [bias.new_zeros(0, len(weight))]
    for begin in range(0, len(rows), step):
        some = slice(begin, begin + step)
        pairs = factors.rows[to_index(rows[some], bias)]
        pairs = pairs + factors.columns[to_index(columns[some], bias)]
        parts.append(torch.addmm(bias.unsqueeze(1), weight, pairs.relu_().T).T)
    return torch.cat(parts)


def from_diagonal(block: Block, diagonal: int, like: Tensor) -> Tensor:
    """Which of a block's cells (cells,) lie at the diagonal + `diagonal` or right of it."""
    row = torch.arange(block.rows.start, block.rows.stop, device=like.device)
    column = torch.arange(block.columns.start, block.columns.stop, device=like.device)
    return (column >= row.unsqueeze(1) + diagonal).flatten()
