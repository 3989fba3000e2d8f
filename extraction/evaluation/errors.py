"""What kind of error each statement is: gold and prediction of a sentence, aligned one to one.

Each gold and each predicted statement gets exactly one class. What is equal, as strict matching has
it, is `correct`. Of the rest, a gold and a predicted statement can belong together in one of these
ways; a pair uses up both of its statements:

1. `boundary`: same type and same entity types; at each end the spans overlap, and at one of
   them they differ.
2. `entity_type` (of an entity: `type`): the spans are equal, an entity type differs; the relation
   type is the same.
3. `predicate`: both ends are right, the relation type is another.
4. `direction`: head and tail are exchanged; never of a type without direction.

The pairs of a sentence are chosen together (`pairing`): as many as can be; among those the earliest
in this list; then the closest (`boundary`: mean intersection over union of the ends; `entity_type`:
fewer wrong entity types); then the first in the text. What is left is `missed` if it is gold and
`spurious` if it is said.

Where either relation type has no direction, ends are compared in either order. Two faults at
once, as a wrong span under a wrong type, make no pair: one `missed` and one `spurious`. So

    gold = correct + boundary + entity_type + predicate + direction + missed
    said = correct + boundary + entity_type + predicate + direction + spurious
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from extraction.evaluation.match import Key, Statement
from extraction.evaluation.metrics import Counts
from extraction.evaluation.overlap import overlap_classes
from extraction.evaluation.pairing import Pair, best_pairs

PAIRED = ("correct", "boundary", "entity_type", "predicate", "direction")
RELATION_KINDS = (*PAIRED, "missed", "spurious")
ENTITY_KINDS = ("correct", "boundary", "type", "missed", "spurious")

LENGTHS = ((25, "length:1-25"), (50, "length:26-50"), (100, "length:51-100"))
LONGEST = "length:101+"
TRIPLES = ("triples:0", "triples:1", "triples:2", "triples:3-4", "triples:3-4", "triples:5+")
OVERLAPS = ("overlap:normal", "overlap:seo", "overlap:epo", "overlap:none")
SLICES = (*OVERLAPS, *(name for _, name in LENGTHS), LONGEST, *dict.fromkeys(TRIPLES))

End = tuple[int, int, str]  # start, end, entity type
Score = Callable[[Statement, Statement], float | None]  # 0 is close, 1 is far, None is no pair

# What a pair costs is one whole number: class, then distance, then place in the text. A class
# outweighs the distances of all pairs of a sentence, and a distance all their places.
MILDER = 10**24
CLOSER = 10**6
EARLIER = 10**9


@dataclass(frozen=True, slots=True)
class Verdict:
    """A statement of gold, of the prediction, or of both that belong together; and its class."""

    kind: str
    gold: Statement | None = None
    said: Statement | None = None

    @property
    def type(self) -> str:
        """The type whose row it counts in: gold's, and the predicted one of a spurious one."""
        one = self.gold or self.said
        return one[0] if one else ""


@dataclass(frozen=True, slots=True)
class Tally:
    """Verdicts counted by (type, class) and by (gold type, predicted type); None is nothing."""

    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    confusion: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)

    def types(self) -> list[str]:
        """All types that occur in gold or prediction, in order."""
        return sorted({name for pair in self.confusion for name in pair if name is not None})

    def of_kind(self, kind: str) -> int:
        """How many verdicts are of a class."""
        return sum(count for (_, one), count in self.cells.items() if one == kind)

    def counts(self, name: str | None = None) -> Counts:
        """Right, wrong and missed of a type, or of all: what P, R and F1 come from."""
        pairs = self.confusion.items()
        gold = sum(n for (one, _), n in pairs if one is not None and name in (None, one))
        said = sum(n for (_, one), n in pairs if one is not None and name in (None, one))
        right = self.cells[name, "correct"] if name is not None else self.of_kind("correct")
        return Counts(right, said - right, gold - right)


def tally(verdicts: Iterable[Verdict]) -> Tally:
    """Count verdicts; a pair counts in its gold type's row."""
    found = Tally()
    for one in verdicts:
        found.cells[one.type, one.kind] += 1
        found.confusion[one.gold and one.gold[0], one.said and one.said[0]] += 1
    return found


def judge_relations(
    gold: Key, said: Key, symmetric: frozenset[str] = frozenset()
) -> tuple[Verdict, ...]:
    """Give each strict triple of a sentence its class, in the order of the text.

    Both sets are those of `match.relations_strict`, read with the same `symmetric` types.
    """

    def boundary(one: Statement, other: Statement) -> float | None:
        return _boundary(one, other) if one[0] == other[0] else None

    def entity_type(one: Statement, other: Statement) -> float | None:
        return _entity_type(one, other) if one[0] == other[0] else None

    def predicate(one: Statement, other: Statement) -> float | None:
        return 0 if one[0] != other[0] and one[1] == other[1] else None

    def direction(one: Statement, other: Statement) -> float | None:
        reverse = one[0] == other[0] and one[1] == other[1][::-1]
        return 0 if reverse and one[0] not in symmetric else None

    def either_way(score: Score) -> Score:
        def best(one: Statement, other: Statement) -> float | None:
            found = [score(one, other)]
            if symmetric & {one[0], other[0]}:
                found.append(score(one, (other[0], other[1][::-1])))
            return min((each for each in found if each is not None), default=None)

        return best

    steps = (
        ("boundary", either_way(boundary)),
        ("entity_type", either_way(entity_type)),
        ("predicate", either_way(predicate)),
        ("direction", direction),
    )
    return _align(gold, said, steps)


def judge_entities(gold: Key, said: Key) -> tuple[Verdict, ...]:
    """Give each strict entity of a sentence its class: there is no predicate, no direction."""

    def boundary(one: Statement, other: Statement) -> float | None:
        shared = _shared(one[1], other[1])
        return 1 - shared if one[0] == other[0] and shared else None

    def other_type(one: Statement, other: Statement) -> float | None:
        return 0 if one[1] == other[1] else None

    return _align(gold, said, (("boundary", boundary), ("type", other_type)))


def slices(text: str, gold: Key) -> frozenset[str]:
    """Which slices a sentence belongs to: how triples overlap, characters, number of triples.

    One of each sort, but for overlap: a sentence can be both SEO and EPO.
    """
    overlap = {f"overlap:{name}" for name in overlap_classes(gold)} or {"overlap:none"}
    length = next((name for most, name in LENGTHS if len(text) <= most), LONGEST)
    return frozenset({*overlap, length, TRIPLES[min(len(gold), len(TRIPLES) - 1)]})


def _align(gold: Key, said: Key, steps: Sequence[tuple[str, Score]]) -> tuple[Verdict, ...]:
    golds, guesses = sorted(gold - said, key=_in_text), sorted(said - gold, key=_in_text)
    fits = _possible(golds, guesses, steps)
    pairs = best_pairs({pair: cost for pair, (_, cost) in fits.items()})
    alone = set(range(len(golds))) - {place for place, _ in pairs}
    unlike = set(range(len(guesses))) - {there for _, there in pairs}
    found = [
        *(Verdict("correct", one, one) for one in gold & said),
        *(Verdict(fits[pair][0], golds[pair[0]], guesses[pair[1]]) for pair in pairs),
        *(Verdict("missed", gold=golds[place]) for place in alone),
        *(Verdict("spurious", said=guesses[there]) for there in unlike),
    ]
    return tuple(sorted(found, key=_place))


def _possible(
    golds: Sequence[Statement], guesses: Sequence[Statement], steps: Sequence[tuple[str, Score]]
) -> dict[Pair, tuple[str, int]]:
    """The pairs that can be, by places: the first class that each fits, and what it costs."""
    found = {}
    for (place, one), (there, other) in product(enumerate(golds), enumerate(guesses)):
        for rank, (kind, score) in enumerate(steps):
            distance = score(one, other)
            if distance is not None:
                near = round(distance * CLOSER) * EARLIER
                found[place, there] = kind, rank * MILDER + near + place + there
                break
    return found


def _in_text(one: Statement) -> tuple[Any, ...]:
    return one[1], one[0]


def _place(one: Verdict) -> tuple[Any, ...]:
    said = one.gold or one.said or ("", ())
    return said[1], said[0], one.gold is None


def _boundary(one: Statement, other: Statement) -> float | None:
    shares = [_shared(a, b) if a[2] == b[2] else 0.0 for a, b in zip(one[1], other[1], strict=True)]
    return 1 - sum(shares) / 2 if all(shares) else None


def _entity_type(one: Statement, other: Statement) -> float | None:
    ends: list[tuple[End, End]] = list(zip(one[1], other[1], strict=True))
    if any(a[:2] != b[:2] for a, b in ends):
        return None
    return sum(a[2] != b[2] for a, b in ends) / 2


def _shared(one: tuple[Any, ...], other: tuple[Any, ...]) -> float:
    """Intersection over union of two spans, in characters."""
    inside = min(one[1], other[1]) - max(one[0], other[0])
    whole = max(one[1], other[1]) - min(one[0], other[0])
    return inside / whole if inside > 0 else 0.0
