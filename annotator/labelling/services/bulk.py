"""What an import needs by the thousand: slots for new sentences and gold that came with a file."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Protocol

from django.db import connection, transaction

from annotator.core.bulk import copied, copy_lines
from annotator.corpus.states import SentenceState, Split
from annotator.labelling.graphs import Json
from annotator.labelling.models import GoldRevision, Slot
from annotator.labelling.states import GoldOrigin, SlotState
from annotator.projects.models import Project

SLOT = ("project", "sentence", "number", "state", "is_holdout", "position", "shuffle", "reason")
GOLD = ("sentence", "version", "graph", "origin")


class SentenceLike(Protocol):
    """A sentence's row, or as much of it as an import holds."""

    pk: int
    project_id: int
    position: int
    split: str
    state: str
    gold_version: int


def open_slots(*, sentences: Sequence[SentenceLike], rng: random.Random) -> None:
    """Make the places at new sentences, all of one project, `overlap` for each.

    A sentence that came with gold needs nobody: its places are done from the start.
    """
    if not sentences:
        return
    overlap = Project.objects.values_list("overlap", flat=True).get(pk=sentences[0].project_id)
    lines = (
        f"{one.project_id}\t{one.pk}\t{number}\t{_slot_state(one).value}\t"
        f"{one.split == Split.HOLDOUT}\t{one.position}\t{rng.random()}\t\n"
        for one in sentences
        for number in range(1, overlap + 1)
    )
    copy_lines(Slot, SLOT, lines)


def _slot_state(sentence: SentenceLike) -> SlotState:
    return SlotState.DONE if sentence.state == SentenceState.GOLD else SlotState.OPEN


CURRENT_VERSIONS = """
SELECT sentence_id, max(version) FROM labelling_goldrevision
 WHERE sentence_id = ANY(%s) GROUP BY sentence_id
"""
POINT_AT_GOLD = """
UPDATE corpus_sentence SET state = 'gold', gold_version = given.version
  FROM unnest(%s::bigint[], %s::int[]) AS given (id, version)
 WHERE corpus_sentence.id = given.id
"""


@transaction.atomic
def add_imported_gold(*, golds: Sequence[tuple[SentenceLike, Json]]) -> None:
    """Make checked graphs the gold of their sentences and close these sentences' slots.

    Sentences stored a moment ago as gold of version 1 need only the revision.
    """
    if not golds:
        return
    with connection.cursor() as cursor:
        cursor.execute(CURRENT_VERSIONS, [[sentence.pk for sentence, _ in golds]])
        newest = dict(cursor.fetchall())
    lines = []
    late: list[SentenceLike] = []
    for sentence, graph in golds:
        version = newest.get(sentence.pk, 0) + 1
        plain = copied(json.dumps(graph, ensure_ascii=False))
        lines.append(f"{sentence.pk}\t{version}\t{plain}\t{GoldOrigin.IMPORTED.value}\n")
        if (sentence.state, sentence.gold_version) != (SentenceState.GOLD, version):
            sentence.state, sentence.gold_version = SentenceState.GOLD, version
            late.append(sentence)
    copy_lines(GoldRevision, GOLD, lines)
    if late:
        _point_at_gold(late)


def _point_at_gold(sentences: list[SentenceLike]) -> None:
    ids = [sentence.pk for sentence in sentences]
    with connection.cursor() as cursor:
        cursor.execute(POINT_AT_GOLD, [ids, [sentence.gold_version for sentence in sentences]])
    Slot.objects.filter(sentence__in=ids).update(state=SlotState.DONE, lease_until=None)
