"""Log-in by the provider: is there one, off to it, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import (
    api_view,
    authentication_classes,
    permission_classes,
    throttle_classes,
)
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.accounts import single_sign_on
from annotator.accounts.api.log_in import enter
from annotator.accounts.limits import ADDRESS_FACTOR
from annotator.core.errors import DomainError, NotFoundError
from annotator.core.http import Body
from annotator.core.limits import Limit, Rate, read_rate
from annotator.core.parameters import takes, takes_anything

NEXT = "sign-on-next"


class ProviderOut(serializers.Serializer[Any]):
    """How the provider is called on the button; null where there is none."""

    name = serializers.CharField(allow_null=True)


class SignOnLimit(Limit):
    """Counts how often an address goes to the provider."""

    methods = frozenset({"GET"})

    def counters(self, request: Request) -> Iterator[tuple[str, Rate]]:
        """Yield the address's counter."""
        rate = read_rate(settings.RATES["login"])
        if rate is not None:
            yield f"sign-on:{self.get_ident(request)}", rate.times(ADDRESS_FACTOR)


@extend_schema(responses=ProviderOut, auth=[])
@api_view(["GET"])
@authentication_classes([])
@permission_classes([AllowAny])
def provider(_: Request) -> Response:
    """Say whether one can log in by a provider."""
    return Response({"name": settings.OIDC["name"] if single_sign_on.is_offered() else None})


class StartQuery(Body):
    """Where to go on afterwards; it is looked at, not believed."""

    next = serializers.CharField(required=False)


@takes(StartQuery)
@extend_schema(exclude=True)
@api_view(["GET"])
@authentication_classes([])
@permission_classes([AllowAny])
@throttle_classes([SignOnLimit])
def start(request: Request) -> HttpResponseBase:
    """Send the browser to the provider."""
    if not single_sign_on.is_offered():
        raise NotFoundError("There is no provider")
    wire = request._request  # noqa: SLF001
    wire.session[NEXT] = _inside(request.query_params.get("next", ""))
    callback = request.build_absolute_uri(reverse("sign-on-callback"))
    try:
        return single_sign_on.begin(wire, callback=callback)
    except DomainError as error:
        return _back_to_the_door(error)


@takes_anything
@extend_schema(exclude=True)
@api_view(["GET"])
@authentication_classes([])
@permission_classes([AllowAny])
@throttle_classes([SignOnLimit])
def callback(request: Request) -> HttpResponseBase:
    """Let in who comes back from the provider; others come to the log-in page, which says why."""
    wire = request._request  # noqa: SLF001
    wanted = _inside(wire.session.get(NEXT, ""))
    try:
        if not single_sign_on.is_offered():
            raise NotFoundError("There is no provider")
        enter(request, single_sign_on.finish(wire))
    except DomainError as error:
        return _back_to_the_door(error)
    return HttpResponseRedirect(wanted)


def _back_to_the_door(error: DomainError) -> HttpResponseRedirect:
    return HttpResponseRedirect("/login?" + urlencode({"problem": error.code}))


def _inside(path: str) -> str:
    """Return the path if it leads somewhere on this site, else the first page."""
    is_inside = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if is_inside and path.isprintable() else "/projects"
