"""The one door to a sentence: through the project it belongs to."""

from __future__ import annotations

from django.db.models import F

from annotator.accounts.models import User
from annotator.core.errors import ForbiddenError, NotFoundError
from annotator.corpus.models import Sentence
from annotator.projects.models import Role


def sentence_for(user: User, sentence_id: int, *, at_least: Role = Role.ANNOTATOR) -> Sentence:
    """Return the sentence with its project; a stranger learns only "not found"."""
    sentence = (
        Sentence.objects.select_related("project")
        .filter(pk=sentence_id, project__memberships__user_id=user.pk)
        .annotate(reader_role=F("project__memberships__role"))
        .first()
    )
    if sentence is None:
        raise NotFoundError("There is no such sentence", sentence_id=sentence_id)
    if role_in(sentence) < at_least:
        raise ForbiddenError(f"This needs the role {at_least.label}", needed=at_least.label)
    return sentence


def role_in(sentence: Sentence) -> Role:
    """Return the role of the reader for whom `sentence_for` fetched this sentence."""
    role: int = sentence.reader_role  # type: ignore[attr-defined]
    return Role(role)
