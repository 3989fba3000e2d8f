"""Judgements: what a version says of the sentences it is measured on, kept beside their gold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from annotator.core.errors import ConflictError
from annotator.labelling.models import GoldRevision
from annotator.learning.graphs import suggestion_graph
from annotator.learning.models import Judgement, Run
from annotator.learning.selectors.training import measured_revisions
from extraction.types import Prediction

BATCH = 500

Said = Iterable[tuple[str, Prediction]]  # sentence id, what is said of it


class OtherSentencesError(ConflictError):
    """The predictions are not those of the sentences that were to be measured."""

    code = "other_sentences"


def store_judgements(version_id: int, run: Run, said: Said | None) -> None:
    """Keep what a version says of the sentences that a run is measured on, in their order."""
    if said is not None:
        store_judged(version_id, measured_revisions(run), said)


def store_judged(version_id: int, revisions: Sequence[int], said: Said) -> None:
    """Keep what a version says of gold revisions, in flat memory; said again, it is replaced."""
    lines = iter(said)
    for first in range(0, len(revisions), BATCH):
        ids = revisions[first : first + BATCH]
        Judgement.objects.bulk_create(
            _rows(version_id, ids, list(islice(lines, len(ids)))),
            update_conflicts=True,
            unique_fields=["model_version", "gold"],
            update_fields=["graph"],
        )
    if next(lines, None) is not None:
        raise OtherSentencesError("More sentences were predicted than measured")


def _rows(
    version_id: int, ids: Sequence[int], lines: Sequence[tuple[str, Prediction]]
) -> Iterator[Judgement]:
    sentences = dict(GoldRevision.objects.filter(pk__in=ids).values_list("pk", "sentence"))
    if [str(sentences[pk]) for pk in ids] != [name for name, _ in lines]:
        raise OtherSentencesError("Other sentences were predicted than measured")
    for pk, (_, prediction) in zip(ids, lines, strict=True):
        yield Judgement(model_version_id=version_id, gold_id=pk, graph=suggestion_graph(prediction))
