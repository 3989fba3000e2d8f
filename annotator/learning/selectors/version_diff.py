"""Two versions sentence by sentence: what the second one mended, broke, newly says, says no more.

Of two versions A and B beside gold G: fixed = (G ∩ B) - A, broken = (G ∩ A) - B, new = B - A - G,
lost = A - B - G. So right(B) - right(A) = fixed - broken, and wrong(B) - wrong(A) = new - lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotator.labelling.graphs import to_graph
from annotator.learning.models import ModelVersion
from annotator.learning.selectors.judgements import Judged, judged_by_both
from annotator.learning.selectors.statement_pages import Piece, Row, cut_page
from annotator.projects.selectors import symmetric_types
from extraction.evaluation.changes import changes
from extraction.evaluation.match import (
    Key,
    Match,
    Reading,
    Statement,
    entities_strict,
    relations_strict,
)
from extraction.evaluation.metrics import Counts
from extraction.types import Graph

KINDS = ("fixed", "broken", "new", "lost")
MATCHES: Mapping[str, Match] = {"triple": relations_strict, "entity": entities_strict}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """A sentence with what gold and two versions say of it, as sets that can be compared."""

    first: Judged
    second: Judged
    gold: Key
    ones: Key
    others: Key
    by_kind: Mapping[str, Key]  # the statements on which the two differ

    def every(self) -> Key:
        """Return all that gold or either version says."""
        return self.gold | self.ones | self.others


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which differences are asked for."""

    of: str = "triple"
    kind: str = ""
    type: str = ""

    def is_met(self, one: Compared) -> bool:
        """Say whether a sentence has a difference that is asked for."""
        return any(self.has(kind, said) for kind, key in one.by_kind.items() for said in key)

    def has(self, kind: str | None, said: Statement) -> bool:
        """Say whether a statement is asked for; its kind is None where both versions agree."""
        return kind is not None and self.kind in ("", kind) and self.type in ("", said[0])


def version_diff(
    first: ModelVersion, second: ModelVersion, wanted: Wanted, cursor: str | None
) -> tuple[Json, str | None]:
    """Return counts over all common sentences and a page of differing ones. Three queries."""
    symmetric = symmetric_types(first.project)
    rows = _compared(judged_by_both(first, second), MATCHES[wanted.of], symmetric)
    chosen = [one for one in rows if wanted.is_met(one)]
    places = [Row(one.first.gold_id, len(one.every())) for one in chosen]
    pieces, after = cut_page(places, cursor)
    summary: Json = {
        "sentences": len(rows),
        "differing": len(chosen),
        "first": _counts([(one.gold, one.ones) for one in rows], wanted.type),
        "second": _counts([(one.gold, one.others) for one in rows], wanted.type),
        "counts": _by_kind(rows, wanted.type),
        "by_type": _by_type(rows),
        "results": [_sentence_json(chosen[at.index], at, wanted, symmetric) for at in pieces],
    }
    return summary, after


def _compared(
    pairs: Sequence[tuple[Judged, Judged]], match: Match, symmetric: frozenset[str]
) -> list[Compared]:
    def compared(one: Judged, other: Judged) -> Compared:
        graphs = (one.gold_graph(), one.predicted_graph(), other.predicted_graph())
        gold, ones, others = (match(Reading(graph, one.text, symmetric)) for graph in graphs)
        found = changes(gold, ones, others)
        by_kind = {kind: getattr(found, kind) for kind in KINDS}
        return Compared(one, other, gold, ones, others, by_kind)

    return [compared(one, other) for one, other in pairs]


def _only(key: Key, name: str) -> Key:
    return frozenset(one for one in key if one[0] == name) if name else key


def _counts(pairs: Sequence[tuple[Key, Key]], name: str) -> Json:
    """Return right, wrong and missed statements, and F1."""
    kept = [(_only(gold, name), _only(said, name)) for gold, said in pairs]
    found = Counts(
        sum(len(gold & said) for gold, said in kept),
        sum(len(said - gold) for gold, said in kept),
        sum(len(gold - said) for gold, said in kept),
    )
    return {
        "right": found.right,
        "wrong": found.wrong,
        "missed": found.missed,
        "f1": round(found.f1, 4),
    }


def _by_kind(rows: Sequence[Compared], name: str) -> Json:
    total = Counter(dict.fromkeys(KINDS, 0))
    for one in rows:
        total.update({kind: len(_only(key, name)) for kind, key in one.by_kind.items()})
    return dict(total)


def _by_type(rows: Sequence[Compared]) -> list[Json]:
    total: dict[str, Counter[str]] = {}
    for one in rows:
        for kind, key in one.by_kind.items():
            for name, _ in key:
                total.setdefault(name, Counter())[kind] += 1
    return [{"type": name, **{kind: total[name][kind] for kind in KINDS}} for name in sorted(total)]


def _sentence_json(one: Compared, at: Piece, wanted: Wanted, symmetric: frozenset[str]) -> Json:
    """Return a sentence with a piece of its statements: first what is asked for, then changes."""
    of, text = wanted.of, one.first.text
    kinds = {said: kind for kind, key in one.by_kind.items() for said in key}
    sure = [dict(confidences(judged, of, symmetric)) for judged in (one.first, one.second)]

    def place(said: Statement) -> tuple[Any, ...]:
        kind = kinds.get(said)
        return not wanted.has(kind, said), kind is None, said[1], said[0]

    return {
        "sentence_id": one.first.sentence_id,
        "text": text,
        "statements": [
            {
                **statement_words(said, of, text),
                "change": kinds.get(said),
                "is_gold": said in one.gold,
                "first": sure[0].get(said),
                "second": sure[1].get(said),
            }
            for said in sorted(one.every(), key=place)[at.begin : at.end]
        ],
    }


def confidences(
    one: Judged, of: str, symmetric: frozenset[str]
) -> Iterator[tuple[Statement, float]]:
    """Yield what a version says, with how sure it is; `of` is "triple" or "entity"."""
    part = "relations" if of == "triple" else "entities"
    graph = to_graph(one.predicted)
    for index, said in enumerate(one.predicted[part]):
        alone = (
            Graph(graph.entities, (graph.relations[index],))
            if of == "triple"
            else Graph((graph.entities[index],))
        )
        for key in MATCHES[of](Reading(alone, one.text, symmetric)):
            yield key, said["confidence"]


def statement_words(said: Statement, of: str, text: str) -> Json:
    """Return a statement with the words that its ends cover."""
    name, place = said
    spans = place if of == "triple" else (place,)
    ends = [
        {
            "start": span[0],
            "end": span[1],
            "surface": text[span[0] : span[1]],
            "type": span[2] if of == "triple" else name,
        }
        for span in spans
    ]
    return {"type": name, "head": ends[0], "tail": ends[1] if of == "triple" else None}
