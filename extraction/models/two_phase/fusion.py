"""One vector out of several: weighted by a gate (Eq. 5), added, or side by side.

A gate's weights are scalars, so that a matrix can go first: W sum(alpha E) = sum(alpha W E).
`matrices` gives what has to be applied to each part, `combine` fuses what comes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

Absent = tuple[int, Tensor]  # the place of a part, and (N,) in which rows it is left out


@dataclass(frozen=True, slots=True)
class Fusion:
    """How parts of these sizes become one vector; the gate's W1 (1, d) comes with each call.

    b1 is the same for every part and cancels in the softmax, so there is none.
    """

    kind: str  # gate, concatenation or sum
    sizes: tuple[int, ...]

    @property
    def size(self) -> int:
        """The size of the fused vector."""
        return sum(self.sizes) if self.kind == "concatenation" else self.sizes[0]

    def fuse(self, parts: Sequence[Tensor], gate: Tensor, absent: Absent | None = None) -> Tensor:
        """E' (N, size) of parts (N, size of the part) (Eq. 5)."""
        if self.kind == "concatenation":
            return torch.cat(tuple(parts), dim=1)
        if self.kind == "sum":
            return added(parts)
        v = torch.cat([part @ gate.T for part in parts], dim=1)  # (N, q)
        return weighted(parts, shares(v, absent))

    def matrices(self, weight: Tensor, gate: Tensor) -> list[Tensor]:
        """For each part what is applied to it, so that `combine` gives W E' for W (r, size)."""
        if self.kind == "concatenation":
            return list(torch.split(weight, list(self.sizes), dim=1))
        stacked = torch.cat((gate, weight)) if self.kind == "gate" else weight
        return [stacked] * len(self.sizes)

    def combine(self, applied: Sequence[Tensor], absent: Absent | None = None) -> Tensor:
        """W E' (N, r) from the parts' own products (N or 1, r, one more in front for a gate)."""
        if self.kind != "gate":
            return added(applied)
        rows = max(len(one) for one in applied)
        v = torch.cat([one[:, :1].expand(rows, 1) for one in applied], dim=1)  # (N, q)
        return weighted([one[:, 1:] for one in applied], shares(v, absent))


def shares(v: Tensor, absent: Absent | None) -> Tensor:
    """Alpha (N, q): the softmax of the parts' scores, without those that are left out (Eq. 5b)."""
    if absent is not None:
        place, rows = absent
        is_out = torch.zeros_like(v, dtype=torch.bool)
        is_out[:, place] = rows
        v = v.masked_fill(is_out, float("-inf"))
    return v.softmax(dim=1)


def weighted(parts: Sequence[Tensor], alpha: Tensor) -> Tensor:
    """The sum of alpha_o E_o (Eq. 5c)."""
    return added([alpha[:, place : place + 1] * part for place, part in enumerate(parts)])


def added(parts: Sequence[Tensor]) -> Tensor:
    """The plain sum of the parts, from left to right."""
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total
