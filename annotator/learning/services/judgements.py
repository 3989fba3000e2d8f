"""Judgements: what a version says of the sentences it is measured on, kept beside their gold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from annotator.core.errors import ConflictError
from annotator.labelling.graphs import to_graph
from annotator.labelling.models import GoldRevision
from annotator.labelling.rewriting import rewrite_suggestion
from annotator.learning.graphs import suggestion_graph
from annotator.learning.models import Judgement, ModelVersion, Run
from annotator.learning.selectors.judgements import COUNTS
from annotator.learning.selectors.training import measured_revisions
from annotator.learning.services.schema_changes import changes_since
from extraction.evaluation.match import Reading, entities_strict, relations_strict
from extraction.types import Prediction

BATCH = 500

Json = dict[str, Any]
Said = Iterable[tuple[str, Prediction]]  # sentence id, what is said of it
Bring = Callable[[str, Json], Json]  # text and graph in old words -> graph in those of the gold


class OtherSentencesError(ConflictError):
    """The predictions are not those of the sentences that were to be measured."""

    code = "other_sentences"


def store_judgements(version_id: int, run: Run, said: Said | None) -> None:
    """Keep what a version says of the sentences that a run is measured on, in their order."""
    if said is not None:
        kinds = run.options["schema"]["relation_types"]
        symmetric = frozenset(one["name"] for one in kinds if one["symmetric"])
        version = ModelVersion.objects.get(pk=version_id)
        bring = bring_forward(version, run.options["schema_version"], symmetric)
        Book(version_id, symmetric, bring).store(measured_revisions(run), said)


def bring_forward(
    version: ModelVersion, schema_version: int, symmetric: frozenset[str]
) -> Bring | None:
    """Return what brings the words that a version learnt to those of a later schema."""
    changes = changes_since(version.project_id, version.schema_version, until=schema_version)
    if not changes:
        return None

    def bring(text: str, graph: Json) -> Json:
        for change in changes:
            graph = rewrite_suggestion(graph, change, text=text, symmetric=symmetric)
        return graph

    return bring


class Book:
    """Takes down what a version says; `bring` turns old words into those of the gold."""

    def __init__(
        self, version_id: int, symmetric: Collection[str], bring: Bring | None = None
    ) -> None:
        self.version_id = version_id
        self.symmetric = frozenset(symmetric)
        self.bring = bring

    def store(self, revisions: Sequence[int], said: Said) -> None:
        """Keep what is said of gold revisions, in flat memory; said again, it is replaced."""
        lines = iter(said)
        for first in range(0, len(revisions), BATCH):
            ids = revisions[first : first + BATCH]
            Judgement.objects.bulk_create(
                self._rows(ids, list(islice(lines, len(ids)))),
                update_conflicts=True,
                unique_fields=["model_version", "gold"],
                update_fields=["graph", *COUNTS],
            )
        if next(lines, None) is not None:
            raise OtherSentencesError("More sentences were predicted than measured")

    def _rows(
        self, ids: Sequence[int], lines: Sequence[tuple[str, Prediction]]
    ) -> Iterator[Judgement]:
        golds = GoldRevision.objects.select_related("sentence").in_bulk(ids)
        if [str(golds[pk].sentence_id) for pk in ids] != [name for name, _ in lines]:
            raise OtherSentencesError("Other sentences were predicted than measured")
        for pk, (_, prediction) in zip(ids, lines, strict=True):
            graph = suggestion_graph(prediction)
            if self.bring is not None:
                graph = self.bring(golds[pk].sentence.text, graph)
            counts = self._counts(golds[pk], graph)
            yield Judgement(
                model_version_id=self.version_id,
                gold_id=pk,
                graph=graph,
                **dict(zip(COUNTS, counts, strict=True)),
            )

    def _counts(self, gold: GoldRevision, graph: Json) -> Iterator[int]:
        """Yield right, wrong and missed entities, then triples."""
        text = gold.sentence.text
        true = Reading(to_graph(gold.graph), text, self.symmetric)
        told = Reading(to_graph(graph), text, self.symmetric)
        for match in (entities_strict, relations_strict):
            meant, said = match(true), match(told)
            yield from (len(meant & said), len(said - meant), len(meant - said))
