"""The CNN of bio_mtl as the paper writes it: every pair of entities is a sentence of its own.

The matrix X of section 2.1 is built for each pair: words, two distances, tags. The pairs of a
sentence are of one length and go through the convolutions together.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from extraction.models.bio_mtl.convolution import padding_left
from extraction.models.bio_mtl.encode import GivenItem, given_pairs, nodes_of
from extraction.models.bio_mtl.model import BioMtl
from extraction.models.bio_mtl.network import BioMtlNetwork, Instances, Scores

Ints = np.ndarray[Any, np.dtype[np.int64]]


def predict(model: BioMtl, items: Sequence[GivenItem]) -> Scores | None:
    """Scores of all pairs of given entities, None if there is no pair."""
    model.network.eval()
    joined = [items[place] for place in model.stage.may_join(items)]
    if not joined:
        return None
    nodes = nodes_of(joined)
    counts = np.asarray([len(item.tokens.units) for item in joined])
    instances = model.stage.lay_out(nodes, given_pairs(nodes), counts)
    if instances is None:
        return None
    with torch.inference_mode():
        units = model.features(joined).units
        network = model.stage.network
        return network.score(represent(network, units, instances))


def loss(model: BioMtl, items: Sequence[GivenItem], rng: np.random.Generator) -> Tensor:
    """The objective of the same pairs as `model.loss`."""
    network = model.stage.network
    joined = [items[place] for place in model.stage.may_join(items)]
    found = model.stage.task(joined, rng) if joined else None
    if found is None:
        return network.nothing()
    instances, target = found
    r = represent(network, model.features(joined).units, instances)
    return model.stage.objective(network.score(r), torch.from_numpy(target).to(r.device))


def represent(network: BioMtlNetwork, units: Tensor, instances: Instances) -> Tensor:
    """r of every pair, (P, F) or (P, 3F)."""
    rows = [
        np.flatnonzero(instances.reading == one) for one in range(len(instances.readings.first))
    ]
    parts = [_of_sentence(network, units, instances, pairs) for pairs in rows if len(pairs)]
    order = np.concatenate(rows)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return torch.cat(parts)[torch.from_numpy(back)]


def distances(units: int, start: int, stop: int, clip: int) -> Tensor:
    """Each unit's distance (n,) to an entity's first unit, 0 inside it, within +-clip."""
    t = torch.arange(units)
    is_inside = (t >= start) & (t < stop)
    return torch.where(is_inside, 0, t - start).clamp(-clip, clip)


def _of_sentence(
    network: BioMtlNetwork, units: Tensor, instances: Instances, pairs: Ints
) -> Tensor:
    x = torch.stack([_matrix(network, units, instances, pair) for pair in pairs.tolist()])
    maps = []
    for window in cast("list[nn.Conv1d]", list(network.windows)):
        k = window.kernel_size[0]
        padded = functional.pad(x, (padding_left(k), k - 1 - padding_left(k)))
        maps.append(network.g(window(padded)))  # (P', filters, n), equation 1
    scores = torch.cat(maps, dim=1)
    if not network.has_pieces:
        return scores.amax(2)
    return torch.stack(
        [_in_pieces(one, instances, pair) for one, pair in zip(scores, pairs.tolist(), strict=True)]
    )


def _matrix(network: BioMtlNetwork, units: Tensor, instances: Instances, pair: int) -> Tensor:
    """X (d, n) of one pair."""
    readings = instances.readings
    number = int(instances.reading[pair])
    first, n = int(readings.first[number]), int(readings.counts[number])
    begin = int(readings.counts[:number].sum())
    clip = network.head_position.num_embeddings // 2
    columns = [units[first : first + n]]
    for entity, vectors in (
        (int(instances.heads[pair]), network.head_position),
        (int(instances.tails[pair]), network.tail_position),
    ):
        span = int(instances.starts[entity]), int(instances.stops[entity])
        columns.append(vectors(distances(n, *span, clip) + clip))
    if network.tag is not None:
        columns.append(network.tag(torch.from_numpy(readings.tags[begin : begin + n])))
    return torch.cat(columns, dim=1).T


def _in_pieces(scores: Tensor, instances: Instances, pair: int) -> Tensor:
    """Maxima (3F,) of a pair's scores (F, n) before, between and after its entities' ends."""
    ends = sorted(int(instances.stops[side[pair]]) for side in (instances.heads, instances.tails))
    pieces = [scores[:, a:b] for a, b in pairwise([0, *ends, scores.shape[1]])]
    nothing = scores.new_zeros(len(scores))
    return torch.cat([one.amax(1) if one.shape[1] else nothing for one in pieces])
