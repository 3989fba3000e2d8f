"""What comes before the views: a request's number and origin, and a look at its parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

from annotator.core.audit import digest
from annotator.core.errors import InvalidError
from annotator.core.origin import Origin, coming_from
from annotator.core.refusals import in_short, refusal

HEADER = "X-Request-ID"
API = "/api/v1/"
KNOWN = "known_parameters"  # what a view calls those that it reads, see annotator.core.parameters
NONE: frozenset[str] = frozenset()
Answer = Callable[[HttpRequest], HttpResponse]


class OriginMiddleware:
    """Names the request in its answer and in the audit trail; nothing the caller sends is kept."""

    def __init__(self, get_response: Answer) -> None:
        """Keep what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the number in the header."""
        origin = origin_of(request)
        with coming_from(origin):
            response = self.get_response(request)
        response[HEADER] = origin.request
        return response


def origin_of(request: HttpRequest) -> Origin:
    """Return the number of a request, and digests of what it came with."""
    secret = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return Origin(
        request=uuid4().hex,
        session=digest(secret or request.headers.get("Authorization", "")),
        address=digest(address_of(request)),
    )


def address_of(request: HttpRequest) -> str:
    """Return who called: behind TLS the last address that was forwarded, the proxy's own word."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.IS_BEHIND_TLS else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")


class ParametersMiddleware:
    """Refuses parameters of the API that the view does not read, and those that occur twice."""

    def __init__(self, get_response: Answer) -> None:
        """Keep what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        arguments: Any,
        names: Any,
    ) -> HttpResponse | None:
        """Look at the query before the view does; only a GET reads any."""
        if not request.META.get("QUERY_STRING") or not request.path.startswith(API):
            return None
        known: frozenset[str] | None = getattr(view, KNOWN, NONE)
        if known is None:
            return None
        try:
            _check(request.GET, known if request.method == "GET" else NONE)
        except InvalidError as error:
            return refusal(error)
        return None


def _check(given: QueryDict, known: frozenset[str]) -> None:
    unknown = set(given) - known
    if unknown:
        raise InvalidError("Unknown parameter", fields=in_short(unknown), known=sorted(known))
    twice = {name for name, values in given.lists() if len(values) > 1}
    if twice:
        raise InvalidError("A parameter occurs twice", fields=in_short(twice))
