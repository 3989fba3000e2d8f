"""From sentences to instances: given entities, pairs, the class of each pair, BIO tags."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from extraction.data.units import Offsets, covering_units, kind_of
from extraction.models.bio_mtl.convolution import ranges
from extraction.models.bio_mtl.network import Instances, Readings
from extraction.models.common.gold import Item
from extraction.models.common.labels import Labels
from extraction.models.common.pairs import Pairs, all_pairs
from extraction.types import Entity, Example, Graph

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
Ends = tuple[Ints, Ints]  # first and second entity of each pair

NEAREST = 64  # an entity is paired with so many neighbours on either side, in text order
MOST_ROWS = 1 << 21  # pairs times units of one sentence; beyond it the nearest pairs are taken
LOOKED_AT = 1000  # sentences that tell the language
OTHER = -1  # the class of a pair without relation

_NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class GivenItem(Item):
    """A sentence with the entities it was given, each as it was written.

    Entities that cover the same units with the same type are one node; nodes stand in text
    order.
    """

    given: tuple[Entity, ...] = ()
    nodes: Ints = field(default_factory=lambda: _NONE.reshape(0, 3))  # (V, 3) start, stop, type
    names: Ints = field(default_factory=lambda: _NONE)  # (V,) place of each node in `given`
    arrows: Ints = field(default_factory=lambda: _NONE.reshape(0, 3))  # (A, 3) head, tail, relation


def given_item(item: Item, example: Example, labels: Labels) -> GivenItem:
    """Lay the entities and relations of an example over its units.

    A pair has one class: the relation that stands first in the data.
    """
    found, places = _nodes(example.graph.entities, item.tokens.units, labels)
    order = sorted(range(len(found)), key=lambda place: found[place][:2])
    rank = {place: node for node, place in enumerate(order)}
    node_of = {index: rank[place] for index, place in places.items()}
    first_name: dict[int, int] = {}
    for index, node in node_of.items():
        first_name.setdefault(node, index)
    arrows = _arrows(example.graph, node_of, labels)
    return GivenItem(
        tokens=item.tokens,
        gold=item.gold,
        features=item.features,
        given=example.graph.entities,
        nodes=np.asarray([found[place] for place in order], dtype=np.int64).reshape(-1, 3),
        names=np.asarray([first_name[node] for node in range(len(order))], dtype=np.int64),
        arrows=np.asarray(arrows, dtype=np.int64).reshape(-1, 3),
    )


def _nodes(
    entities: Sequence[Entity], units: Sequence[Offsets], labels: Labels
) -> tuple[list[tuple[int, int, int]], dict[int, int]]:
    """Distinct (start, stop, type), and which of them each entity is, if any."""
    numbers = labels.entity_numbers()
    place: dict[tuple[int, int, int], int] = {}
    places: dict[int, int] = {}
    for index, entity in enumerate(entities):
        span = covering_units(units, entity.start, entity.end)
        if span is not None and entity.type in numbers:
            key = (*span, numbers[entity.type])
            places[index] = place.setdefault(key, len(place))
    return list(place), places


def _arrows(graph: Graph, node_of: Mapping[int, int], labels: Labels) -> list[tuple[int, int, int]]:
    """(head, tail, relation) of nodes, symmetric relations both ways, each pair once."""
    first: dict[tuple[int, int], int] = {}
    for relation in graph.relations:
        head, tail = node_of.get(relation.head), node_of.get(relation.tail)
        if head is None or tail is None or relation.type not in labels.relations:
            continue
        number = labels.relations.index(relation.type)
        first.setdefault((head, tail), number)
        if relation.type in labels.symmetric:
            first.setdefault((tail, head), number)
    return [(head, tail, number) for (head, tail), number in first.items()]


@dataclass(frozen=True, slots=True)
class Classes:
    """What the class numbers of a pair say: relation types, in unordered pairs with direction."""

    forward: Ints  # (K,) the class of "the first entity is the head" of each relation type
    backward: Ints  # (K,) of "the second is"; -1 where there is no such class
    count: int

    @classmethod
    def of(cls, labels: Labels, *, is_ordered: bool) -> Classes:
        """Number them: one a type, and in unordered pairs a second one for directed types."""
        types = len(labels.relations)
        forward = np.arange(types)
        has_other_way = np.asarray(
            [not is_ordered and name not in labels.symmetric for name in labels.relations],
            dtype=bool,
        )
        backward = np.where(has_other_way, types + np.cumsum(has_other_way) - 1, -1)
        return cls(forward, backward, types + int(has_other_way.sum()))

    @property
    def is_ordered(self) -> bool:
        """Whether no class tells the direction, because the pair's order does."""
        return self.count == len(self.forward)

    def names(self, labels: Labels) -> tuple[Hashable, ...]:
        """The label of each class."""
        ahead = [(name, "forward") for name in labels.relations]
        back = [
            (name, "backward")
            for name, number in zip(labels.relations, self.backward.tolist(), strict=True)
            if number >= 0
        ]
        return (*ahead, *back)


@dataclass(frozen=True, slots=True)
class Nodes:
    """Entities of a batch: kept ones carry tags, all of them may be paired."""

    starts: Ints  # (E,) counted from the first unit of the sentence
    stops: Ints  # (E,)
    types: Ints  # (E,) class numbers, from 1
    sentence: Ints  # (E,) grouped
    has_tag: Bools  # (E,)


def nodes_of(items: Sequence[GivenItem]) -> Nodes:
    """All given entities of a batch."""
    rows = np.concatenate([item.nodes for item in items])
    counts = [len(item.nodes) for item in items]
    sentence = np.repeat(np.arange(len(items)), counts)
    return Nodes(rows[:, 0], rows[:, 1], rows[:, 2], sentence, np.ones(len(rows), dtype=bool))


def pair_up(
    nodes: Nodes, candidates: Pairs, unit_counts: Ints, met: Bools, *, is_ordered: bool
) -> Ends:
    """Which of these pairs are instances (heads, tails), sentence by sentence.

    An unordered pair begins with the entity that stands first in the text. `met`
    (C + 1, C + 1) says which types may stand as first and second of a pair.
    """
    first, second = candidates.first, candidates.second
    is_turned = nodes.starts[second] < nodes.starts[first]
    first, second = np.where(is_turned, second, first), np.where(is_turned, first, second)
    if is_ordered:
        first, second = np.concatenate((first, second)), np.concatenate((second, first))
    is_one = (nodes.starts[first] == nodes.starts[second]) & (
        nodes.stops[first] == nodes.stops[second]
    )
    rows = np.flatnonzero(met[nodes.types[first], nodes.types[second]] & ~is_one)
    rows = rows[np.argsort(nodes.sentence[first[rows]], kind="stable")]
    return _nearest(nodes, unit_counts, first[rows], second[rows])


def given_pairs(nodes: Nodes) -> Pairs:
    """All pairs of entities that do not stand too many entities apart."""
    return all_pairs(nodes.sentence, NEAREST)


def _nearest(nodes: Nodes, unit_counts: Ints, first: Ints, second: Ints) -> Ends:
    """Leave out the farthest pairs of sentences that have too many of them."""
    sentence = nodes.sentence[first]
    most = np.maximum(MOST_ROWS // np.maximum(unit_counts, 1), 1)
    if bool((np.bincount(sentence, minlength=len(unit_counts)) <= most).all()):
        return first, second
    gap = np.maximum(nodes.starts[first], nodes.starts[second]) - np.minimum(
        nodes.stops[first], nodes.stops[second]
    )
    order = np.lexsort((gap, sentence))
    ranked = sentence[order]
    rank = np.arange(len(order)) - np.searchsorted(ranked, ranked)
    kept = np.sort(order[rank < most[ranked]])
    return first[kept], second[kept]


def classes_of(items: Sequence[GivenItem], pairs: Ends, total: int, classes: Classes) -> Ints:
    """The class of each pair (P,), OTHER for those without a relation."""
    begins = np.cumsum([0, *(len(item.nodes) for item in items[:-1])])
    arrows = np.concatenate([item.arrows for item in items])
    shift = np.repeat(begins, [len(item.arrows) for item in items])
    keys = (arrows[:, 0] + shift) * total + arrows[:, 1] + shift
    ahead = _find(keys, pairs[0] * total + pairs[1])
    found = np.where(ahead >= 0, classes.forward[arrows[ahead, 2]], OTHER) if len(keys) else ahead
    if classes.is_ordered or not len(keys):
        return found
    back = _find(keys, pairs[1] * total + pairs[0])
    is_back = (back >= 0) & ((ahead < 0) | (back < ahead))
    relation = arrows[back, 2]
    backward = np.where(
        classes.backward[relation] >= 0, classes.backward[relation], classes.forward[relation]
    )
    return np.where(is_back, backward, found)


def _find(keys: Ints, wanted: Ints) -> Ints:
    """Where each wanted key stands, -1 if nowhere."""
    if not len(keys):
        return np.full(len(wanted), -1)
    order = np.argsort(keys)
    at = np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)
    return np.where(keys[order[at]] == wanted, order[at], -1)


def met_types(examples: Iterable[Example], labels: Labels, *, is_ordered: bool) -> Bools:
    """(C + 1, C + 1): which entity types stood as head and tail of a relation.

    Both ways where the order of a pair says nothing, and for symmetric relations.
    """
    numbers = labels.entity_numbers()
    met = np.zeros((len(numbers) + 1, len(numbers) + 1), dtype=bool)
    for example in examples:
        entities = example.graph.entities
        for relation in example.graph.relations:
            head = numbers.get(entities[relation.head].type)
            tail = numbers.get(entities[relation.tail].type)
            if head is None or tail is None or relation.type not in labels.relations:
                continue
            met[head, tail] = True
            if not is_ordered or relation.type in labels.symmetric:
                met[tail, head] = True
    return met


def instances_of(nodes: Nodes, pairs: Ends, unit_counts: Ints, *, targets_last: bool) -> Instances:
    """Lay out the readings that these pairs see.

    Longer entities are tagged first, shorter ones over them. With `targets_last` a pair whose
    own entities are hidden so, or carry no tag, gets a reading in which they stand above all.
    """
    heads, tails = pairs
    begins = np.cumsum(unit_counts) - unit_counts
    tags = np.zeros(int(unit_counts.sum()), dtype=np.int64)
    tagged = np.flatnonzero(nodes.has_tag)
    _paint(tags, begins[nodes.sentence[tagged]], nodes, tagged)
    sentence = nodes.sentence[heads]
    shown, reading = np.unique(sentence, return_inverse=True)
    own = _hidden(tags, begins, nodes)[np.stack(pairs)].any(axis=0) if targets_last else None
    special = _NONE if own is None else np.flatnonzero(own)
    reading[special] = len(shown) + np.arange(len(special))
    seen = np.concatenate((shown, sentence[special]))  # the sentence of each reading
    counts = unit_counts[seen]
    all_tags = tags[ranges(begins[seen], counts)]
    targets = np.stack((heads[special], tails[special]), axis=1).ravel()
    reading_begins = np.cumsum(counts) - counts
    _paint(all_tags, np.repeat(reading_begins[len(shown) :], 2), nodes, targets)
    return Instances(
        Readings(begins[seen], counts, all_tags), nodes.starts, nodes.stops, heads, tails, reading
    )


def _paint(tags: Ints, begins: Ints, nodes: Nodes, chosen: Ints) -> None:
    """Write B and I of the chosen entities, the shorter over the longer.

    Class c has the tags 2c - 1 (B) and 2c (I); 0 is O.
    """
    widths = nodes.stops[chosen] - nodes.starts[chosen]
    order = np.argsort(-widths, kind="stable")
    starts, widths = (begins + nodes.starts[chosen])[order], widths[order]
    values = np.repeat(2 * nodes.types[chosen][order], widths)
    values[np.cumsum(widths) - widths] -= 1
    tags[ranges(starts, widths)] = values  # where places repeat, numpy keeps the last


def _hidden(tags: Ints, begins: Ints, nodes: Nodes) -> Bools:
    """Which entities do not show their own tags throughout."""
    widths = nodes.stops - nodes.starts
    values = np.repeat(2 * nodes.types, widths)
    values[np.cumsum(widths) - widths] -= 1
    differs = tags[ranges(begins[nodes.sentence] + nodes.starts, widths)] != values
    hidden: Bools = np.bincount(np.repeat(np.arange(len(widths)), widths), differs) > 0
    return hidden


def tag_names(labels: Labels) -> tuple[Hashable, ...]:
    """The label of each tag: O, then B and I of every entity type."""
    return ("O", *((kind, name) for name in labels.entities for kind in "BI"))


def language_of(examples: Sequence[Example]) -> str:
    """Whether more ideographs and kana or more words of letters are read: chinese, english."""
    wide = words = 0
    for example in examples[:LOOKED_AT]:
        before = "space"
        for character in example.text:
            kind = kind_of(character)
            wide += kind == "single" and character.isalpha()
            words += kind == "letter" and before != "letter"
            before = kind
    return "chinese" if wide > words else "english"
