"""From chances to statements: which spans and pairs are said, which only considered.

Works on numpy arrays over a whole batch; Python touches only what is said or nearly said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter
from typing import Any

import numpy as np
from torch import Tensor

from extraction.data.units import Offsets
from extraction.models.common.labels import Labels
from extraction.models.common.pairs import Pairs, all_pairs
from extraction.models.common.spans import Spans, to_index
from extraction.types import Candidate, Prediction, Schema, ScoredEntity, ScoredRelation

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float32]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

FLOOR = 0.02  # weaker candidates are not worth a word
PAIR_FLOOR = 0.05  # a refused span this sure is tried as a relation's end
MOST_KEPT = 96  # entities a sentence; bounds the pairs of a model that sees entities everywhere
MOST_WEIGHED = 400  # spans a sentence that are looked at one by one
MOST_REFUSED = 16  # refused spans a sentence that are reported, and refused pairs
MOST_ALTERNATIVES = 40  # relation types a sentence that are reported beside what is said
MOST_TRIED = 4  # refused spans a sentence that are paired with the kept ones


@dataclass(frozen=True, slots=True)
class Rules:
    """A schema in the model's class numbers."""

    may_type: Bools  # (C + 1,)
    is_legal: Bools  # (C + 1, K, C + 1)
    is_symmetric: Bools  # (K,)


@lru_cache(maxsize=64)
def rules_of(labels: Labels, schema: Schema | None) -> Rules:
    """Number a schema's rules; without one everything is legal."""
    symmetric = labels.symmetric if schema is None else schema.symmetric
    names = ("", *labels.entities)
    if schema is None:
        may_type = np.ones(len(names), dtype=bool)
        is_legal = np.ones((len(names), len(labels.relations), len(names)), dtype=bool)
    else:
        may_type = np.asarray([not name or name in schema.entity_types for name in names])
        is_legal = np.asarray(
            [
                [[schema.is_legal(head, name, tail) for tail in names] for name in labels.relations]
                for head in names
            ],
            dtype=bool,
        ).reshape(len(names), len(labels.relations), len(names))
    is_symmetric = np.asarray([name in symmetric for name in labels.relations], dtype=bool)
    return Rules(may_type, is_legal, is_symmetric)


@dataclass(frozen=True, slots=True)
class Weighed:
    """Spans worth a look, over the batch's flat units."""

    spans: Spans
    types: Ints  # (S,) best real class
    chance: Floats  # (S,) p(type) of a kept span, 1 - p(none) of a refused one
    is_kept: Bools  # (S,)

    def __len__(self) -> int:
        return len(self.types)

    def at(self, chosen: Ints) -> Weighed:
        """These rows only."""
        return Weighed(
            self.spans.at(chosen),
            self.types[chosen],
            self.chance[chosen],
            self.is_kept[chosen],
        )


@dataclass(frozen=True, slots=True)
class SpanVerdict:
    """What a model says of each of S spans."""

    none: Floats  # (S,) chance that it is no entity
    best: Floats  # (S,) chance of its best real type
    types: Ints  # (S,) that type's class number, from 1
    is_kept: Bools  # (S,) whether it is said


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """What a model says of each of P ordered pairs, given that both ends are right."""

    scores: Floats  # (P, K) chance of each relation type
    is_said: Bools  # (P, K)


def class_verdict(logits: Tensor, rules: Rules) -> SpanVerdict:
    """Softmax over (S, C + 1) logits, class 0 being "none"; a span's best class is said."""
    if not rules.may_type.all():
        logits = logits.masked_fill(to_index(~rules.may_type, logits), float("-inf"))
    chances = logits.softmax(dim=1)
    best, types = chances[:, 1:].max(dim=1)
    none = chances[:, 0].cpu().numpy()
    found = best.cpu().numpy()
    return SpanVerdict(none, found, types.cpu().numpy() + 1, found > none)


def weigh(spans: Spans, verdict: SpanVerdict) -> Weighed:
    """Keep the spans that are said or worth a word."""
    rows = np.flatnonzero(verdict.is_kept | (1 - verdict.none >= FLOOR))
    is_kept = verdict.is_kept[rows]
    chance = np.where(is_kept, verdict.best[rows], 1 - verdict.none[rows])
    return Weighed(spans.at(rows), verdict.types[rows], chance, is_kept)


def legal_types(chosen: Weighed, heads: Ints, tails: Ints, rules: Rules) -> Bools:
    """Which relation types (P, K) may join the ends of each ordered pair."""
    legal: Bools = rules.is_legal[chosen.types[heads], :, chosen.types[tails]]
    return legal


def choose_spans(weighed: Weighed, *, may_overlap: bool) -> Weighed:
    """Keep what is said, and of the refused spans the strongest of each region.

    The result is grouped by sentence: kept spans in text order, then refused ones, best first.
    """
    order = np.lexsort((-weighed.chance, ~weighed.is_kept, weighed.spans.sentence))
    sentences = weighed.spans.sentence[order]
    chosen: list[int] = []
    for begin, end in _runs(sentences):
        chosen += _choose_in_sentence(weighed, order[begin:end][:MOST_WEIGHED], may_overlap)
    return weighed.at(np.asarray(chosen, dtype=np.int64))


def _choose_in_sentence(weighed: Weighed, ranked: Ints, may_overlap: bool) -> list[int]:  # noqa: FBT001
    """Go from kept to refused, from sure to unsure, and mark the units that are spoken for."""
    spoken: set[int] = set()
    kept: list[tuple[int, int, int]] = []
    refused: list[int] = []
    starts = weighed.spans.starts[ranked].tolist()
    stops = weighed.spans.stops[ranked].tolist()
    is_kept = weighed.is_kept[ranked].tolist()
    for row, start, stop, is_said in zip(ranked.tolist(), starts, stops, is_kept, strict=True):
        is_free = spoken.isdisjoint(range(start, stop))
        if is_said and len(kept) < MOST_KEPT and (is_free or may_overlap):
            kept.append((start, stop, row))
        elif not is_said and is_free and len(refused) < MOST_REFUSED:
            refused.append(row)
        else:
            continue
        spoken.update(range(start, stop))
    return [row for _, _, row in sorted(kept)] + refused


def pairs_to_try(chosen: Weighed) -> Pairs:
    """Pairs of kept spans, and of a kept with one of the surest refused spans."""
    refused = np.flatnonzero(~chosen.is_kept)
    sentence = chosen.spans.sentence
    rank = np.arange(len(refused)) - np.searchsorted(sentence[refused], sentence[refused])
    may_join = chosen.is_kept.copy()
    may_join[refused] = (rank < MOST_TRIED) & (chosen.chance[refused] >= PAIR_FLOOR)
    joined = np.flatnonzero(may_join)
    pairs = all_pairs(sentence[joined])
    first, second = joined[pairs.first], joined[pairs.second]
    has_kept = chosen.is_kept[first] | chosen.is_kept[second]
    return Pairs(first[has_kept], second[has_kept])


@dataclass(frozen=True, slots=True)
class Arrows:
    """Judged ordered pairs of a batch: one row a (head, tail, relation type)."""

    heads: Ints
    tails: Ints
    types: Ints
    chance: Floats  # of the triple if said, of the missing triple if refused
    is_kept: Bools


def judge_pairs(
    chosen: Weighed, heads: Ints, tails: Ints, verdict: PairVerdict, rules: Rules
) -> Arrows:
    """Decide which relations of the ordered pairs (heads, tails) are said."""
    is_open = verdict.is_said | (verdict.scores >= FLOOR)
    rows, types = np.nonzero(legal_types(chosen, heads, tails, rules) & is_open)
    head, tail, score = heads[rows], tails[rows], verdict.scores[rows, types]
    ends_kept = chosen.is_kept[head] & chosen.is_kept[tail]
    is_kept = ends_kept & verdict.is_said[rows, types]
    end_chance = chosen.chance[head] * chosen.chance[tail]
    # a kept end of a refused pair is taken for granted, a refused end weighs its chance
    granted = np.where(chosen.is_kept, np.float32(1.0), chosen.chance)
    chance = score * np.where(is_kept, end_chance, granted[head] * granted[tail])
    return settled(chosen, Arrows(head, tail, types, chance, is_kept), rules)


def settled(chosen: Weighed, arrows: Arrows, rules: Rules) -> Arrows:
    """Symmetric relations in the order of the text, and each arrow once."""
    is_symmetric = rules.is_symmetric[arrows.types]
    head, tail = _normalise(chosen, arrows.heads, arrows.tails, is_symmetric)
    return _without_twins(Arrows(head, tail, arrows.types, arrows.chance, arrows.is_kept))


def _normalise(chosen: Weighed, head: Ints, tail: Ints, is_symmetric: Bools) -> tuple[Ints, Ints]:
    """Order the ends of symmetric relations by position."""
    starts, stops = chosen.spans.starts, chosen.spans.stops
    is_backward = (starts[tail] < starts[head]) | (
        (starts[tail] == starts[head]) & (stops[tail] < stops[head])
    )
    is_turned = is_symmetric & is_backward
    return np.where(is_turned, tail, head), np.where(is_turned, head, tail)


def _without_twins(arrows: Arrows) -> Arrows:
    """Of arrows with the same ends and type keep one: the said one, the surest one."""
    if not len(arrows.heads):
        return arrows
    spans, kinds = int(max(arrows.heads.max(), arrows.tails.max())) + 1, int(arrows.types.max()) + 1
    key = (arrows.heads.astype(np.int64) * spans + arrows.tails) * kinds + arrows.types
    order = np.lexsort((-arrows.chance, ~arrows.is_kept, key))
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = key[order[1:]] != key[order[:-1]]
    rows = order[is_new]
    return Arrows(
        arrows.heads[rows],
        arrows.tails[rows],
        arrows.types[rows],
        arrows.chance[rows],
        arrows.is_kept[rows],
    )


# Spans, their places among the entities, and by sentence: relations, all that is refused, and
# what is refused between entities that are said.
Books = tuple[
    list[Offsets],
    list[int],
    list[list[ScoredRelation]],
    list[list[Candidate]],
    list[list[Candidate]],
]


def predictions(
    units: Sequence[Sequence[Offsets]],
    first_unit: Ints,
    chosen: Weighed,
    arrows: Arrows | None,
    labels: Labels,
) -> list[Prediction]:
    """Write the batch's statements down, sentence by sentence, in code points."""
    names = ("", *labels.entities)
    said: list[list[ScoredEntity]] = [[] for _ in units]
    doubted: list[list[Candidate]] = [[] for _ in units]
    between: list[list[Candidate]] = [[] for _ in units]
    spans: list[Offsets] = []
    place: list[int] = []
    for owner, start, stop, number, chance, is_kept in _span_rows(chosen, first_unit):
        span = (units[owner][start][0], units[owner][stop - 1][1])
        spans.append(span)
        place.append(len(said[owner]))
        if is_kept:
            said[owner].append(ScoredEntity(*span, names[number], chance))
        else:
            doubted[owner].append(Candidate("entity", names[number], chance, span))
    joined: list[list[ScoredRelation]] = [[] for _ in units]
    if arrows is not None:
        _write_arrows(arrows, chosen, labels, (spans, place, joined, doubted, between))
    return [
        Prediction(tuple(entities), tuple(relations), strongest(refused), alternatives(weighed))
        for entities, relations, refused, weighed in zip(
            said, joined, doubted, between, strict=True
        )
    ]


def _write_arrows(
    arrows: Arrows,
    chosen: Weighed,
    labels: Labels,
    books: Books,
) -> None:
    """Write down what is said and what can be among the strongest of what is refused.

    A model that has learnt little finds every pair possible: hundreds of thousands of arrows in a
    batch. Those that no list would keep are sorted out before they become objects.
    """
    spans, place, joined, doubted, between = books
    owners = chosen.spans.sentence[arrows.heads]
    refused = np.flatnonzero(~arrows.is_kept & (arrows.chance >= FLOOR))
    heads, tails = arrows.heads.tolist(), arrows.tails.tolist()
    types, chances, owner_of = arrows.types.tolist(), arrows.chance.tolist(), owners.tolist()
    for row in np.flatnonzero(arrows.is_kept).tolist():
        name = labels.relations[types[row]]
        ends = place[heads[row]], place[tails[row]]
        joined[owner_of[row]].append(ScoredRelation(*ends, name, chances[row]))

    def write(rows: Ints, book: list[list[Candidate]]) -> None:
        for row in rows.tolist():
            name, ends = labels.relations[types[row]], (spans[heads[row]], spans[tails[row]])
            book[owner_of[row]].append(Candidate("relation", name, chances[row], *ends))

    best = _best_of_pairs(arrows, chosen, refused)
    write(_foremost(best, owners, arrows.chance, 2 * MOST_REFUSED), doubted)
    has_ends = chosen.is_kept[arrows.heads[refused]] & chosen.is_kept[arrows.tails[refused]]
    write(_foremost(refused[has_ends], owners, arrows.chance, MOST_ALTERNATIVES), between)


def _best_of_pairs(arrows: Arrows, chosen: Weighed, rows: Ints) -> Ints:
    """Of arrows (rows) that join the same two places, the surest; the first of equals."""
    places = np.stack((chosen.spans.starts, chosen.spans.stops), axis=1)
    _, number = np.unique(places, axis=0, return_inverse=True)
    number = number.reshape(-1).astype(np.int64)
    pair = number[arrows.heads[rows]] * (len(places) + 1) + number[arrows.tails[rows]]
    order = np.lexsort((-arrows.chance[rows], pair))
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = pair[order[1:]] != pair[order[:-1]]
    return np.sort(rows[order[is_first]])


def _foremost(rows: Ints, owners: Ints, chance: Any, most: int) -> Ints:
    """Of each owner's rows the `most` surest ones, all in the order in which they came."""
    order = np.lexsort((-chance[rows], owners[rows]))
    sorted_owners = owners[rows][order]
    first = np.searchsorted(sorted_owners, sorted_owners, side="left")
    return np.sort(rows[order[np.arange(len(order)) - first < most]])


def _span_rows(chosen: Weighed, first_unit: Ints) -> Any:
    sentence = chosen.spans.sentence
    shift = first_unit[sentence]
    return zip(
        sentence.tolist(),
        (chosen.spans.starts - shift).tolist(),
        (chosen.spans.stops - shift).tolist(),
        chosen.types.tolist(),
        chosen.chance.tolist(),
        chosen.is_kept.tolist(),
        strict=True,
    )


def strongest(candidates: list[Candidate]) -> tuple[Candidate, ...]:
    """The spans and, for each pair of ends, the strongest refused type; surest first."""
    best: dict[tuple[Offsets, Offsets | None], Candidate] = {}
    for one in candidates:
        key = (one.span, one.tail)
        if key not in best or best[key].confidence < one.confidence:
            best[key] = one
    ranked = sorted(best.values(), key=lambda one: -one.confidence)
    return tuple(ranked[: 2 * MOST_REFUSED])


def alternatives(candidates: list[Candidate]) -> tuple[Candidate, ...]:
    """Of refused relations between entities that are said, all types of a pair; surest first."""
    ranked = sorted(candidates, key=attrgetter("confidence"), reverse=True)
    return tuple(ranked[:MOST_ALTERNATIVES])


def _runs(sorted_values: Ints) -> list[tuple[int, int]]:
    """The half-open ranges of equal values."""
    borders = np.flatnonzero(np.diff(sorted_values)) + 1
    edges = [0, *borders.tolist(), len(sorted_values)]
    return [(a, b) for a, b in pairwise(edges) if b > a]
