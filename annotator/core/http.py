"""HTTP manners shared by all doors: parsing, errors, strict bodies and queries, cursor pages."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from annotator.core import strict_json
from annotator.core.errors import DomainError, InvalidError, PreconditionRequiredError
from annotator.core.refusals import LONGEST_SHOWN, in_short, unreadable
from annotator.core.troubles import trouble_of

logger = logging.getLogger(__name__)

LONGEST_WORDS = 1000  # of a sentence of an error: some repeat what was sent

VERSION = re.compile(r'^(?:W/)?"?(\d{1,9})"?$')


class TooLargeError(InvalidError):
    """The body is larger than any honest one."""

    code = "too_large"
    status = 413  # type: ignore[assignment]


class StrictJSONParser(BaseParser):
    """Reads JSON bodies up to MAX_SAVE_BYTES, refusing what the database cannot keep."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the value, or raise with the place of the trouble."""
        raw = stream.read(settings.MAX_SAVE_BYTES + 1)
        if len(raw) > settings.MAX_SAVE_BYTES:
            raise TooLargeError("The body is too large", limit_bytes=settings.MAX_SAVE_BYTES)
        return strict_json.loads(raw)


class Body(serializers.Serializer[Any]):
    """A request body; a field that it does not name is refused, not ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """Check for unknown fields, then as usual."""
        if isinstance(data, Mapping):
            unknown = set(data) - set(self.fields)
            if unknown:
                known = sorted(self.fields)
                raise InvalidError("Unknown field", fields=in_short(unknown), known=known)
        return super().to_internal_value(data)


class KnownChoiceField(serializers.ChoiceField):
    """One of a few values; another is refused with the field's name and all that are known."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the value, or raise with what would have been one."""
        if str(data) not in self.choice_strings_to_values:
            name = self.field_name
            raise InvalidError(f"There is no such {name}", field=name, known=list(self.choices))
        return super().to_internal_value(data)


def read(body: type[Body], request: Request) -> dict[str, Any]:
    """Return the checked body of a request, or raise with every problem by field."""
    form = body(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def read_query(query: type[Body], request: Request) -> dict[str, Any]:
    """Return the checked query parameters, which the view `takes`. `cursor` is the pager's."""
    given = {key: value for key, value in request.query_params.items() if key != "cursor"}
    strict_json.check_text(given)
    form = query(data=given)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def base_version(request: Request) -> int:
    """Return the version that the caller changed, from the header `If-Match`; 0 is none yet."""
    given = request.headers.get("If-Match")
    if given is None:
        raise PreconditionRequiredError(
            'Send If-Match: "<version>" with the version you changed, "0" for none',
            header="If-Match",
        )
    match = VERSION.match(given.strip())
    if match is None:
        raise InvalidError('If-Match must be a version like "3"', header="If-Match")
    return int(match.group(1))


def answer_error(error: Exception, context: Mapping[str, Any]) -> Response | None:  # noqa: ARG001
    """Translate every expected error to `{"code", "message", "context"}` with its status."""
    if isinstance(error, SuspiciousOperation):
        error = unreadable(error)
    if isinstance(error, DomainError):
        set_rollback()
        place = {name: _in_sight(said) for name, said in error.context.items()}
        return _body(error.code, _short(error.message), place, int(error.status))
    if isinstance(error, exceptions.APIException):
        return _answer_framework_error(error)
    for kind, (code, message, status) in PLAIN.items():
        if isinstance(error, kind):
            logger.info("answered %s for %s", status, type(error).__name__)
            return _body(code, message, {}, status)
    return _answer_trouble(error)


def _answer_trouble(error: Exception) -> Response | None:
    """Say that the machine is at fault and when to come back; what is not known stays a 500."""
    trouble = trouble_of(error)
    if trouble is None:
        return None
    set_rollback()
    logger.warning("answered %s for %s", trouble.status, type(error).__name__)
    response = _body(trouble.code, trouble.message, {}, trouble.status)
    response["Retry-After"] = str(trouble.retry_after)
    return response


PLAIN: Mapping[type[Exception], tuple[str, str, int]] = {
    Http404: ("not_found", "There is no such thing", 404),
    PermissionDenied: ("forbidden", "This is not allowed", 403),
}


def _answer_framework_error(error: exceptions.APIException) -> Response:
    set_rollback()
    headers = {}
    if isinstance(error, exceptions.AuthenticationFailed | exceptions.NotAuthenticated):
        headers["WWW-Authenticate"] = getattr(error, "auth_header", "Token")
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    if isinstance(error, exceptions.ValidationError):
        return _body("invalid", "The request is not valid", {"fields": _short(error.detail)}, 400)
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else "invalid"
    place = {"field": "body"} if isinstance(error, exceptions.ParseError) else {}
    response = _body(code, _short(str(error.detail)), place, error.status_code)
    for name, value in headers.items():
        response[name] = value
    return response


def _in_sight(said: Any) -> Any:
    """Shorten what names a place; whole objects (the newest labels at a conflict) stay whole."""
    return _short(said) if isinstance(said, str | list) else said


def _short(said: Any) -> Any:
    """Shorten what an error says where it repeats what was sent, word for word."""
    if isinstance(said, Mapping):
        return {str(name)[:LONGEST_SHOWN]: _short(about) for name, about in said.items()}
    if isinstance(said, list):
        return [_short(one) for one in said]
    if not isinstance(said, str):
        return said
    return f"{said[:LONGEST_WORDS]}…" if len(said) > LONGEST_WORDS else str(said)


def _body(code: str, message: str, context: Any, status: int) -> Response:
    return Response({"code": code, "message": message, "context": context}, status=status)
