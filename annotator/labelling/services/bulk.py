"""What an import needs by the thousand: slots for new sentences and gold that came with a file."""

from __future__ import annotations

import random
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max

from annotator.corpus.models import Sentence
from annotator.corpus.states import SentenceState, Split
from annotator.labelling.graphs import Json
from annotator.labelling.models import GoldRevision, Slot
from annotator.labelling.states import GoldOrigin, SlotState


def open_slots(*, sentences: Sequence[Sentence], rng: random.Random) -> None:
    """Make the places at new sentences, all of one project, `overlap` for each."""
    if not sentences:
        return
    overlap = sentences[0].project.overlap
    Slot.objects.bulk_create(
        Slot(
            project_id=sentence.project_id,
            sentence=sentence,
            number=number,
            is_holdout=sentence.split == Split.HOLDOUT,
            position=sentence.position,
            shuffle=rng.random(),
        )
        for sentence in sentences
        for number in range(1, overlap + 1)
    )


@transaction.atomic
def add_imported_gold(*, golds: Sequence[tuple[Sentence, Json]]) -> None:
    """Make checked graphs the gold of their sentences and close these sentences' slots."""
    ids = [sentence.pk for sentence, _ in golds]
    rows = GoldRevision.objects.filter(sentence__in=ids).values_list("sentence")
    newest = dict(rows.annotate(Max("version")))
    revisions = [
        GoldRevision(
            sentence=sentence,
            version=newest.get(sentence.pk, 0) + 1,
            graph=graph,
            origin=GoldOrigin.IMPORTED,
        )
        for sentence, graph in golds
    ]
    GoldRevision.objects.bulk_create(revisions)
    for revision in revisions:
        revision.sentence.gold_version = revision.version
        revision.sentence.state = SentenceState.GOLD
    Sentence.objects.bulk_update(
        [revision.sentence for revision in revisions], ["gold_version", "state"], batch_size=1000
    )
    Slot.objects.filter(sentence__in=ids).update(state=SlotState.DONE, lease_until=None)
