"""Refused suggestions: remembered for the person who refused them, so that they do not return."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from annotator.accounts.models import User
from annotator.core.errors import NotFoundError
from annotator.corpus.models import Sentence
from annotator.learning.models import Refusal
from annotator.projects.models import Project

Statement = tuple[int, str]  # sentence, key


@transaction.atomic
def refuse_suggestions(
    *, project: Project, person: User, statements: Collection[Statement]
) -> None:
    """Remember refusals; saying one twice changes nothing, and labels are never touched."""
    _check_sentences(project, statements)
    Refusal.objects.bulk_create(
        [Refusal(person=person, sentence_id=pk, key=key) for pk, key in statements],
        ignore_conflicts=True,
    )


@transaction.atomic
def forget_refusals(*, project: Project, person: User, statements: Collection[Statement]) -> None:
    """Let refused suggestions come back; saying it twice changes nothing."""
    _check_sentences(project, statements)
    keys: dict[int, list[str]] = {}
    for pk, key in statements:
        keys.setdefault(pk, []).append(key)
    for pk, some in keys.items():
        Refusal.objects.filter(person=person, sentence=pk, key__in=some).delete()


def _check_sentences(project: Project, statements: Collection[Statement]) -> None:
    wanted = {pk for pk, _ in statements}
    found = Sentence.objects.filter(project=project, pk__in=wanted).values_list("pk", flat=True)
    missing = sorted(wanted - set(found))
    if missing:
        raise NotFoundError("There are no such sentences in this project", sentences=missing)
