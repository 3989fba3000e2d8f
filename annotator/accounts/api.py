"""Log-in for browsers (session) and for programs (token)."""

from __future__ import annotations

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

from annotator.accounts.authentication import TokenAuthentication, caller
from annotator.accounts.limits import LoginLimit
from annotator.accounts.models import LARGEST_FONT, SMALLEST_FONT, Density, Theme, User
from annotator.accounts.selectors import preferences_json
from annotator.accounts.services import check_password, issue_token, set_preferences
from annotator.core.http import Body, read


class Credentials(Body):
    """What a person types in."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=128, trim_whitespace=False)


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

MOST_KEYS, LONGEST_NAME, LONGEST_KEY = 60, 40, 30


class PreferencesIn(Body):
    """How a person likes the pages; what is not named goes back to its default."""

    language = serializers.ChoiceField(choices=["zh", "en"], allow_null=True, default=None)
    theme = serializers.ChoiceField(choices=Theme.choices, default=Theme.SYSTEM.value)
    font_size = serializers.IntegerField(
        min_value=SMALLEST_FONT, max_value=LARGEST_FONT, default=22
    )
    density = serializers.ChoiceField(choices=Density.choices, default=Density.COMFORTABLE.value)
    suggestions = serializers.BooleanField(default=True)
    keys = serializers.DictField(child=serializers.CharField(max_length=LONGEST_KEY), default=dict)

    def validate_keys(self, keys: dict[str, str]) -> dict[str, str]:
        """Refuse more entries than there can be commands, and names that no command has."""
        if len(keys) > MOST_KEYS:
            raise serializers.ValidationError(f"At most {MOST_KEYS} commands have keys")
        if any(not 0 < len(name) <= LONGEST_NAME for name in keys):
            raise serializers.ValidationError(f"A name has 1 to {LONGEST_NAME} characters")
        return keys


class PreferencesOut(serializers.Serializer[Any]):
    """How a person likes the pages; without `saved_at` these are the defaults."""

    language = serializers.ChoiceField(choices=["zh", "en"], allow_null=True)
    theme = serializers.ChoiceField(choices=Theme.choices)
    font_size = serializers.IntegerField()
    density = serializers.ChoiceField(choices=Density.choices)
    suggestions = serializers.BooleanField()
    keys = serializers.DictField(child=serializers.CharField())
    saved_at = serializers.DateTimeField(allow_null=True)


@extend_schema(request=Credentials, responses=TokenOut, auth=[])
@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
@throttle_classes([LoginLimit])
def token(request: Request) -> Response:
    """Exchange user name and password for an API token."""
    wanted = read(Credentials, request)
    return Response({"token": issue_token(user=check_password(request=request, **wanted))})


@extend_schema(methods=["GET"], responses=SessionOut, auth=[])
@extend_schema(methods=["POST"], request=Credentials, responses=SessionOut, auth=[])
@extend_schema(methods=["DELETE"], request=None, responses={204: None}, auth=[])
@ensure_csrf_cookie
@api_view(["GET", "POST", "DELETE"])
@permission_classes([AllowAny])
@throttle_classes([LoginLimit])
def session(request: Request) -> Response:
    """Say who is logged in; log in; log out."""
    if request.method == "POST":
        SessionAuthentication().enforce_csrf(request)  # log-in is unsafe, too: DRF skips strangers
        user = check_password(request=request, **read(Credentials, request))
        enter(request, user)
        return Response({"user": as_json(user)})
    if request.method == "DELETE":
        logout(request._request)  # noqa: SLF001
        return Response(status=204, headers=FORGET)
    who = request.user
    return Response({"user": as_json(who) if isinstance(who, User) else None})


def enter(request: Request, user: User) -> None:
    """Begin a session with a key of its own, also where the same person had one."""
    wire = request._request  # noqa: SLF001 - Django's log-in wants Django's request
    wire.session.flush()
    login(wire, user)


@extend_schema(methods=["GET"], responses=PreferencesOut)
@extend_schema(methods=["PUT"], request=PreferencesIn, responses=PreferencesOut)
@api_view(["GET", "PUT"])
def preferences(request: Request) -> Response:
    """Show how the caller likes the pages; replace it."""
    if request.method == "PUT":
        set_preferences(user=caller(request), wanted=read(PreferencesIn, request))
    return Response(preferences_json(caller(request)))


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
