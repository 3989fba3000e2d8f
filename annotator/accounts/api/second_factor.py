"""Setting up and removing one's second factor."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.accounts.api.log_in import ENROLLING, UserOut, as_json, enter
from annotator.accounts.limits import CodeLimit
from annotator.accounts.models import User
from annotator.accounts.second_factor import (
    begin_enrolment,
    check_code,
    codes_left,
    confirm_enrolment,
    is_enrolled,
    is_required,
    remove_factor,
)
from annotator.accounts.selectors import active_user
from annotator.core.errors import ConflictError
from annotator.core.http import Body, read


class RequiredError(ConflictError):
    """A manager cannot do without a second factor here."""

    code = "second_factor_required"


class CodeIn(Body):
    """What the telephone shows, or a recovery code."""

    code = serializers.CharField(max_length=40)


class FactorOut(serializers.Serializer[Any]):
    """Whether there is a second factor, and whether there has to be one."""

    enrolled = serializers.BooleanField()
    required = serializers.BooleanField()  # type: ignore[assignment]
    recovery_codes_left = serializers.IntegerField()


class EnrolmentOut(serializers.Serializer[Any]):
    """What a telephone needs to know: as a picture, an address, and letters to type."""

    secret = serializers.CharField()
    uri = serializers.CharField()
    qr = serializers.CharField()


class RecoveryOut(serializers.Serializer[Any]):
    """The recovery codes, shown once, and who is in."""

    user = UserOut()
    recovery_codes = serializers.ListField(child=serializers.CharField())


@extend_schema(methods=["GET"], responses=FactorOut)
@extend_schema(methods=["POST"], request=None, responses={201: EnrolmentOut})
@extend_schema(methods=["PUT"], request=CodeIn, responses=RecoveryOut)
@extend_schema(methods=["DELETE"], request=CodeIn, responses={204: None})
@api_view(["GET", "POST", "PUT", "DELETE"])
@permission_classes([AllowAny])
@throttle_classes([CodeLimit])
def second_factor(request: Request) -> Response:
    """Show the second factor; make one; switch it on with its first code; remove it."""
    person = _person(request)
    match request.method:
        case "POST":
            return Response(asdict(begin_enrolment(user=person)), status=201)
        case "PUT":
            return _confirm(request, person)
        case "DELETE":
            if is_required(person):
                raise RequiredError("Your role needs a second factor")
            check_code(user=person, code=read(CodeIn, request)["code"])
            remove_factor(user=person, actor=person)
            return Response(status=204)
    shown = {"enrolled": is_enrolled(person), "required": is_required(person)}
    return Response({**shown, "recovery_codes_left": codes_left(person)})


def _confirm(request: Request, person: User) -> Response:
    """Switch it on; who came here straight from a password is in now."""
    codes = confirm_enrolment(user=person, code=read(CodeIn, request)["code"])
    if not isinstance(request.user, User):
        enter(request, person)
    return Response({"recovery_codes": codes, "user": as_json(person)})


def _person(request: Request) -> User:
    """Return who is in, or who has shown a password and has to set this up first."""
    if isinstance(request.user, User):
        return request.user
    held = request._request.session.get(ENROLLING, {})  # noqa: SLF001
    if held.get("until", 0.0) < time.time():
        raise NotAuthenticated
    SessionAuthentication().enforce_csrf(request)
    person = active_user(held["user"])
    if person is None:
        raise NotAuthenticated
    return person
