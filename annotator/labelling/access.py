"""The one door to a sentence: through the project it belongs to."""

from __future__ import annotations

from typing import Any

from annotator.core.errors import ForbiddenError, NotFoundError
from annotator.corpus.models import Sentence
from annotator.projects.models import Role


def sentence_for(user: Any, sentence_id: int, *, at_least: Role = Role.ANNOTATOR) -> Sentence:
    """Return the sentence with its project; a stranger learns only "not found"."""
    sentence = (
        Sentence.objects.select_related("project")
        .filter(pk=sentence_id, project__memberships__user_id=user.pk)
        .first()
    )
    if sentence is None:
        raise NotFoundError("There is no such sentence", sentence_id=sentence_id)
    role = sentence.project.memberships.values_list("role", flat=True).get(user_id=user.pk)
    if role < at_least:
        raise ForbiddenError(f"This needs the role {at_least.label}", needed=at_least.label)
    return sentence


def role_in(user: Any, sentence: Sentence) -> Role:
    """Return the caller's role in the sentence's project."""
    return Role(sentence.project.memberships.values_list("role", flat=True).get(user_id=user.pk))
