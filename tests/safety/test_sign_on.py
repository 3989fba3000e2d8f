"""Log-in by a provider: an honest one opens the door, and each kind of lie is refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.core.management import call_command
from joserfc.jwk import RSAKey
from rest_framework.test import APIClient

from annotator.accounts import single_sign_on
from annotator.accounts.models import Identity, User
from annotator.core.models import AuditEntry
from tests.safety import provider as providers
from tests.safety.provider import CLIENT_ID, CLIENT_SECRET, Provider

START, CALLBACK = "/api/v1/auth/provider/start/", "/api/v1/auth/provider/callback/"
NAMED = "/api/v1/auth/provider/"
SESSION = "/api/v1/auth/session/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    """A provider on loopback, and the settings that name it."""
    cache.clear()
    single_sign_on._client.cache_clear()
    with providers.running() as running:
        settings.OIDC = {
            "issuer": running.issuer,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "name": "Hospital",
            "create": True,
        }
        yield running
    single_sign_on._client.cache_clear()
    cache.clear()


def go(provider: Provider, client: APIClient, *, wanted: str = "/projects/1", **more: str) -> Any:
    """Go to the provider and come back, with some of what is carried changed."""
    away = client.get(START, {"next": wanted})
    assert away.headers["Location"].startswith(f"{provider.issuer}/authorize?")
    carried = {**provider.authorize(away.headers["Location"]), **more}
    return client.get(CALLBACK, carried)


def who(client: APIClient) -> Any:
    """Return who is in."""
    return client.get(SESSION).json()["user"]


def refused(answer: Any, code: str = "sign_on_failed") -> bool:
    """Say whether the browser was sent to the log-in page with this problem."""
    return bool(answer.headers["Location"] == f"/login?problem={code}")


def test_an_honest_provider_opens_the_door(provider: Provider) -> None:
    client = APIClient()
    answer = go(provider, client)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/projects/1")
    assert who(client)["username"] == "mei.wang"
    assert who(client)["display_name"] == "王梅"
    known = Identity.objects.get()
    assert (known.issuer, known.subject) == (provider.issuer, "staff-4711")
    assert AuditEntry.objects.filter(action="identity.linked").count() == 1


def test_the_same_subject_is_the_same_person_under_any_name(provider: Provider) -> None:
    go(provider, APIClient())
    provider.claims = {"preferred_username": "mei.married", "email": "new@hospital.test"}
    client = APIClient()
    go(provider, client)
    assert who(client)["username"] == "mei.wang"
    assert User.objects.count() == 1


def test_another_subject_is_another_person_under_the_same_name(provider: Provider) -> None:
    go(provider, APIClient())
    provider.claims = {"sub": "staff-0815"}
    client = APIClient()
    go(provider, client)
    assert who(client)["username"] == "mei.wang-2"


def test_neither_name_nor_address_links_to_an_account(provider: Provider) -> None:
    own = User.objects.create_user(username="mei.wang", email="mei@hospital.test")
    provider.claims = {"email": "mei@hospital.test", "email_verified": True}
    client = APIClient()
    go(provider, client)
    assert who(client)["id"] != own.pk
    assert not Identity.objects.filter(user=own).exists()


def test_no_claim_gives_a_right(provider: Provider) -> None:
    provider.claims = {
        "groups": ["admin", "manager"], "roles": ["superuser"], "is_superuser": True,
        "is_staff": True, "preferred_username": "admin",
    }  # fmt: skip
    client = APIClient()
    go(provider, client)
    made = User.objects.get(pk=who(client)["id"])
    assert not made.is_superuser
    assert not made.is_staff
    assert not made.has_usable_password()
    assert client.get("/api/v1/projects/").json()["results"] == []


def test_without_new_accounts_an_administrator_links_one(provider: Provider, settings: Any) -> None:
    settings.OIDC = {**settings.OIDC, "create": False}
    client = APIClient()
    assert refused(go(provider, client), "sign_on_no_account")
    assert who(client) is None
    User.objects.create_user(username="mei")
    call_command("link_identity", "mei", "staff-4711", stdout=StringIO())
    go(provider, client)
    assert who(client)["username"] == "mei"


def test_a_closed_account_stays_closed(provider: Provider) -> None:
    go(provider, APIClient())
    User.objects.update(is_active=False)
    client = APIClient()
    assert refused(go(provider, client), "sign_on_no_account")
    assert who(client) is None


def other_key(provider: Provider) -> None:
    """Publish another key than the one that signs."""
    provider.published = RSAKey.generate_key(2048, {"kid": "one"})


def claim(name: str, value: Any) -> Callable[[Provider], None]:
    """Say something else in the token."""
    return lambda provider: provider.claims.update({name: value})


def signed(how: str) -> Callable[[Provider], None]:
    """Sign in another way."""
    return lambda provider: setattr(provider, "sign", getattr(provider, how))


NOW = int(time.time())
LIES: dict[str, Callable[[Provider], None]] = {
    "for another client": claim("aud", "another-client"),
    "for other clients": claim("aud", ["another-client", "and-another"]),
    "for us and another, made for the other": lambda p: p.claims.update(
        {"aud": [CLIENT_ID, "another"], "azp": "another"}
    ),
    "for nobody": claim("aud", None),
    "by another issuer": claim("iss", "https://id.evil.test"),
    "by no issuer": claim("iss", None),
    "with another nonce": claim("nonce", "replayed"),
    "without a nonce": claim("nonce", None),
    "expired": lambda p: p.claims.update({"iat": NOW - 7200, "exp": NOW - 3600}),
    "without an end": claim("exp", None),
    "from the future": claim("iat", NOW + 86400),
    "not yet": claim("nbf", NOW + 86400),
    "of nobody": claim("sub", None),
    "of an empty name": claim("sub", ""),
    "of a list": claim("sub", ["staff-4711"]),
    "unsigned": signed("unsigned"),
    "signed with the public key": signed("with_the_public_key"),
    "signed with the client's secret": signed("with_the_client_secret"),
    "changed after it was signed": signed("changed_afterwards"),
    "signed with another key": other_key,
    "without a token": lambda p: p.answer.update({"id_token": None}),
    "no token at all": lambda p: p.answer.update({"id_token": "nonsense"}),
    "a description that allows no signature": lambda p: (
        p.metadata.update({"id_token_signing_alg_values_supported": ["none", "HS256"]}),
        signed("unsigned")(p),
    )[0],
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_refused(provider: Provider, lie: str) -> None:
    LIES[lie](provider)
    client = APIClient()
    answer = go(provider, client)
    assert refused(answer)
    assert who(client) is None
    assert not User.objects.exists()
    assert not Identity.objects.exists()


def test_a_provider_that_says_it_is_another_is_not_asked(provider: Provider) -> None:
    provider.metadata = {"issuer": "https://id.evil.test"}
    assert refused(APIClient().get(START))


def test_a_provider_that_is_away_is_said(provider: Provider, settings: Any) -> None:
    settings.OIDC = {**settings.OIDC, "issuer": "http://127.0.0.1:1"}
    assert refused(APIClient().get(START))


def test_what_another_browser_began_is_not_ended_here(provider: Provider) -> None:
    carried = provider.authorize(APIClient().get(START).headers["Location"])
    victim = APIClient()
    assert refused(victim.get(CALLBACK, carried))
    assert who(victim) is None


@pytest.mark.parametrize("more", [{"state": "made-up"}, {"state": ""}, {"code": "made-up"}])
def test_what_was_made_up_is_refused(provider: Provider, more: dict[str, str]) -> None:
    client = APIClient()
    assert refused(go(provider, client, **more))
    assert who(client) is None


def test_an_answer_is_good_once(provider: Provider) -> None:
    client = APIClient()
    carried = provider.authorize(client.get(START).headers["Location"])
    client.get(CALLBACK, carried)
    assert who(client) is not None
    client.delete(SESSION)
    assert refused(client.get(CALLBACK, carried))


def test_a_refusal_of_the_provider_is_said(provider: Provider) -> None:
    client = APIClient()
    client.get(START)
    assert refused(client.get(CALLBACK, {"error": "access_denied"}))


def test_the_session_gets_a_new_key(provider: Provider) -> None:
    client = APIClient()
    client.get(START)
    planted = client.cookies["sessionid"].value
    go(provider, client)
    assert client.cookies["sessionid"].value != planted


@pytest.mark.parametrize(
    "wanted", ["//evil.test", "https://evil.test", "/\\evil.test", "/\n/a", ""]
)
def test_one_is_led_nowhere_else(provider: Provider, wanted: str) -> None:
    assert go(provider, APIClient(), wanted=wanted).headers["Location"] == "/projects"


def test_state_and_nonce_are_new_each_time(provider: Provider) -> None:
    client = APIClient()
    asked = [parse_qs(urlsplit(client.get(START).headers["Location"]).query) for _ in range(3)]
    for name in ("state", "nonce", "code_challenge"):
        assert len({each[name][0] for each in asked}) == 3


def test_going_there_has_a_limit(provider: Provider) -> None:
    client = APIClient()
    codes = [client.get(START).status_code for _ in range(61)]
    assert codes == [302] * 60 + [429]


def test_the_page_is_told_the_name_of_the_button(provider: Provider) -> None:
    assert APIClient().get(NAMED).json() == {"name": "Hospital"}


def test_without_a_provider_there_is_no_such_door() -> None:
    assert APIClient().get(NAMED).json() == {"name": None}
    assert APIClient().get(START).status_code == 404
    assert refused(APIClient().get(CALLBACK, {"code": "x", "state": "y"}), "not_found")
