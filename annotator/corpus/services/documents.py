"""Documents: found by name, section and text, or made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import NamedTuple

from annotator.corpus.models import Document
from annotator.projects.models import Project

LONGEST_NAME = 300


class DocumentKey(NamedTuple):
    """What tells a document from others; two texts under one name and section are two documents."""

    name: str
    section: str = ""
    text: str = ""


def find_documents(project: Project, wanted: Set[DocumentKey]) -> Mapping[DocumentKey, int]:
    """Return the ids of the documents, making those that are new. Two queries.

    A document that came without a text gets the first text that comes. Two inserts of one drug that
    differ are two documents: the later has a part of its text's SHA-256 in its name.
    """
    if not wanted:
        return {}
    known = _known(project, wanted)
    meant = {key: _meant(known, key) for key in sorted(wanted)}
    fresh = [one for one in known.values() if one.pk is None]
    made = Document.objects.bulk_create(
        Document(project=project, name=one.name, section=one.section, text=one.text)
        for one in fresh
    )
    for one, document in zip(fresh, made, strict=True):
        one.pk = document.pk
    for one in known.values():
        if one.gained_text and one.pk is not None:
            Document.objects.filter(pk=one.pk).update(text=one.text)
    return {key: one.pk for key, one in meant.items() if one.pk is not None}


@dataclass(slots=True)
class _Known:
    """A document that is stored, or will be (no `pk`)."""

    pk: int | None
    name: str
    section: str
    text: str
    gained_text: bool = False


def _known(project: Project, wanted: Set[DocumentKey]) -> dict[tuple[str, str], _Known]:
    """Return the stored documents that may be meant, by name and section."""
    names = {name for key in wanted for name in _editions(key)}
    rows = Document.objects.filter(project=project, name__in=names)
    found = (_Known(*row) for row in rows.values_list("pk", "name", "section", "text"))
    return {(one.name, one.section): one for one in found}


def _editions(key: DocumentKey) -> list[str]:
    """Return the names that a document may have: with no text to tell it by, its own only."""
    if not key.text:
        return [key.name]
    digest = hashlib.sha256(key.text.encode()).hexdigest()
    further = (f" ({digest[:6]})", f" ({digest})")
    return [key.name, *(f"{key.name[: LONGEST_NAME - len(more)]}{more}" for more in further)]


def _meant(known: dict[tuple[str, str], _Known], key: DocumentKey) -> _Known:
    """Return the document that is meant; a new one is remembered among the known."""
    for name in _editions(key):
        one = known.setdefault((name, key.section), _Known(None, name, key.section, key.text))
        if key.text and not one.text:
            one.text, one.gained_text = key.text, one.pk is not None
        if not key.text or one.text == key.text:
            return one
    raise AssertionError("two texts with one SHA-256")
