"""The cross-entropy of a whole table and its gradient, block by block, in one pass.

A cell of a slice has one of T + 1 tags, tag 0 being "-"; scored are the tags 1..T, each less
"-", so that ce = log(1 + sum_t exp x_t) - x_gold. A block's gradient is made as soon as the
block is scored, so nothing that grows with the number of cells is ever kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from extraction.models.common.spans import to_index
from extraction.models.common.table import Block, Factors, Layout, from_diagonal

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
Floats = np.ndarray[Any, np.dtype[np.float32]]

LEVELS = 1 << 16  # of the random numbers that drop


@dataclass(frozen=True, slots=True)
class Marks:
    """The cells that are not "-": one row each, in the order of the cells."""

    cells: Ints
    slices: Ints
    tags: Ints  # from 1

    def inside(self, block: Block) -> Marks:
        """Those of a block."""
        some = _inside(self.cells, block)
        return Marks(self.cells[some], self.slices[some], self.tags[some])


@dataclass(frozen=True, slots=True)
class Part:
    """Slices of a table that share their tags; their scores stand tag by tag."""

    tags: int  # T
    slices: int  # G
    marks: Marks
    heavy: Ints | None = None  # cells, in order, that count `weight` times, marked ones among them
    weight: float = 1.0
    diagonal: int | None = None  # only cells whose column is at least the row + this count
    chosen: Bools | None = None  # (B, G) the slices that count for each sentence
    scale: Floats | None = None  # (B,) what each sentence counts

    def columns(self, sentence: int) -> Ints:
        """Which of this part's T * G scores count for a sentence."""
        every = np.arange(self.tags * self.slices).reshape(self.tags, self.slices)
        return (every if self.chosen is None else every[:, self.chosen[sentence]]).reshape(-1)


def table_loss(
    factors: Factors,
    scorer: tuple[Tensor, Tensor],
    layout: Layout,
    parts: Sequence[Part],
    rate: float = 0.0,
) -> Tensor:
    """Sum the cross-entropy over all cells and slices; `rate` drops numbers of the pairs' vectors.

    The scorer's weight (sum of T * G over the parts, D) and bias score one part after the other.
    """
    task = _Task(layout, parts, rate, torch.is_grad_enabled(), factors.block)
    total: Tensor = _TableLoss.apply(factors.rows, factors.columns, *scorer, task)  # type: ignore[no-untyped-call]
    return total


@dataclass(frozen=True, slots=True)
class _Task:
    layout: Layout
    parts: Sequence[Part]
    rate: float
    has_gradient: bool
    block: int | None

    def columns(self, sentence: int) -> Ints | None:
        """Which of all scores count for a sentence; None if all do."""
        if all(part.chosen is None for part in self.parts):
            return None
        begins = np.cumsum([0, *(part.tags * part.slices for part in self.parts)])[:-1]
        found = zip(begins, self.parts, strict=True)
        return np.concatenate([begin + part.columns(sentence) for begin, part in found])


class _TableLoss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, rows: Tensor, columns: Tensor, weight: Tensor, bias: Tensor, task: _Task
    ) -> Tensor:
        run = _Pass(Factors(rows, columns, task.block), weight, bias, task)
        for block in task.layout.blocks(rows.shape[1], run.most):
            run.learn(block)
        ctx.save_for_backward(*run.gradients)
        return run.total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, outer: Tensor) -> tuple[Tensor | None, ...]:
        return (*(outer * one for one in ctx.saved_tensors), None)


class _Pass:
    """One pass over all blocks: the loss so far and its gradients."""

    def __init__(self, factors: Factors, weight: Tensor, bias: Tensor, task: _Task) -> None:
        self.factors, self.task = factors, task
        self.weight, self.bias = weight / (1.0 - task.rate), bias  # what is kept is scaled up
        self.most = factors.most()
        self.total = weight.new_zeros(())
        given = (factors.rows, factors.columns, weight, bias)
        self.gradients = [torch.zeros_like(one) for one in given] if task.has_gradient else []
        self.pairs = factors.buffer(task.layout, self.most)
        self.back = torch.empty_like(self.pairs) if task.has_gradient else self.pairs
        self.dice = _Dice(self.pairs) if task.rate else None
        self.sentence = -1
        self.index: Tensor | None = None
        self.used, self.used_bias = self.weight, self.bias.unsqueeze(1)

    def learn(self, block: Block) -> None:
        """Add a block's loss, and its gradients."""
        if block.sentence != self.sentence:
            self._turn_to(block.sentence)
        pairs = self.factors.pairs(block, self.pairs)  # (cells, D)
        if self.dice is not None:
            self.dice.drop(pairs, self.task.rate)
        scores = torch.addmm(self.used_bias, self.used, pairs.T)  # (columns, cells)
        begin = 0
        for part in self.task.parts:
            slices = part.slices if part.chosen is None else int(part.chosen[block.sentence].sum())
            end = begin + part.tags * slices
            if slices:
                some = scores[begin:end].view(part.tags, slices, -1)
                self.total += _learn_part(some, part, block)
            begin = end
        if self.task.has_gradient:
            self._go_back(block, pairs, scores)

    def _turn_to(self, sentence: int) -> None:
        """Choose the scores that count for a sentence."""
        self.sentence = sentence
        columns = self.task.columns(sentence)
        if columns is not None:
            self.index = to_index(columns, self.weight)
            self.used = self.weight[self.index]
            self.used_bias = self.bias[self.index].unsqueeze(1)

    def _go_back(self, block: Block, pairs: Tensor, gradient: Tensor) -> None:
        rows, columns, weight, bias = self.gradients
        back = torch.mm(gradient.T, self.used, out=self.back[: len(pairs)])
        _only_positive(back, pairs, 0.0)  # through the rectifier, and through what was not dropped
        table = back.view(*block.shape, -1)
        rows[block.rows] += table.sum(1)
        columns[block.columns] += table.sum(0)
        scale = 1.0 / (1.0 - self.task.rate)
        if self.index is None:
            weight.addmm_(gradient, pairs, alpha=scale)
            bias += gradient.sum(1)
        else:
            weight.index_add_(0, self.index, gradient @ pairs, alpha=scale)
            bias.index_add_(0, self.index, gradient.sum(1))


class _Dice:
    """Drops numbers by random ones of 16 bits, several times faster than a Bernoulli draw."""

    def __init__(self, like: Tensor) -> None:
        self.bits = torch.empty(-(-like.numel() // 4), dtype=torch.int64, device=like.device)
        self.thrown = torch.empty_like(like)

    def drop(self, pairs: Tensor, rate: float) -> None:
        """Set numbers of (cells, D) to 0 in place, at this rate."""
        count = pairs.numel()
        self.bits[: -(-count // 4)].random_(-(1 << 63), None)
        thrown = self.thrown[: len(pairs)]
        thrown.copy_(self.bits.view(torch.int16)[:count].view_as(pairs))
        _only_positive(pairs, thrown, round(rate * LEVELS) - LEVELS / 2 - 0.5)


def _only_positive(values: Tensor, judge: Tensor, threshold: float) -> None:
    """Set to 0, in place, the values whose judge is not above the threshold."""
    torch.ops.aten.threshold_backward.grad_input(values, judge, threshold, grad_input=values)


def _learn_part(scores: Tensor, part: Part, block: Block) -> Tensor:
    """The loss of a block's scores (T, G, cells), which are overwritten by its gradient."""
    tag, place, cell = _gold(part, block, scores)
    at_gold = scores[tag, place, cell].sum()
    top = scores.amax(0).clamp_min_(0.0)  # (G, cells)
    chance = scores.sub_(top).exp_()
    spread = chance.sum(0).add_((-top).exp_())
    chance.div_(spread)
    untold = top.add_(spread.log_())  # -log of the chance of "-"
    if part.diagonal is not None:
        is_counted = from_diagonal(block, part.diagonal, scores)
        untold.mul_(is_counted)
        chance.mul_(is_counted)
    if part.heavy is not None:
        heavy = to_index(part.heavy[_inside(part.heavy, block)] - block.cells.start, scores)
        untold[:, heavy] *= part.weight
        chance[:, :, heavy] *= part.weight
    chance[tag, place, cell] -= part.weight
    loss = untold.sum() - part.weight * at_gold
    if part.scale is not None:
        loss = loss * float(part.scale[block.sentence])
        chance.mul_(float(part.scale[block.sentence]))
    return loss


def _gold(part: Part, block: Block, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where a block's marks stand in its scores (T, G, cells)."""
    marks = part.marks.inside(block)
    places = marks.slices
    if part.chosen is not None:
        places = (np.cumsum(part.chosen[block.sentence]) - 1)[places]
    cells = marks.cells - block.cells.start
    return to_index(marks.tags - 1, like), to_index(places, like), to_index(cells, like)


def _inside(cells: Ints, block: Block) -> slice:
    """Which of these cells, in order, lie in a block."""
    begin, end = np.searchsorted(cells, (block.cells.start, block.cells.stop)).tolist()
    return slice(begin, end)
