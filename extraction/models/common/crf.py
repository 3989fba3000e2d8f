"""A linear-chain conditional random field over BIO tags, for a whole batch at once.

Sentences lie packed, as recurrent networks read them: step by step, at each step the
sentences that are still going on, the longest first. The recursions work in double
precision, so that exp of what was shifted by its maximum never vanishes. The gradient of
the partition function is what it is in theory: the marginals of tags and transitions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from extraction.models.common.spans import to_index

Ints = np.ndarray[Any, np.dtype[np.int64]]

IMPOSSIBLE = float("-inf")


@dataclass(frozen=True, slots=True)
class Packing:
    """Where the units of a batch stand when its sentences are read side by side."""

    order: Ints  # (B',) sentences with units, longest first
    rows: Ints  # (U,) the flat unit at each packed place
    sizes: Sequence[int]  # how many sentences have a unit at each step

    @property
    def begins(self) -> Ints:
        """Where each step begins."""
        sizes = np.asarray(self.sizes, dtype=np.int64)
        begins: Ints = np.cumsum(sizes) - sizes
        return begins

    @property
    def member(self) -> Ints:
        """The place in `order` of each packed unit's sentence, (U,)."""
        return np.arange(len(self.rows)) - np.repeat(self.begins, self.sizes)

    @property
    def steps(self) -> tuple[Ints, Ints]:
        """The packed places of all neighbouring units, (earlier, later)."""
        later = np.arange(self.sizes[0], len(self.rows))
        sizes = np.asarray(self.sizes, dtype=np.int64)
        return later - np.repeat(sizes[:-1], sizes[1:]), later

    @property
    def lasts(self) -> Ints:
        """The packed place of each sentence's last unit, in the order of `order`."""
        lengths = np.bincount(self.member, minlength=len(self.order))
        lasts: Ints = self.begins[lengths - 1] + np.arange(len(self.order))
        return lasts


def packing(counts: Ints) -> Packing:
    """Pack sentences of so many units, laid end to end; empty ones take no part."""
    order = np.argsort(-counts, kind="stable")
    order = order[: int((counts > 0).sum())]
    lengths = counts[order]
    steps = np.arange(int(lengths[0]) if len(lengths) else 0)
    sizes = np.searchsorted(-lengths, -steps, side="left")  # lengths greater than the step
    begins = (np.cumsum(counts) - counts)[order]
    member = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return Packing(order, begins[member] + np.repeat(steps, sizes), sizes.tolist())


@dataclass(frozen=True, slots=True)
class Chart:
    """Forward and backward sums of a batch, in logarithms and double precision."""

    alpha: Tensor  # (U, T) of all ways that lead to a tag, its own emission included
    beta: Tensor  # (U, T) of all ways that go on from it
    log_z: Tensor  # (B',)


class Crf(nn.Module):
    """Scores of tags and of their order: O, then B and I of each type, 2c - 1 and 2c.

    An I follows only the B or I of its own type.
    """

    is_legal: Tensor
    may_begin: Tensor

    def __init__(self, types: int) -> None:
        super().__init__()
        tags = 2 * types + 1
        self.transitions = nn.Parameter(torch.zeros(tags * tags))  # [from, to], row by row
        self.begin = nn.Parameter(torch.zeros(tags))
        self.end = nn.Parameter(torch.zeros(tags))
        tag = torch.arange(tags)
        is_inside = (tag > 0) & (tag % 2 == 0)
        is_same = (tag.unsqueeze(1) + 1) // 2 == tag // 2  # of one type, from O too
        self.register_buffer(
            "is_legal", ~is_inside | (is_same & (tag > 0).unsqueeze(1)), persistent=False
        )
        self.register_buffer("may_begin", ~is_inside, persistent=False)

    def log_likelihood(self, emissions: Tensor, tags: Tensor, packed: Packing) -> Tensor:
        """log p(tags) of each sentence (B',), in the order of the packing.

        `emissions` (U, T) and `tags` (U,) are packed; the tags must be a legal order.
        """
        begin, transitions, end = self.scores()
        log_z: Tensor = _LogPartition.apply(emissions, begin, transitions, end, packed)  # type: ignore[no-untyped-call]
        member = to_index(packed.member, emissions)
        own = emissions.gather(1, tags.unsqueeze(1)).squeeze(1).double()
        earlier, later = (to_index(one, tags) for one in packed.steps)
        step = transitions[tags[earlier], tags[later]]
        score = begin[tags[: packed.sizes[0]]] + end[tags[to_index(packed.lasts, tags)]]
        score = score.double().index_add(0, member, own)
        return score.index_add(0, member[later], step.double()) - log_z

    def chart(self, emissions: Tensor, packed: Packing) -> Chart:
        """All sums that marginals are made of."""
        return _chart(emissions, self.scores(), packed)

    def best(self, emissions: Tensor, packed: Packing) -> Ints:
        """The likeliest legal tags (U,), packed (Viterbi)."""
        begin, transitions, end = self.scores()
        path = begin + emissions[: packed.sizes[0]]
        paths, pointers = [path], []
        at = packed.sizes[0]
        for size in packed.sizes[1:]:
            path, pointer = (path[:size].unsqueeze(2) + transitions).max(dim=1)
            path = path + emissions[at : at + size]
            paths.append(path)
            pointers.append(pointer)
            at += size
        last = (torch.cat(paths)[to_index(packed.lasts, emissions)] + end).argmax(1)
        return _traced(last.cpu().numpy(), [one.cpu().numpy() for one in pointers], packed)

    def scores(self) -> tuple[Tensor, Tensor, Tensor]:
        """Of beginning with a tag (T,), of steps (T, T) and of ending; -inf where illegal."""
        begin = self.begin.masked_fill(~self.may_begin, IMPOSSIBLE)
        transitions = self.transitions.view(self.is_legal.shape)
        return begin, transitions.masked_fill(~self.is_legal, IMPOSSIBLE), self.end


def _traced(last: Ints, pointers: Sequence[Ints], packed: Packing) -> Ints:
    """Follow the pointers from each sentence's last tag (B',) to its first."""
    tags = last.copy()  # of the earliest step reached so far
    steps = [tags[: packed.sizes[-1]].copy()]
    for pointer in reversed(pointers):
        size = len(pointer)
        tags[:size] = pointer[np.arange(size), tags[:size]]
        steps.append(tags.copy())
    found = [step[:size] for step, size in zip(reversed(steps), packed.sizes, strict=True)]
    return np.concatenate(found)


def _chart(emissions: Tensor, scores: tuple[Tensor, Tensor, Tensor], packed: Packing) -> Chart:
    begin, transitions, end = (one.double() for one in scores)
    steps = torch.split(emissions.double(), list(packed.sizes))
    factors = transitions.exp()  # 0 where a step is illegal
    alphas = [begin + steps[0]]
    for step in steps[1:]:
        alphas.append(_log_product(alphas[-1][: len(step)], factors) + step)
    alpha = torch.cat(alphas)
    beta = end.expand(len(steps[-1]), -1)
    betas = [beta]
    for step, following in zip(reversed(steps[:-1]), reversed(steps[1:]), strict=True):
        on = _log_product(following + beta, factors.T)
        beta = torch.cat((on, end.expand(len(step) - len(on), -1)))
        betas.append(beta)
    log_z = (alpha[to_index(packed.lasts, alpha)] + end).logsumexp(1)
    return Chart(alpha, torch.cat(betas[::-1]), log_z)


def _log_product(logs: Tensor, factors: Tensor) -> Tensor:
    """log(exp(logs) @ factors) for logs (S, T)."""
    top = logs.amax(1, keepdim=True)
    return ((logs - top).exp() @ factors).log() + top


class _LogPartition(torch.autograd.Function):
    """log Z of each sentence; its gradient is read off the chart."""

    @staticmethod
    def forward(
        ctx: Any,
        emissions: Tensor,
        begin: Tensor,
        transitions: Tensor,
        end: Tensor,
        packed: Packing,
    ) -> Tensor:
        chart = _chart(emissions, (begin, transitions, end), packed)
        ctx.packed, ctx.kind = packed, emissions.dtype
        ctx.save_for_backward(emissions, transitions, chart.alpha, chart.beta, chart.log_z)
        return chart.log_z

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, None]:
        emissions, transitions, alpha, beta, log_z = ctx.saved_tensors
        packed: Packing = ctx.packed
        member = to_index(packed.member, emissions)
        weight, shift = gradients[0][member].unsqueeze(1), log_z[member].unsqueeze(1)
        tags = (alpha + beta - shift).exp() * weight  # (U, T)
        first = packed.sizes[0]
        earlier, later = (to_index(one, emissions) for one in packed.steps)
        follow = (emissions.double() + beta - shift)[later]
        pairs = (alpha[earlier].unsqueeze(2) + transitions.double() + follow.unsqueeze(1)).exp()
        steps = (pairs * weight[later].unsqueeze(2)).sum(0)  # (T, T)
        ends = tags[to_index(packed.lasts, emissions)].sum(0)
        found = (tags, tags[:first].sum(0), steps, ends)
        return *(one.to(ctx.kind) for one in found), None
