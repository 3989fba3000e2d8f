"""Log-in for browsers (session) and for programs (token)."""

from __future__ import annotations

import time
from typing import Any

from django.contrib.auth import login, logout
from django.views.decorators.csrf import ensure_csrf_cookie
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.decorators import (
    api_view,
    authentication_classes,
    permission_classes,
    throttle_classes,
)
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.accounts.authentication import TokenAuthentication
from annotator.accounts.limits import LoginLimit, forget_attempts
from annotator.accounts.models import User
from annotator.accounts.second_factor import SetupNeededError, check_code
from annotator.accounts.services import check_password, issue_token
from annotator.core.http import Body, read

ENROLLING, ENROLLING_SECONDS = "enrolling", 900


class Credentials(Body):
    """What a person types in."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=128, trim_whitespace=False)
    code = serializers.CharField(max_length=40, default="", allow_blank=True)


class TokenOut(serializers.Serializer[Any]):
    """A key for programs."""

    token = serializers.CharField()


class UserOut(serializers.Serializer[Any]):
    """A person."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    display_name = serializers.CharField()


class SessionOut(serializers.Serializer[Any]):
    """Who is logged in in this browser."""

    user = UserOut(allow_null=True)


# Unsaved labels must survive in the browser's own database (they hold no text), so not "storage".
FORGET = {"Clear-Site-Data": '"cache"'}


@extend_schema(request=Credentials, responses=TokenOut, auth=[])
@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
@throttle_classes([LoginLimit])
def token(request: Request) -> Response:
    """Exchange user name and password for an API token."""
    user, code = known(request)
    check_code(user=user, code=code)
    forget_attempts(request, user.username)
    return Response({"token": issue_token(user=user)})


@extend_schema(methods=["GET"], responses=SessionOut, auth=[])
@extend_schema(methods=["POST"], request=Credentials, responses=SessionOut, auth=[])
@extend_schema(methods=["DELETE"], request=None, responses={204: None}, auth=[])
@ensure_csrf_cookie
@api_view(["GET", "POST", "DELETE"])
@permission_classes([AllowAny])
@throttle_classes([LoginLimit])
def session(request: Request) -> Response:
    """Say who is logged in; log in with a session; log out."""
    if request.method == "POST":
        SessionAuthentication().enforce_csrf(request)  # log-in is unsafe, too: DRF skips strangers
        user, code = known(request)
        try:
            check_code(user=user, code=code)
        except SetupNeededError:
            remember_enrolling(request, user)
            raise
        forget_attempts(request, user.username)
        enter(request, user)
        return Response({"user": as_json(user)})
    if request.method == "DELETE":
        logout(request._request)  # noqa: SLF001
        return Response(status=204, headers=FORGET)
    who = request.user
    return Response({"user": as_json(who) if isinstance(who, User) else None})


def known(request: Request) -> tuple[User, str]:
    """Return whose name and password these are, and the code that came with them."""
    wanted = read(Credentials, request)
    code: str = wanted.pop("code")
    return check_password(request=request, **wanted), code


def remember_enrolling(request: Request, user: User) -> None:
    """Let somebody who has shown a password set up a second factor, and nothing else."""
    held = request._request.session  # noqa: SLF001
    held.flush()
    held[ENROLLING] = {"user": user.pk, "until": time.time() + ENROLLING_SECONDS}


def enter(request: Request, user: User) -> None:
    """Begin a session with a key of its own, also where the same person had one."""
    wire = request._request  # noqa: SLF001 - Django's log-in wants Django's request
    wire.session.flush()
    login(wire, user)


def as_json(user: User) -> dict[str, Any]:
    """Return what colleagues may know of a person."""
    return {"id": user.pk, "username": user.username, "display_name": user.shown_name}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the token to readers of the OpenAPI schema; found by its base class."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Return the scheme: a key in the Authorization header."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Authorization: Token <key>, the key from POST auth/token/",
        }
