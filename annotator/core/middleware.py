"""Gives each request a number, and what it changes a note of where it came from."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from annotator.core.audit import digest
from annotator.core.origin import Origin, coming_from

HEADER = "X-Request-ID"
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
