"""Adding sentences: each text once, each id once, in groups that are never split."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Max

from annotator.core.bulk import copied, copy_lines, take_ids
from annotator.corpus.groups import Fingerprint
from annotator.corpus.models import Sentence
from annotator.corpus.services.documents import DocumentKey, find_documents
from annotator.corpus.services.grouping import Draw, groups_for
from annotator.corpus.states import SentenceState, Split
from annotator.projects.models import Project

FIELDS = (
    "id", "project", "document", "external_id", "position", "text", "text_hash", "group",
    "split", "state", "gold_version", "meta", "passage_start", "passage_end",
)  # fmt: skip


class Incoming(NamedTuple):
    """A sentence on its way in. One with gold is stored as gold, whose revision the caller adds."""

    text: str
    text_hash: str  # 32 hexadecimal digits
    fingerprint: Fingerprint
    external_id: str = ""
    document: DocumentKey | None = None
    passage: tuple[int, int] | None = None  # code points of the document's text
    meta: Mapping[str, Any] | None = None
    has_gold: bool = False


@dataclass(slots=True)
class Stored:
    """What the other rooms need of a sentence that is in the table; a row would be too slow."""

    pk: int
    project_id: int
    position: int
    split: str
    state: str
    gold_version: int


class Verdict(Enum):
    """What became of an incoming sentence."""

    NEW = "new"
    DUPLICATE = "duplicate"  # the text is stored already
    ID_TAKEN = "id_taken"  # another text bears the id


class Placed(NamedTuple):
    """A verdict, with the sentence that was stored now or before (that bears the id, if taken)."""

    verdict: Verdict
    sentence: Stored


@dataclass(frozen=True, slots=True)
class Added:
    """The verdicts in the order of what came, and how many groups were founded."""

    placed: list[Placed]
    groups: int

    @property
    def new(self) -> list[Stored]:
        """The sentences stored now."""
        return [one.sentence for one in self.placed if one.verdict is Verdict.NEW]


@transaction.atomic
def add_sentences(*, project: Project, incoming: Sequence[Incoming], draw: Draw) -> Added:
    """Store what is new. The caller holds the project's row locked, so that positions are ours."""
    by_text = _stored(project, "text_hash", BY_TEXT, [one.text_hash for one in incoming])
    by_id = _stored(project, "id", BY_ID, [one.external_id for one in incoming if one.external_id])
    fresh = [one for one in incoming if one.text_hash not in by_text]
    groups = groups_for(project=project, prints=[one.fingerprint for one in fresh], draw=draw)
    documents = find_documents(project, {one.document for one in fresh if one.document})
    ids = iter(take_ids(Sentence, len(fresh)))
    position = next_position(project)
    placed: list[Placed] = []
    lines: list[str] = []
    for one in incoming:
        if one.text_hash in by_text:
            placed.append(Placed(Verdict.DUPLICATE, by_text[one.text_hash]))
        elif one.external_id and one.external_id in by_id:
            placed.append(Placed(Verdict.ID_TAKEN, by_id[one.external_id]))
        else:
            group, split = groups.place(one.fingerprint, position)
            sentence = _new(next(ids), project, position, split, has_gold=one.has_gold)
            lines.append(_line(one, sentence, group, documents))
            by_text[one.text_hash] = by_id[one.external_id] = sentence
            placed.append(Placed(Verdict.NEW, sentence))
            position += 1
    copy_lines(Sentence, FIELDS, lines)
    groups.save()
    return Added(placed, groups.founded)


def next_position(project: Project) -> int:
    """Return the position after the last sentence."""
    last = Sentence.objects.filter(project=project).aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


BY_TEXT = "text_hash = ANY(%s::uuid[])"
BY_ID = "external_id <> '' AND external_id = ANY(%s)"
KEYS = {"text_hash": "encode(uuid_send(text_hash), 'hex')", "id": "external_id"}


def _stored(project: Project, key: str, condition: str, values: list[str]) -> dict[str, Stored]:
    """Return the stored sentences with one of the values, by it."""
    if not values:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {KEYS[key]}, id, project_id, position, split, state, gold_version"  # noqa: S608 - our own words
            f" FROM corpus_sentence WHERE project_id = %s AND {condition}",
            [project.pk, values],
        )
        return {row[0]: Stored(*row[1:]) for row in cursor.fetchall()}


def _new(pk: int, project: Project, position: int, split: Split, *, has_gold: bool) -> Stored:
    state = SentenceState.GOLD if has_gold else SentenceState.PENDING
    return Stored(pk, project.pk, position, split.value, state.value, int(has_gold))


def _line(one: Incoming, stored: Stored, group: int, documents: Mapping[DocumentKey, int]) -> str:
    """Spell the row of a new sentence."""
    document = documents[one.document] if one.document else r"\N"
    meta = copied(json.dumps(one.meta, ensure_ascii=False)) if one.meta else "{}"
    start, end = one.passage or (r"\N", r"\N")
    return (
        f"{stored.pk}\t{stored.project_id}\t{document}\t{copied(one.external_id)}\t"
        f"{stored.position}\t{copied(one.text)}\t{one.text_hash}\t{group}\t{stored.split}\t"
        f"{stored.state}\t{stored.gold_version}\t{meta}\t{start}\t{end}\n"
    )
