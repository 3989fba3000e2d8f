"""Figure 1 of the paper: input layer, convolution with max-pooling, the layers of both tasks.

Shapes: N units of all readings, E entities, P pairs, F filters, K classes. The network
takes tensors and numpy positions and returns scores; it knows no text and no label.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from extraction.models.bio_mtl.convolution import (
    Places,
    PositionTable,
    joined_weight,
    pair_maxima,
    position_table,
    ranges,
    tag_part,
    word_part,
)
from extraction.models.bio_mtl.settings import Settings
from extraction.models.common.spans import to_index

Ints = np.ndarray[Any, np.dtype[np.int64]]

ROLE_ROWS = 1 << 16  # rows of U and V that are laid out at once
NEW_EMBEDDINGS = 0.5  # standard deviation of a new position or tag vector


@dataclass(frozen=True, slots=True)
class Readings:
    """Sentences as their tags show them; where pairs see other tags a sentence stands again."""

    first: Ints  # (M,) where the sentence begins among the batch's units
    counts: Ints  # (M,) its units, at least one
    tags: Ints  # (N,)


@dataclass(frozen=True, slots=True)
class Instances:
    """Pairs of entities of one sentence each, and the reading that a pair sees."""

    readings: Readings
    starts: Ints  # (E,) first unit of an entity, counted from its sentence's first
    stops: Ints  # (E,)
    heads: Ints  # (P,) the first target entity
    tails: Ints  # (P,)
    reading: Ints  # (P,)

    def __len__(self) -> int:
        return len(self.heads)

    @property
    def lengths(self) -> Ints:
        """The units of each pair's sentence, (P,)."""
        return self.readings.counts[self.reading]

    def parts(self, rows: int) -> Iterator[slice]:
        """Runs of pairs whose sentences have about so many units together."""
        edges = np.flatnonzero(np.diff(np.cumsum(self.lengths) // rows)) + 1
        begins, ends = [0, *edges.tolist()], [*edges.tolist(), len(self)]
        yield from (slice(a, b) for a, b in zip(begins, ends, strict=True) if a < b)


@dataclass(frozen=True, slots=True)
class Scores:
    """What both tasks say of each pair."""

    classes: Tensor  # (P, K) s_c of equation 4
    other: Tensor | None  # (P, 1) the score of "Other", where the loss needs one
    identified: Tensor | None  # (P, 2) relation identification


class BioMtlNetwork(nn.Module):
    """Scores of pairs of entities over vectors of units."""

    met: Tensor  # (C + 1, C + 1) entity types that may stand as first and second of a pair

    def __init__(self, width: int, entity_types: int, classes: int, s: Settings) -> None:
        super().__init__()
        self.register_buffer(
            "met", torch.ones(entity_types + 1, entity_types + 1, dtype=torch.bool)
        )
        distances = 2 * s.position_clip + 1
        self.width = width
        self.head_position = nn.Embedding(distances, s.position_size)
        self.tail_position = nn.Embedding(distances, s.position_size)
        self.tag = nn.Embedding(2 * entity_types + 1, s.tag_size) if s.tags else None
        inputs = width + 2 * s.position_size + (s.tag_size if s.tags else 0)
        self.windows = nn.ModuleList(nn.Conv1d(inputs, count, k) for k, count in s.kernels)
        self.g = torch.tanh if s.nonlinearity == "tanh" else torch.relu
        self.has_pieces = s.pooling == "pieces"
        filters = sum(count for _, count in s.kernels)
        self.hidden = nn.Linear(filters * (3 if self.has_pieces else 1), s.hidden)
        self.dropout = nn.Dropout(s.dropout)
        has_other = s.rc_loss != "rank"
        self.classes = nn.Linear(s.hidden, max(classes, 1), bias=False)  # W_classes, as printed
        self.other = nn.Linear(s.hidden, 1, bias=False) if has_other else None
        self.identify = nn.Linear(s.hidden, 2) if s.mtl else None
        self.apply(_start)

    def forward(self, units: Tensor, instances: Instances) -> Scores:
        """Both tasks' scores of all pairs; there is at least one."""
        return self.score(self.represent(units, instances))

    def score(self, r: Tensor) -> Scores:
        """The layer that both tasks share, then each task's own (P, F) -> scores."""
        r = self.dropout(self.g(self.hidden(r)))  # (P, 128)
        return Scores(
            classes=self.classes(r),
            other=None if self.other is None else self.other(r),
            identified=None if self.identify is None else self.identify(r),
        )

    def nothing(self) -> Tensor:
        """The loss of no pair at all: 0, with gradients."""
        return 0.0 * self.hidden.bias.sum()

    def represent(self, units: Tensor, instances: Instances) -> Tensor:
        """r of equation 1 with max-pooling, (P, F); piece by piece (P, 3F)."""
        weight, left = joined_weight(self._windows())
        size = self.head_position.embedding_dim
        first, second, third = self.width, self.width + size, self.width + 2 * size
        parts = weight[:, first:second], weight[:, second:third], weight[:, third:]
        shared = self._shared(units, instances.readings, parts[2], left)  # (N, F)
        longest = int(instances.readings.counts.max())
        tables = (
            position_table(self.head_position.weight, parts[0], left, longest),
            position_table(self.tail_position.weight, parts[1], left, longest),
        )
        maxima = torch.cat(
            [self._maxima(shared, tables, instances, part) for part in instances.parts(ROLE_ROWS)]
        )
        bias = torch.cat([one.bias for one in self._windows()])  # type: ignore[misc]  # all have one
        r: Tensor = self.g(maxima + bias)  # g after the maximum: it is monotone
        if not self.has_pieces:
            return r
        _, counts = self._cuts(instances, slice(None))
        is_empty = to_index(counts.ravel() == 0, r).unsqueeze(1)
        return r.masked_fill(is_empty, 0.0).view(len(instances), -1)

    def _shared(self, units: Tensor, readings: Readings, tag_weight: Tensor, left: int) -> Tensor:
        """S: what words and tags give to the filters at every unit of every reading."""
        first, at, which = np.unique(readings.first, return_index=True, return_inverse=True)
        counts = readings.counts[at]  # of each sentence once
        rows = ranges(first, counts)
        seen = units if len(rows) == len(units) else units[to_index(rows, units)]
        shared = word_part(seen, counts, self._windows())
        if not np.array_equal(first, readings.first):
            begins = (np.cumsum(counts) - counts)[which]
            shared = shared[to_index(ranges(begins, readings.counts), shared)]
        if self.tag is None:
            return shared
        return shared + tag_part(self.tag.weight, tag_weight, left, readings.tags, readings.counts)

    def _windows(self) -> list[nn.Conv1d]:
        return cast("list[nn.Conv1d]", list(self.windows))

    def _maxima(
        self,
        shared: Tensor,
        tables: tuple[PositionTable, PositionTable],
        instances: Instances,
        part: slice,
    ) -> Tensor:
        """max over t of S[t] + U[t] + V[t] for some of the pairs, (P', F) or (3P', F)."""
        reading = instances.reading[part]
        heads, head_of = _roles(instances, instances.heads[part], reading)
        tails, tail_of = _roles(instances, instances.tails[part], reading)
        own = tables[0].read(heads.places).add_(shared[to_index(heads.rows, shared)])
        other = tables[1].read(tails.places)
        cuts, counts = self._cuts(instances, part)  # (P', 1) or (P', 3)
        begins = [
            (one[:, None] + cuts).ravel() for one in (heads.begins[head_of], tails.begins[tail_of])
        ]
        return pair_maxima(own, other, (begins[0], begins[1]), counts.ravel())

    def _cuts(self, instances: Instances, part: slice) -> tuple[Ints, Ints]:
        """Where the pieces of each pair's sentence begin, and how many units each has."""
        lengths = instances.lengths[part]
        if not self.has_pieces:
            return np.zeros((len(lengths), 1), dtype=np.int64), lengths[:, None]
        ends = instances.stops[instances.heads[part]], instances.stops[instances.tails[part]]
        edges = np.stack((0 * lengths, np.minimum(*ends), np.maximum(*ends), lengths), axis=1)
        return edges[:, :-1], np.diff(edges, axis=1)


@dataclass(frozen=True, slots=True)
class _Roles:
    """Distinct (entity, reading): their units, one row each, end to end."""

    rows: Ints  # the same units among those of all readings
    places: Places
    begins: Ints  # where each one's rows begin


def _roles(instances: Instances, entities: Ints, reading: Ints) -> tuple[_Roles, Ints]:
    """What has to be laid out for these ends of pairs, and which of it each pair needs."""
    readings, total = instances.readings, len(instances.starts)
    distinct, which = np.unique(reading * total + entities, return_inverse=True)
    sentence, entity = np.divmod(distinct, total)
    counts = readings.counts[sentence]
    t = ranges(np.zeros_like(counts), counts)
    places = Places(
        t=t,
        n=np.repeat(counts, counts),
        start=np.repeat(instances.starts[entity], counts),
        stop=np.repeat(instances.stops[entity], counts),
    )
    begin_of = np.cumsum(readings.counts) - readings.counts
    rows = np.repeat(begin_of[sentence], counts) + t
    return _Roles(rows, places, np.cumsum(counts) - counts), which


def _start(layer: nn.Module) -> None:
    if isinstance(layer, nn.Embedding):
        nn.init.normal_(layer.weight, std=NEW_EMBEDDINGS)
