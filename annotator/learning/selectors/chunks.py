"""What a worker needs to know of a chunk: the texts to look at and the model to look with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from annotator.core.jobs import Claim
from annotator.corpus.models import Sentence
from annotator.labelling.models import Slot
from annotator.labelling.states import SlotState
from annotator.learning.graphs import prediction_of
from annotator.learning.models import ModelVersion, Suggestion
from annotator.learning.selectors.ranking import Ranking
from annotator.learning.states import VersionState
from annotator.projects.models import SchemaChange
from annotator.projects.selectors import schema_of
from extraction.types import Prediction, Schema


@dataclass(frozen=True, slots=True)
class Chunk:
    """Sentences to look at, with the model that is to do it.

    `schema` is None where types were renamed, merged, split or reversed since the model learnt
    them: it speaks in its own words, and what it says is brought into the present ones.
    """

    digest: str
    schema: Schema | None
    sentences: Sequence[tuple[int, str]]
    ranking: Ranking
    earlier: Mapping[int, Prediction]  # what an older version said, where the strategy asks for it


def chunk_of(held: Claim) -> Chunk | None:
    """Return the open sentences of a chunk, or None when its version is no longer active."""
    version = (
        ModelVersion.objects.select_related("project")
        .filter(pk=held.subject_id, state=VersionState.ACTIVE)
        .first()
    )
    if version is None:
        return None
    place = Slot.objects.filter(sentence=OuterRef("pk"), state=SlotState.OPEN)
    rows = Sentence.objects.filter(Exists(place), pk__in=held.payload["sentences"])
    texts = dict(rows.values_list("pk", "text"))
    order = [pk for pk in held.payload["sentences"] if pk in texts]
    ranking = Ranking.of(version.ranking)
    return Chunk(
        digest=version.digest,
        schema=None if has_old_words(version) else schema_of(version.project),
        sentences=[(pk, texts[pk]) for pk in order],
        ranking=ranking,
        earlier=_earlier(version, order) if ranking.strategy.uses_earlier else {},
    )


def has_old_words(version: ModelVersion, *, at: int | None = None) -> bool:
    """Say whether types were changed after a version learnt them, up to a schema version."""
    changes = SchemaChange.objects.filter(
        project=version.project_id, schema_version__gt=version.schema_version
    )
    return (changes if at is None else changes.filter(schema_version__lte=at)).exists()


def _earlier(version: ModelVersion, sentence_ids: Sequence[int]) -> dict[int, Prediction]:
    """Return the newest suggestion of another version, of each sentence that has any."""
    rows = Suggestion.objects.filter(sentence__in=sentence_ids, model_version__isnull=False)
    older = rows.exclude(model_version=version).order_by("created_at", "pk")
    return {pk: prediction_of(graph) for pk, graph in older.values_list("sentence_id", "graph")}
