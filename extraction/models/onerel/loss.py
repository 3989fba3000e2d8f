"""OneRel's objective: the cells' cross-entropy, summed over relations, a valid cell (eq. 7).

Two terms are ours: the entity slice, one more table whose cells (begin, end) hold types, and
where there is none, the types of the gold entities, which do not reach the table's weights.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor
from torch.nn import functional

from extraction.models.common.table import Factors, Layout
from extraction.models.common.table_loss import Part, table_loss


def tagging_loss(
    factors: Factors,
    scorer: tuple[Tensor, Tensor],
    layout: Layout,
    parts: Sequence[Part],
    rate: float,
) -> Tensor:
    """Sum over cells and slices of the cross-entropy, divided by the number of cells."""
    return table_loss(factors, scorer, layout, parts, rate) / max(1, layout.cells)


def type_loss(scores: Tensor, types: Tensor) -> Tensor:
    """Cross-entropy of the gold entities' types (E,), from 0, by scores (E, C)."""
    return functional.cross_entropy(scores, types)
