"""A bidirectional GRU over many rows at once, from input gates that come ready-made.

Torch's own makes the input gates itself and, going back, fills an array of all positions at
each step. Here what stands before the GRU and is linear can be multiplied into its weights,
and each step touches only its own rows. Same function, same weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn


def gate_weights(gru: nn.GRU) -> tuple[Tensor, Tensor]:
    """The input weights (6H, d) and biases (6H,) of both directions."""
    named = dict(gru.named_parameters())
    weight = torch.cat((named["weight_ih_l0"], named["weight_ih_l0_reverse"]))
    return weight, torch.cat((named["bias_ih_l0"], named["bias_ih_l0_reverse"]))


def states(gru: nn.GRU, gates: Tensor, counts: Sequence[int]) -> Tensor:
    """All states (N, 2H) of both directions, from the input gates (N, 6H) of a `Reading`."""
    named = dict(gru.named_parameters())
    ahead, back = torch.chunk(gates, 2, dim=1)
    weight, bias = named["weight_hh_l0"], named["bias_hh_l0"]
    forward = _walked(ahead, weight, bias, _Steps(counts, 1))
    weight, bias = named["weight_hh_l0_reverse"], named["bias_hh_l0_reverse"]
    return torch.cat((forward, _walked(back, weight, bias, _Steps(counts, -1))), dim=1)


@dataclass(frozen=True, slots=True)
class _Steps:
    """How many rows run at each place, and in which direction the places are gone through."""

    counts: Sequence[int]
    direction: Literal[1, -1]

    @property
    def ordered(self) -> list[int]:
        """The counts in the order of the steps."""
        return list(self.counts)[:: self.direction]

    def cut(self, rows: Tensor) -> list[Tensor]:
        """The rows (c, ...) of each step."""
        return list(torch.split(rows, list(self.counts)))[:: self.direction]

    def begin(self, like: Tensor) -> list[Tensor]:
        """One state (c, H) of zeros, as much of it as each step needs."""
        state = like.new_zeros(max(self.counts), like.shape[1])
        return [state[:count] for count in self.ordered]


def _walked(x: Tensor, weight: Tensor, bias: Tensor, steps: _Steps) -> Tensor:
    if torch.is_grad_enabled():
        walked: Tensor = _Walk.apply(x, weight, bias, steps)  # type: ignore[no-untyped-call]
        return walked
    scratch = x.new_empty(max(steps.counts), x.shape[1])
    return _walk(x, (weight, bias), steps, [scratch[:count] for count in steps.ordered])


def _walk(
    x: Tensor, weights: tuple[Tensor, Tensor], steps: _Steps, gates: Sequence[Tensor]
) -> Tensor:
    """One direction: h' = n + z (h - n); rows not begun stand at zero, ended ones drop out.

    Each step writes r, z and the n-gate's recurrent part into its `gates` (c, 3H).
    """
    size = x.shape[1] // 3
    out = x.new_empty(len(x), size)
    recurrent = weights[0].t()
    by_step = zip(
        steps.cut(x[:, : 2 * size]),
        steps.cut(x[:, 2 * size :]),
        gates,
        steps.begin(out),
        steps.cut(out),
        strict=True,
    )
    for x_rz, x_n, u, h, new in by_step:
        torch.addmm(weights[1], h, recurrent, out=u)
        rz, u_n = torch.split(u, [2 * size, size], dim=1)
        r, z = torch.split(rz.add_(x_rz).sigmoid_(), size, dim=1)
        n = _tanh(torch.addcmul(x_n, r, u_n))
        torch.lerp(n, h, z, out=new)
        h.copy_(new)
    return out


class _Walk(torch.autograd.Function):
    """The same with a gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, steps: _Steps) -> Tensor:
        gates = torch.empty_like(x)
        out = _walk(x, (weight, bias), steps, steps.cut(gates))
        ctx.save_for_backward(x, weight, gates, out)
        ctx.steps = steps
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        x, weight, gates, out = ctx.saved_tensors
        size = out.shape[1]
        r, z, u_n = torch.split(gates, size, dim=1)
        n = _tanh(torch.addcmul(x[:, 2 * size :], r, u_n))
        before = _before(out, ctx.steps)  # (N, H)
        to_n = (1 - z) * (1 - n * n)  # what dh' is multiplied with for each gate
        to_r = to_n * u_n * r * (1 - r)
        to_z = (before - n) * z * (1 - z)
        factors = torch.stack((to_r, to_z, to_n * r), dim=1)  # (N, 3, H)
        d_h, d_gates = _walk_back(gradients[0], weight, ctx.steps, (factors, z))
        d_x = torch.cat((d_gates[:, : 2 * size], d_h * to_n), dim=1)
        return d_x, d_gates.t() @ before, d_gates.sum(0), None


def _walk_back(
    gradient: Tensor, weight: Tensor, steps: _Steps, kept: tuple[Tensor, Tensor]
) -> tuple[Tensor, Tensor]:
    """The gradients of all states (N, H), and of their recurrent gates (N, 3H)."""
    factors, z = kept
    d_h, d_gates = torch.empty_like(z), torch.empty_like(factors)
    by_step = zip(
        steps.begin(z),
        steps.cut(gradient),
        steps.cut(d_h),
        steps.cut(factors),
        steps.cut(d_gates),
        steps.cut(d_gates.flatten(1)),
        steps.cut(z),
        strict=True,
    )
    for d, d_out, now, factor, d_gate, flat, z_t in reversed(list(by_step)):
        torch.add(d, d_out, out=now)  # (c, H)
        torch.mul(now.unsqueeze(1), factor, out=d_gate)
        torch.mul(now, z_t, out=d)
        d.addmm_(flat, weight)
    return d_h, d_gates.flatten(1)


def _before(out: Tensor, steps: _Steps) -> Tensor:
    """The state (N, H) that each step began from."""
    before = torch.zeros_like(out)
    states_, places = steps.cut(out), steps.cut(before)
    for place, had in zip(places[1:], states_, strict=False):
        common = min(len(place), len(had))
        place[:common] = had[:common]
    return before


def _tanh(x: Tensor) -> Tensor:
    """In place, and several times faster on a CPU than `tanh`."""
    return x.mul_(2).sigmoid_().mul_(2).sub_(1)
