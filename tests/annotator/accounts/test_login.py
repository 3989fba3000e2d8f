"""Log-in for browsers and programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from annotator.accounts.models import ApiToken, User
from tests.annotator.conftest import PASSWORD

Api = Callable[..., APIClient]
SESSION = "/api/v1/auth/session/"
TOKEN = "/api/v1/auth/token/"


@pytest.fixture(autouse=True)
def _fresh_throttle() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def test_a_token_opens_the_api_and_is_kept_only_as_a_digest(api: Api, ana: User) -> None:
    client = api()
    answer = client.post(TOKEN, {"username": "ana", "password": PASSWORD})
    key = answer.json()["token"]
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    assert client.get("/api/v1/projects/").status_code == 200
    assert not ApiToken.objects.filter(digest__contains=key).exists()


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(api: Api, ana: User) -> None:
    wrong = api().post(TOKEN, {"username": "ana", "password": "not-the-password"})
    unknown = api().post(TOKEN, {"username": "nobody", "password": "not-the-password"})
    assert wrong.status_code == unknown.status_code == 400
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "bad_credentials"


def test_guessing_is_slowed_down(api: Api, ana: User) -> None:
    client = api()
    codes = [
        client.post(TOKEN, {"username": "ana", "password": "guess-guess"}).status_code
        for _ in range(12)
    ]
    assert codes[0] == 400
    assert codes[-1] == 429


def test_a_browser_logs_in_and_out(ana: User) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    assert browser.get(SESSION).json() == {"user": None}
    browser.credentials(HTTP_X_CSRFTOKEN=browser.cookies["csrftoken"].value)
    entered = browser.post(SESSION, {"username": "ana", "password": PASSWORD})
    assert entered.json()["user"]["username"] == "ana"
    assert browser.get("/api/v1/projects/").status_code == 200
    browser.credentials(HTTP_X_CSRFTOKEN=browser.cookies["csrftoken"].value)
    assert browser.delete(SESSION).status_code == 204
    assert browser.get("/api/v1/projects/").status_code == 401


def test_logging_in_without_the_csrf_token_is_refused(ana: User) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    assert browser.post(SESSION, {"username": "ana", "password": PASSWORD}).status_code == 403


def test_a_closed_account_is_out_at_once(api: Api, ana: User) -> None:
    client = api(ana)
    ana.is_active = False
    ana.save()
    answer = client.get("/api/v1/projects/")
    assert answer.status_code == 401
    assert set(answer.json()) == {"code", "message", "context"}
