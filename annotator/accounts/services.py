"""Writing about people: tokens and accounts."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth import authenticate
from django.db.models.functions import Now
from rest_framework.request import Request

from annotator.accounts.authentication import digest
from annotator.accounts.models import ApiToken, Preferences, User
from annotator.core.errors import InvalidError


class BadCredentialsError(InvalidError):
    """User name and password do not belong together, or the account is closed."""

    code = "bad_credentials"


def check_password(*, request: Request, username: str, password: str) -> User:
    """Return the user, or raise the same error for a wrong name and for a wrong password."""
    user = authenticate(request._request, username=username, password=password)  # noqa: SLF001
    if not isinstance(user, User):
        raise BadCredentialsError("User name or password is wrong")
    return user


def issue_token(*, user: User) -> str:
    """Make a key for programs. It is shown once; the database keeps its digest."""
    key = secrets.token_urlsafe(32)
    ApiToken.objects.create(user=user, digest=digest(key.encode()))
    return key


def ensure_user(*, username: str, display_name: str, password: str, is_superuser: bool) -> User:
    """Return the account of that name, made with this password if it did not exist."""
    user = User.objects.filter(username=username).first()
    if user is not None:
        return user
    make = User.objects.create_superuser if is_superuser else User.objects.create_user
    return make(username=username, password=password, display_name=display_name)


def set_preferences(*, user: User, wanted: dict[str, Any]) -> None:
    """Store how a person likes the pages, in place of what was stored before."""
    row = {**wanted, "language": wanted["language"] or "", "saved_at": Now()}
    Preferences.objects.update_or_create(user=user, defaults=row)
