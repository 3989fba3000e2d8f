"""What can go wrong: the server refuses, or it cannot be reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from relata_client.generated.models.annotation_out import AnnotationOut
from relata_client.generated.models.import_out import ImportOut


class RelataError(Exception):
    """Every error of this package."""


class UnreachableError(RelataError):
    """No answer came, however often it was tried; a save may be repeated with the same key."""


class BrokenAnswerError(UnreachableError):
    """A download ended before its end; what came is not the whole."""


class RefusedError(RelataError):
    """The server said no: `code` is for programs, `message` for people, `context` says where."""

    def __init__(self, status: int, code: str, message: str, context: Mapping[str, Any]) -> None:
        """Keep what was said."""
        super().__init__(f"{code}: {message}" + (f" {dict(context)}" if context else ""))
        self.status = status
        self.code = code
        self.message = message
        self.context = context


class NotLoggedInError(RefusedError):
    """There is no token, or it is none that the server knows."""


class ForbiddenError(RefusedError):
    """The caller is a member, but the role is too low."""


class NotFoundError(RefusedError):
    """There is no such thing, or the caller may not know that there is."""


class VersionConflictError(RefusedError):
    """The sentence was saved elsewhere meanwhile; `current` is what is stored."""

    @property
    def current(self) -> AnnotationOut | None:
        """Return the newest labels, to save again from their version; None if there are none."""
        stored = self.context.get("current")
        return AnnotationOut.from_dict(stored) if stored else None


class ImportFailedError(RelataError):
    """A file could not be taken at all; `report` has what is known."""

    def __init__(self, report: ImportOut) -> None:
        """Keep the report."""
        failure = report.error
        said = f"{failure.code}: {failure.message}" if failure else report.state
        super().__init__(f"Import {report.id}: {said}")
        self.report = report


KINDS: Mapping[int, type[RefusedError]] = {
    401: NotLoggedInError,
    403: ForbiddenError,
    404: NotFoundError,
    412: VersionConflictError,
}


def raise_refusal(response: httpx.Response) -> None:
    """Raise what an answer says went wrong, if it does."""
    if response.is_success:
        return
    response.read()
    said = _json(response)
    kind = KINDS.get(response.status_code, RefusedError)
    raise kind(
        response.status_code,
        str(said.get("code", "unknown")),
        str(said.get("message", response.reason_phrase)),
        said.get("context") or {},
    )


def _json(response: httpx.Response) -> dict[str, Any]:
    """Return the body of a refusal; a proxy in between may answer in words of its own."""
    try:
        said = response.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
