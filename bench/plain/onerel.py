"""OneRel as it is written: every pair concatenated, dense targets, cells walked one by one.

For each sentence of a padded batch [h_i; h_j] is laid out for all pairs, n * n * 2d numbers, and
projected to n * n * 3d; the loss meets a dense table of tags under a mask; prediction takes the
likeliest tag of every cell to the host and walks the cells in Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from extraction.models.common.gold import Item
from extraction.models.onerel.model import HornsTagger
from extraction.models.onerel.network import HB_TB, HB_TE, HE_TE, TAGS

Ints = np.ndarray[Any, np.dtype[np.int64]]
Triple = tuple[tuple[int, int], int, tuple[int, int]]  # places of the head, relation, of the tail


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of a padded batch."""

    relations: Tensor  # (B, n, n, K, 4)
    entities: Tensor  # (B, n, n, C + 1)
    mask: Tensor  # (B, n, n)


def scores(model: HornsTagger[Any], items: Sequence[Item]) -> Scores:
    """Score every cell of every table, padding included."""
    heads = model.heads
    counts = [len(model.reading(item).units) for item in items]
    h, is_real = _padded(model.features(items).units, counts)  # (B, n, d)
    h = heads.dropout(h)
    longest = h.shape[1]
    left = h.unsqueeze(2).expand(-1, -1, longest, -1)
    right = h.unsqueeze(1).expand(-1, longest, -1, -1)
    pairs = heads.pair(torch.cat((left, right), dim=-1))  # (B, n, n, D)
    if heads.context is not None:
        top = h.masked_fill(~is_real.unsqueeze(-1), -torch.inf).amax(1)
        pairs = pairs + heads.context(top)[:, None, None]
    pairs = functional.relu(functional.dropout(pairs, heads.cell_rate, heads.training))
    relations = pairs.new_zeros(*pairs.shape[:3], 0, TAGS)
    if heads.relation is not None:
        relations = heads.relation(pairs).unflatten(-1, (heads.relation_types, TAGS))
    mask = is_real.unsqueeze(2) & is_real.unsqueeze(1)
    return Scores(relations, heads.entity(pairs), mask)


def loss(model: HornsTagger[Any], items: Sequence[Item], rng: np.random.Generator) -> Tensor:  # noqa: ARG001
    """The value of `model.loss` where every relation type is learnt and entities are a table."""
    made = scores(model, items)
    tags, weights = dense_targets(model, items, made)
    ce = functional.cross_entropy(made.relations.flatten(0, 3), tags.flatten(), reduction="none")
    total = (ce.view_as(tags) * weights.unsqueeze(-1) * made.mask.unsqueeze(-1)).sum()
    types, counts = dense_entities(model, items, made)
    ce = functional.cross_entropy(made.entities.flatten(0, 2), types.flatten(), reduction="none")
    total = total + (ce.view_as(types) * counts * made.mask).sum()
    return total / made.mask.sum()


def predict(model: HornsTagger[Any], items: Sequence[Item]) -> list[list[Triple]]:
    """The likeliest tag of every cell, walked in Python, as the reference implementation does."""
    with torch.inference_mode():
        found: list[list[Triple]] = []
        for item in items:
            made = scores(model, [item])
            tags = made.relations[0].argmax(-1).cpu().numpy()  # (n, n, K)
            made.entities[0].argmax(-1).cpu().numpy()
            found.append(list(nearest(tags)))
    return found


def nearest(tags: Ints) -> Iterator[Triple]:
    """For each HB-TE cell the last HB-TB to its left and the first HE-TE below it."""
    size = tags.shape[0]
    for kind in range(tags.shape[2]):
        for row, column in zip(*np.where(tags[:, :, kind] == HB_TE), strict=True):
            begins = [c for c in range(column) if tags[row, c, kind] == HB_TB]
            ends = [r for r in range(row + 1, size) if tags[r, column, kind] == HE_TE]
            if begins and ends:
                yield (int(row), ends[0]), kind, (begins[-1], int(column))


def walked(tags: Ints) -> Iterator[Triple]:
    """For each HB-TB cell the next tagged cell of its row, which must be HB-TE, and so on."""
    size = tags.shape[0]
    for kind in range(tags.shape[2]):
        for row, column in zip(*np.where(tags[:, :, kind] == HB_TB), strict=True):
            after = [c for c in range(column + 1, size) if tags[row, c, kind]]
            if not after or tags[row, after[0], kind] != HB_TE:
                continue
            ends = [r for r in range(row + 1, size) if tags[r, after[0], kind] == HE_TE]
            if ends:
                yield (int(row), ends[0]), kind, (int(column), after[0])


def _padded(units: Tensor, counts: Sequence[int]) -> tuple[Tensor, Tensor]:
    h = torch.nn.utils.rnn.pad_sequence(list(torch.split(units, list(counts))), batch_first=True)
    is_real = torch.arange(h.shape[1]) < torch.tensor(counts).unsqueeze(1)
    return h, is_real.to(h.device)


def dense_targets(
    model: HornsTagger[Any], items: Sequence[Item], made: Scores
) -> tuple[Tensor, Tensor]:
    """Tags (B, n, n, K) and weights (B, n, n), written cell by cell."""
    places = model.places
    tags = np.zeros(made.relations.shape[:4], dtype=np.int64)
    weights = np.ones(made.relations.shape[:3], dtype=np.float32)
    for number, item in enumerate(items):
        begins = places.of_begin(item.gold.spans[:, 0]).tolist()
        ends = places.of_end(item.gold.spans[:, 1]).tolist()
        for head in range(len(begins)):
            for tail in set(range(len(begins))) - {head}:
                for row, column in _corners(begins, ends, head, tail):
                    weights[number, row, column] = model.settings.corner_weight or 1.0
        for (head, tail), kinds in zip(item.gold.pairs.tolist(), item.gold.targets, strict=True):
            for kind in np.flatnonzero(kinds):
                cells = _corners(begins, ends, head, tail)
                for tag, (row, column) in zip((HB_TB, HB_TE, HE_TE), cells, strict=True):
                    tags[number, row, column, kind] = tag
    device = made.mask.device
    return torch.from_numpy(tags).to(device), torch.from_numpy(weights).to(device)


def dense_entities(
    model: HornsTagger[Any], items: Sequence[Item], made: Scores
) -> tuple[Tensor, Tensor]:
    """Types (B, n, n) and what each cell counts, nothing left of the diagonal."""
    places = model.places
    types = np.zeros(made.mask.shape, dtype=np.int64)
    counts = np.triu(np.ones(made.mask.shape, dtype=np.float32), places.diagonal)
    for number, item in enumerate(items):
        for (start, stop), kind in zip(item.gold.spans, item.gold.types, strict=True):
            cell = (number, places.of_begin(start), places.of_end(stop))
            types[cell] = kind
            counts[cell] = model.settings.entity_weight or 1.0
    device = made.mask.device
    return torch.from_numpy(types).to(device), torch.from_numpy(counts).to(device)


def _corners(begins: list[int], ends: list[int], head: int, tail: int) -> list[tuple[int, int]]:
    return [(begins[head], begins[tail]), (begins[head], ends[tail]), (ends[head], ends[tail])]
