"""Log-in by an OpenID Connect provider, with the authorization code flow and PKCE.

A person is who the provider's issuer and subject say, and nothing else: no e-mail address and no
name links to an account that exists, and no claim gives a role.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponseRedirect
from joserfc.errors import JoseError
from requests import RequestException

from annotator.accounts.models import Identity, User
from annotator.core.audit import Change, record
from annotator.core.errors import ForbiddenError, InvalidError

logger = logging.getLogger(__name__)

DISCOVERY = "/.well-known/openid-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
# With a shared secret or with none, whoever can reach us could sign.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LEEWAY_SECONDS = 60
ANSWER_SECONDS = 10
LONGEST_USERNAME = 120
LONGEST_NAME = 100
TRIES = 5
WRONG = (RuntimeError, ValueError, TypeError, KeyError)  # of an answer that is not as it should be
BROKEN = (AuthlibBaseError, JoseError, RequestException, *WRONG)


class SignOnError(InvalidError):
    """The provider could not be asked, or what it said does not hold."""

    code = "sign_on_failed"


class NoAccountError(ForbiddenError):
    """The provider knows the person, but there is no open account here."""

    code = "sign_on_no_account"


def is_offered() -> bool:
    """Say whether there is a provider."""
    return bool(settings.OIDC["issuer"])


def begin(request: HttpRequest, *, callback: str) -> HttpResponseRedirect:
    """Send the browser to the provider; state, nonce and verifier wait in its session."""
    try:
        answer: HttpResponseRedirect = _provider().authorize_redirect(request, callback)
    except BROKEN as error:
        raise _failed(error) from error
    return answer


def finish(request: HttpRequest) -> User:
    """Return who comes back from the provider, once everything that it says was checked."""
    try:
        claims = _provider().authorize_access_token(
            request,
            leeway=LEEWAY_SECONDS,
            claims_options={
                "iss": {"essential": True, "value": settings.OIDC["issuer"]},
                "aud": {"essential": True, "value": settings.OIDC["client_id"]},
                "sub": {"essential": True},
                "nonce": {"essential": True},
            },
        )["userinfo"]
    except BROKEN as error:
        raise _failed(error) from error
    return person_of(issuer=settings.OIDC["issuer"], claims=claims)


def person_of(*, issuer: str, claims: Mapping[str, Any]) -> User:
    """Return the account of an identity; make one, without any right, where that is wanted."""
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject:
        raise SignOnError("The provider named nobody")
    known = Identity.objects.select_related("user").filter(issuer=issuer, subject=subject).first()
    if known is None and settings.OIDC["create"]:
        return _new_person(issuer, subject, claims)
    if known is None or not known.user.is_active:
        raise NoAccountError("There is no account for you here; ask an administrator")
    return known.user


def link(*, user: User, issuer: str, subject: str, actor: User | None) -> None:
    """Let an identity enter an account that exists: somebody decides so, never a claim."""
    Identity.objects.create(user=user, issuer=issuer, subject=subject)
    change = Change(action="identity.linked", object_kind="user", object_id=user.pk)
    record(change, actor_id=actor.pk if actor else None, project_id=None)


def _new_person(issuer: str, subject: str, claims: Mapping[str, Any]) -> User:
    wanted = re.sub(r"[^\w.@+-]", "", str(claims.get("preferred_username", "")))
    base = wanted[:LONGEST_USERNAME] or "person"
    shown = str(claims.get("name", ""))[:LONGEST_NAME]
    for number in range(1, TRIES + 1):
        taken = User.objects.filter(username__iregex=rf"^{re.escape(base)}(-\d+)?$").count()
        name = base if taken == 0 else f"{base}-{taken + number}"
        try:
            with transaction.atomic():
                user = User.objects.create_user(username=name, display_name=shown)
                link(user=user, issuer=issuer, subject=subject, actor=user)
        except IntegrityError:
            known = Identity.objects.filter(issuer=issuer, subject=subject).first()
            if known is not None:  # two tabs came back at once
                return known.user
        else:
            return user
    raise SignOnError("No name could be found for the account")


def _provider() -> Any:
    """Return the client of the provider, whose own description has been checked."""
    client = _client(**settings.OIDC)
    found = client.load_server_metadata()
    issuer = settings.OIDC["issuer"]
    if found.get("issuer") != issuer:
        raise SignOnError("The provider says that it is another one")
    is_private = issuer.startswith("https://")
    if is_private and not all(found.get(name, "").startswith("https://") for name in ENDPOINTS):
        raise SignOnError("The provider has addresses without TLS")
    offered = found.get("id_token_signing_alg_values_supported", ["RS256"])
    found["id_token_signing_alg_values_supported"] = [
        name for name in ALGORITHMS if name in offered
    ]
    return client


@lru_cache(maxsize=4)
def _client(*, issuer: str, client_id: str, client_secret: str, **_: Any) -> Any:
    registry = OAuth()
    registry.register(
        "provider",
        server_metadata_url=issuer.rstrip("/") + DISCOVERY,
        client_id=client_id,
        client_secret=client_secret,
        client_kwargs={
            "scope": "openid profile",
            "code_challenge_method": "S256",
            "default_timeout": ANSWER_SECONDS,
        },
    )
    return registry.create_client("provider")


def _failed(error: Exception) -> SignOnError:
    logger.warning("log-in by the provider failed: %s", type(error).__name__)
    return SignOnError("The provider could not log you in")
