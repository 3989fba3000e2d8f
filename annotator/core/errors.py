"""Errors of the domain: a code for programs, a sentence for people, values that name the place."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, ClassVar


class DomainError(Exception):
    """A rule of the domain was broken; safe to show to the caller.

    `context` holds names, ids and numbers that say where; never the text of a sentence.
    """

    code: ClassVar[str] = "domain_error"
    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST

    def __init__(self, message: str, **context: Any) -> None:
        super().__init__(message)
        self.message = message
        self.context = context


class InvalidError(DomainError):
    """The request itself is malformed: unknown field, wrong type, unreadable body."""

    code = "invalid"


class NotFoundError(DomainError):
    """There is no such thing, or the caller may not know that there is."""

    code = "not_found"
    status = HTTPStatus.NOT_FOUND


class ForbiddenError(DomainError):
    """The caller is a member, but the role is too low."""

    code = "forbidden"
    status = HTTPStatus.FORBIDDEN


class ConflictError(DomainError):
    """The present state does not allow this."""

    code = "conflict"
    status = HTTPStatus.CONFLICT


class UnprocessableError(DomainError):
    """Well-formed, but against a rule of the project."""

    code = "unprocessable"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class VersionConflictError(DomainError):
    """It was saved elsewhere meanwhile; `context.current` is the newest version."""

    code = "version_conflict"
    status = HTTPStatus.PRECONDITION_FAILED


class PreconditionRequiredError(DomainError):
    """A header that protects other people's work is missing."""

    code = "precondition_required"
    status = HTTPStatus.PRECONDITION_REQUIRED
