"""From a batch's tables to what is said: typed entities, triples between them, candidates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from extraction.models.common.decode import (
    FLOOR,
    Arrows,
    PairVerdict,
    Rules,
    Weighed,
    choose_spans,
    class_verdict,
    judge_pairs,
    pairs_to_try,
    settled,
    weigh,
)
from extraction.models.common.spans import Spans, to_index
from extraction.models.common.table import Factors, Layout, Sought, Strong, scored_at, strong
from extraction.models.common.table_places import Places
from extraction.models.onerel.corners import Corners, read_corners
from extraction.models.onerel.network import HB_TB, HB_TE, HE_TE, TAGS

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float32]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

MOST_CORNERS = 64  # HB-TE cells of a sentence that are completed; bounds a model that tags all
MOST_SPANS = 400  # entity cells of a sentence that are looked at
SURE = 1 - 1e-6


@dataclass(frozen=True, slots=True)
class Reading:
    """The tables of a batch, of which any cell can be scored."""

    factors: Factors
    layout: Layout
    places: Places
    unit_borders: Ints  # (B + 1,)
    relation: tuple[Tensor, Tensor]  # scores tags 1..3, less "-": (3 K, D), (3 K,)
    entity: tuple[Tensor, Tensor]  # scores types, less "no entity": (C, D), (C,)

    def log_chances(self, rows: Ints, columns: Ints) -> Tensor:
        """The log chances (cells, 4, K) of the tags of these cells."""
        scores = scored_at(self.factors, rows, columns, *self.relation)
        scores = scores.view(len(scores), TAGS - 1, len(self.relation[0]) // (TAGS - 1))
        nothing = scores.new_zeros(len(scores), 1, scores.shape[2])
        return torch.cat((nothing, scores), dim=1).log_softmax(1)

    def type_scores(self, spans: Spans) -> Tensor:
        """The scores (S, C + 1) of these spans' types, "no entity" being 0."""
        scores = scored_at(self.factors, *self.ends(spans), *self.entity)
        return torch.cat((scores.new_zeros(len(scores), 1), scores), dim=1)

    def ends(self, spans: Spans) -> tuple[Ints, Ints]:
        """The places where spans begin and end."""
        shift = self.layout.borders[spans.sentence]
        units = self.unit_borders[spans.sentence]
        begins = self.places.of_begin(spans.starts - units) + shift
        return begins, self.places.of_end(spans.stops - units) + shift

    def spans(self, begins: Ints, ends: Ints) -> tuple[Spans, Bools]:
        """The spans between places, and which of them are spans at all."""
        sentence = self.layout.sentence_of(begins)
        shift, units = self.layout.borders[sentence], self.unit_borders[sentence]
        is_span = self.places.is_span(begins - shift, ends - shift)
        starts = self.places.begin_unit(begins - shift) + units
        stops = self.places.end_unit(ends - shift) + units
        return Spans(starts, stops, sentence, self.unit_borders), is_span


@dataclass(frozen=True, slots=True)
class Triples:
    """Heads and tails as rows of `spans`."""

    spans: Spans
    heads: Ints
    tails: Ints
    types: Ints
    chance: Floats  # the geometric mean of the three corners' chances
    is_said: Bools

    def at(self, some: Bools) -> Triples:
        """These triples only, over all spans."""
        return Triples(
            self.spans,
            self.heads[some],
            self.tails[some],
            self.types[some],
            self.chance[some],
            self.is_said[some],
        )

    def ends(self, chance: Floats) -> Floats:
        """For each span the chance that one of its triples, of these chances, is right."""
        doubt = np.log1p(-np.minimum(chance, SURE))
        summed = np.bincount(self.heads, doubt, len(self.spans))
        summed += np.bincount(self.tails, doubt, len(self.spans))
        return (-np.expm1(summed)).astype(np.float32)


def read_entities(reading: Reading, rules: Rules) -> Weighed:
    """The spans that the entity slice tags or nearly tags."""
    (strong_spans,) = strong(reading.factors, reading.layout, [entities_sought(reading)])
    return weigh_entities(reading, strong_spans, rules)


def entities_sought(reading: Reading) -> Sought:
    """Types that may reach the floor of a candidate: 1 - p(none) >= floor needs one of these."""
    weight, bias = reading.entity
    floor = logit(FLOOR) - math.log(max(1, len(weight)))
    return Sought(weight, bias, floor, MOST_SPANS, reading.places.diagonal)


def corners_sought(reading: Reading) -> Sought:
    """HB-TE cells whose chance may reach the floor of a candidate."""
    weight, bias = reading.relation
    count = len(weight) // (TAGS - 1)
    middle = slice((HB_TE - 1) * count, HB_TE * count)
    return Sought(weight[middle], bias[middle], logit(FLOOR), MOST_CORNERS)


def logit(chance: float) -> float:
    """The score of a chance."""
    return math.log(chance / (1 - chance))


def weigh_entities(reading: Reading, found: Strong, rules: Rules) -> Weighed:
    """What the entity slice says of the cells that were found, each of them once."""
    cells = reading.layout.cell_of(found.rows, found.columns)
    _, once = np.unique(cells, return_index=True)
    spans, is_span = reading.spans(found.rows[once], found.columns[once])
    spans = spans.at(np.flatnonzero(is_span))
    return weigh(spans, class_verdict(reading.type_scores(spans), rules))


def read_pairs(reading: Reading, chosen: Weighed, rules: Rules, threshold: float) -> Arrows | None:
    """Judge all pairs of known spans by their three corners, both ways round."""
    pairs = pairs_to_try(chosen)
    if not len(pairs):
        return None
    heads = np.concatenate((pairs.first, pairs.second))
    tails = np.concatenate((pairs.second, pairs.first))
    begins, ends = reading.ends(chosen.spans)
    rows = np.concatenate((begins[heads], begins[heads], ends[heads]))
    columns = np.concatenate((begins[tails], ends[tails], ends[tails]))
    logs = reading.log_chances(rows, columns).view(3, len(heads), TAGS, -1)  # (3, P, 4, K)
    summed = logs[0, :, HB_TB] + logs[1, :, HB_TE] + logs[2, :, HE_TE]  # (P, K)
    scores = (summed / 3).exp().cpu().numpy()
    return judge_pairs(chosen, heads, tails, PairVerdict(scores, scores >= threshold), rules)


@dataclass(frozen=True, slots=True)
class Way:
    """How triples are read from corners."""

    is_walked: bool  # as the reference implementation walks
    has_slice: bool  # whether the entity slice was learnt, and speaks of entities, too
    may_overlap: bool


def read_triples(reading: Reading, rules: Rules, way: Way) -> tuple[Weighed, Arrows | None]:
    """Triples from tagged corners; their ends are entities, beside those of the entity slice."""
    sought = [corners_sought(reading)] + [entities_sought(reading)] * way.has_slice
    found = strong(reading.factors, reading.layout, sought)
    corners = read_corners(found[0], reading.layout, reading.log_chances, is_walked=way.is_walked)
    known = weigh_entities(reading, found[1], rules) if way.has_slice else None
    triples = _triples(reading, corners, known)
    told, triples = _told(reading, triples, known, rules)
    chosen = choose_spans(told, may_overlap=way.may_overlap)
    return chosen, settled(chosen, _arrows(chosen, triples), rules)


def _triples(reading: Reading, corners: Corners, known: Weighed | None) -> Triples:
    """Corners that are spans of two, over the spans of the triples and the known ones."""
    head, is_head = reading.spans(corners.head_begins, corners.head_ends)
    tail, is_tail = reading.spans(corners.tail_begins, corners.tail_ends)
    differ = (head.starts != tail.starts) | (head.stops != tail.stops)
    some = np.flatnonzero(is_head & is_tail & differ)
    parts = [head.at(some), tail.at(some)] + ([known.spans] if known is not None else [])
    spans = _joined(parts)
    _, once, place = np.unique(_keys(spans), return_index=True, return_inverse=True)
    return Triples(
        spans=spans.at(once),
        heads=place[: len(some)],
        tails=place[len(some) : 2 * len(some)],
        types=corners.types[some],
        chance=corners.chance[some],
        is_said=corners.is_said[some],
    )


@dataclass(frozen=True, slots=True)
class _Typed:
    """One type for each span."""

    types: Ints  # (S,) from 1
    sure: Floats  # (S,) the chance of that type, if it is an entity at all
    some: Floats  # (S,) the chance that it is one, 0 if there is no entity slice
    is_told: Bools  # (S,) whether the entity slice says it


def _told(
    reading: Reading, triples: Triples, known: Weighed | None, rules: Rules
) -> tuple[Weighed, Triples]:
    """Spans with type and chance, and the triples that are legal then, with theirs."""
    typed = _typed(reading, triples, known, rules)
    heads, tails = typed.types[triples.heads], typed.types[triples.tails]
    triples = triples.at(rules.is_legal[heads, triples.types, tails])
    said = triples.ends(np.where(triples.is_said, triples.chance, np.float32(0.0)))
    is_kept = typed.is_told | (said > 0)
    chance = np.where(typed.is_told, typed.some, said) * typed.sure
    doubted = np.maximum(typed.some, triples.ends(triples.chance))
    told = Weighed(triples.spans, typed.types, np.where(is_kept, chance, doubted), is_kept)
    granted = typed.sure if known is None else typed.sure * typed.some
    whole = triples.chance * granted[triples.heads] * granted[triples.tails]
    return told, replace(triples, chance=np.where(triples.is_said, whole, triples.chance))


def _typed(reading: Reading, triples: Triples, known: Weighed | None, rules: Rules) -> _Typed:
    """The type that the slice tells, or the likeliest one that a span's triples allow."""
    scores = reading.type_scores(triples.spans)
    scores = scores.masked_fill(to_index(~rules.may_type, scores), -math.inf)
    real = scores[:, 1:].softmax(1).nan_to_num().cpu().numpy()  # (S, C)
    some = 1 - scores.softmax(1)[:, 0].cpu().numpy()
    is_told = np.zeros(len(real), dtype=bool)
    if known is not None:
        said = known.spans.at(np.flatnonzero(known.is_kept))
        is_told = np.isin(_keys(triples.spans), _keys(said))
    votes = np.where(is_told[:, None], np.float32(1.0), _votes(triples, rules))
    best = (real * votes).argmax(1)
    sure = real[np.arange(len(best)), best]
    return _Typed(best + 1, sure, some if known is not None else np.zeros_like(some), is_told)


def _votes(triples: Triples, rules: Rules) -> Floats:
    """For each span and type (S, C) the chances of its triples that allow it there."""
    as_head: Bools = rules.is_legal[1:, :, 1:].max(axis=2).T  # (K, C)
    as_tail: Bools = rules.is_legal[1:, :, 1:].max(axis=0)
    votes = np.full((len(triples.spans), as_head.shape[1]), np.float32(1e-9))
    chance = triples.chance[:, None]
    np.add.at(votes, triples.heads, chance * as_head[triples.types])
    np.add.at(votes, triples.tails, chance * as_tail[triples.types])
    return votes


def _arrows(chosen: Weighed, triples: Triples) -> Arrows:
    """The triples whose ends were chosen, by the places of their ends."""
    keys = _keys(chosen.spans)
    order = np.argsort(keys)
    places = np.searchsorted(keys[order], _keys(triples.spans))
    found = np.append(keys[order], -1)[places] == _keys(triples.spans)
    place_of = np.where(found, np.append(order, -1)[places], -1)
    heads, tails = place_of[triples.heads], place_of[triples.tails]
    some = np.flatnonzero((heads >= 0) & (tails >= 0))
    heads, tails = heads[some], tails[some]
    is_kept = triples.is_said[some] & chosen.is_kept[heads] & chosen.is_kept[tails]
    return Arrows(heads, tails, triples.types[some], triples.chance[some], is_kept)


def _joined(parts: Sequence[Spans]) -> Spans:
    return Spans(
        np.concatenate([one.starts for one in parts]),
        np.concatenate([one.stops for one in parts]),
        np.concatenate([one.sentence for one in parts]),
        parts[0].borders,
    )


def _keys(spans: Spans) -> Ints:
    """A number for each span, the same for the same span, in the order of the text."""
    keys: Ints = spans.starts * (spans.borders[-1] + 1) + spans.stops
    return keys
