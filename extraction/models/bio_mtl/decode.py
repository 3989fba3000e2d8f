"""Equation 9, and what a score is worth as a chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from extraction.models.bio_mtl.encode import Classes, Ends, GivenItem, Nodes
from extraction.models.bio_mtl.network import Scores
from extraction.models.bio_mtl.settings import Settings
from extraction.models.common.decode import (
    FLOOR,
    Arrows,
    PairVerdict,
    Rules,
    alternatives,
    strongest,
)
from extraction.models.common.spans import to_index
from extraction.types import Candidate, Prediction, ScoredEntity, ScoredRelation

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


def class_chances(scores: Scores, is_legal: Bools, s: Settings) -> Tensor:
    """(P, 1 + K): the chance of "Other" and of each class.

    Softmax of gamma s_c against gamma theta: a class is likelier than "Other" exactly from
    theta on, and for one class alone it is the sigmoid that L+ and L- are made of. With
    cross-entropy alone it is that loss's own softmax.
    """
    classes, other, scale = scores.classes, scores.other, 1.0
    if s.rc_loss != "ce" or other is None:
        scale = s.gamma
        other = classes.new_full((len(classes), 1), s.theta)
    if not is_legal.all():
        classes = classes.masked_fill(to_index(~is_legal, classes), float("-inf"))
    return (scale * torch.cat((other, classes), dim=1)).softmax(1)


def legal_classes(nodes: Nodes, pairs: Ends, rules: Rules, classes: Classes) -> Bools:
    """Which classes (P, K) the schema allows each pair."""
    first, second = nodes.types[pairs[0]], nodes.types[pairs[1]]
    legal = np.zeros((len(first), classes.count), dtype=bool)
    legal[:, classes.forward] = rules.is_legal[first, :, second]
    is_turned = classes.backward >= 0
    legal[:, classes.backward[is_turned]] = rules.is_legal[second, :, first][:, is_turned]
    return legal


def verdict_both_ways(chances: Tensor, pairs: Ends, classes: Classes) -> tuple[Ends, PairVerdict]:
    """The ordered pairs (heads, tails) and what is said of them.

    Ordered pairs stay as they are; unordered ones stand twice, the second half turned round.
    """
    found = chances.cpu().numpy()
    said = found[:, 1:].argmax(1) if found.shape[1] > 1 else np.zeros(0, dtype=np.int64)
    rows = np.arange(len(found))
    is_said = np.zeros((len(found), classes.count), dtype=bool)
    is_said[rows, said] = found[rows, 1 + said] >= found[:, 0]
    scores = found[:, 1:]
    ahead = PairVerdict(scores[:, classes.forward], is_said[:, classes.forward])
    if classes.is_ordered:
        return pairs, ahead
    is_turned = classes.backward >= 0
    back, back_said = np.zeros_like(ahead.scores), np.zeros_like(ahead.is_said)
    back[:, is_turned] = scores[:, classes.backward[is_turned]]
    back_said[:, is_turned] = is_said[:, classes.backward[is_turned]]
    verdict = PairVerdict(
        np.concatenate((ahead.scores, back)), np.concatenate((ahead.is_said, back_said))
    )
    return (np.concatenate(pairs), np.concatenate(pairs[::-1])), verdict


def given_predictions(
    items: Sequence[GivenItem], arrows: Arrows | None, sentence: Ints, names: Sequence[str]
) -> list[Prediction]:
    """The entities as they were given, surely right, and what joins them.

    `sentence` (E,) is that of each node of the batch.
    """
    joined: list[list[ScoredRelation]] = [[] for _ in items]
    refused: list[list[Candidate]] = [[] for _ in items]
    begins = np.searchsorted(sentence, np.arange(len(items))).tolist()
    for head, tail, number, chance, is_kept in _rows(arrows):
        owner = int(sentence[head])
        item = items[owner]
        ends = int(item.names[head - begins[owner]]), int(item.names[tail - begins[owner]])
        if is_kept:
            joined[owner].append(ScoredRelation(*ends, names[number], chance))
        elif chance >= FLOOR:
            spans = [(item.given[end].start, item.given[end].end) for end in ends]
            refused[owner].append(Candidate("relation", names[number], chance, *spans))
    return [
        Prediction(
            as_given(item),
            tuple(relations),
            strongest(candidates),
            alternatives(candidates),
        )
        for item, relations, candidates in zip(items, joined, refused, strict=True)
    ]


def as_given(item: GivenItem) -> tuple[ScoredEntity, ...]:
    """The entities of an example, none left out."""
    return tuple(ScoredEntity(e.start, e.end, e.type, 1.0) for e in item.given)


def _rows(arrows: Arrows | None) -> Any:
    if arrows is None:
        return ()
    columns = (arrows.heads, arrows.tails, arrows.types, arrows.chance, arrows.is_kept)
    return zip(*(one.tolist() for one in columns), strict=True)
