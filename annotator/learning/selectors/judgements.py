"""What versions said of the sentences they were measured on, beside what is gold there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet, Sum

from annotator.labelling.graphs import to_graph
from annotator.learning.models import Judgement, ModelVersion
from extraction.evaluation.metrics import Counts
from extraction.types import Graph

COUNTS = (
    *("entity_right", "entity_wrong", "entity_missed"),
    *("triple_right", "triple_wrong", "triple_missed"),
)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """A measured sentence: its frozen gold, and what the version says, both as stored JSON.

    `predicted` is spelt like a suggestion: with confidences, `refused` and `alternatives`.
    """

    sentence_id: int
    gold_id: int
    text: str
    gold: Json
    predicted: Json

    def gold_graph(self) -> Graph:
        """Return the gold as the engine's value."""
        return to_graph(self.gold)

    def predicted_graph(self) -> Graph:
        """Return what is said as the engine's value, without confidences."""
        return to_graph(self.predicted)


def judged(version: ModelVersion, among: Collection[int] | None = None) -> Sequence[Judged]:
    """Return what a version says of its measured sentences, in the order of the corpus.

    Of a sentence that was measured against several gold revisions the newest counts; `among`
    says which gold revisions are asked for at all. One query.
    """
    rows = version.judgements.all()
    return _rows(rows if among is None else rows.filter(gold__in=among))


def judged_by_both(
    first: ModelVersion, second: ModelVersion, among: Collection[int] | None = None
) -> Sequence[tuple[Judged, Judged]]:
    """Return the sentences that both versions were measured on against the same gold.

    Pairs of what the first and the second one say, in the order of the corpus. Two queries.
    """
    common = first.judgements.filter(gold__in=second.judgements.values("gold"))
    if among is not None:
        common = common.filter(gold__in=among)
    ones = _rows(common)
    others = {one.gold_id: one for one in judged(second, [one.gold_id for one in ones])}
    return [(one, others[one.gold_id]) for one in ones]


def judged_figures(version_id: int, among: Collection[int]) -> Mapping[str, float]:
    """Return the strict F1 of entities and triples on gold revisions. One query."""
    rows = Judgement.objects.filter(model_version=version_id, gold__in=among)
    found: Json = rows.aggregate(**{name: Sum(name, default=0) for name in COUNTS})
    sums = [found[name] for name in COUNTS]
    return {"entity_f1": Counts(*sums[:3]).f1, "triple_f1": Counts(*sums[3:]).f1}


def _rows(rows: QuerySet[Judgement]) -> list[Judged]:
    newest = rows.order_by("gold__sentence", "-gold").distinct("gold__sentence")
    values = newest.values_list(
        "gold__sentence__position",
        *("gold__sentence", "gold", "gold__sentence__text", "gold__graph", "graph"),
    )
    in_order = sorted(values.iterator(), key=itemgetter(0))
    return [Judged(*row[1:]) for row in in_order]
