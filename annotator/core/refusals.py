"""Refusals where no view is at work yet: the same form, without the framework of the views."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import JsonResponse

from annotator.core.errors import DomainError, InvalidError

MOST_SHOWN, LONGEST_SHOWN = 20, 60  # of unknown names: an answer is not as long as a question


class UnreadableError(InvalidError):
    """Django would not read the request: the host's name, or a form or query of too many parts."""

    code = "unreadable"


def unreadable(error: Exception) -> UnreadableError:
    """Return what to say of a request that Django would not read, with the place."""
    said = "The request cannot be read"
    if isinstance(error, DisallowedHost):
        return UnreadableError(said, header="Host")
    return UnreadableError(said, field="body", most_fields=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)


def refusal(error: DomainError) -> JsonResponse:
    """Return the answer to an error."""
    said = {"code": error.code, "message": error.message, "context": error.context}
    return JsonResponse(said, status=int(error.status))


def in_short(names: Iterable[str]) -> list[str]:
    """Return the first of these names, each as far as it is worth showing."""
    return [str(name)[:LONGEST_SHOWN] for name in sorted(names)[:MOST_SHOWN]]
