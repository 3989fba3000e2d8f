"""`Authorization: Token …`: finds the user by the digest of the key."""

from __future__ import annotations

import hashlib

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from annotator.accounts.models import ApiToken, User

PARTS = 2


class TokenAuthentication(BaseAuthentication):
    """Accepts `Authorization: Token <key>`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the user of the key; None when the header is not ours."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"token":
            return None
        if len(parts) != PARTS:
            raise AuthenticationFailed("Write the header as: Authorization: Token <key>")
        token = ApiToken.objects.select_related("user").filter(digest=digest(parts[1])).first()
        if token is None or not token.user.is_active:
            raise AuthenticationFailed("The token is not valid")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme in a 401."""
        return "Token"


def caller(request: Request) -> User:
    """Return who asks; the default permission lets nobody else in, this tells the type checker."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def digest(key: bytes) -> str:
    """Return what is stored of a key."""
    return hashlib.sha256(key).hexdigest()
