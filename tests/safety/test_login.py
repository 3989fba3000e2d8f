"""The door: guessing is slowed down from every side, and a session ends when it should."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db.models import F
from rest_framework.test import APIClient

from annotator.accounts.models import ApiToken, User
from annotator.accounts.sessions import BEGAN, SessionStore
from annotator.projects.services import create_project

PASSWORD = "correct-horse-battery"
WRONG = "wrong-horse-battery"
SESSION, TOKEN = "/api/v1/auth/session/", "/api/v1/auth/token/"


@pytest.fixture(autouse=True)
def _fresh_counters() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def make_user(db: None) -> Callable[[str], User]:
    """Return a function that makes an account."""
    return lambda name: User.objects.create_user(username=name, password=PASSWORD)


@pytest.fixture
def ana(make_user: Callable[[str], User]) -> User:
    """Ana has an account."""
    return make_user("ana")


def attempt(username: str, *, at: str = "10.0.0.1", password: str = WRONG) -> Any:
    """Try to get a token from an address."""
    body = {"username": username, "password": password}
    return APIClient(REMOTE_ADDR=at).post(TOKEN, body)


class TestGuessing:
    """Three counters stand in the way; all are temporary."""

    def test_of_one_account_from_one_address(self, ana: User) -> None:
        answers = [attempt("ana") for _ in range(11)]
        assert [each.status_code for each in answers] == [400] * 10 + [429]
        refused = answers[-1]
        assert refused.json()["code"] == "throttled"
        assert 0 < int(refused.headers["Retry-After"]) <= 61

    def test_the_right_password_waits_like_a_wrong_one(self, ana: User) -> None:
        for _ in range(10):
            attempt("ana")
        assert attempt("ana", password=PASSWORD).status_code == 429

    def test_a_colleague_elsewhere_is_not_locked_out(self, ana: User) -> None:
        for _ in range(20):
            attempt("ana", at="10.0.0.66")
        assert attempt("ana", at="10.0.0.1", password=PASSWORD).status_code == 200

    def test_of_one_account_from_many_addresses(self, ana: User) -> None:
        codes = [attempt("ana", at=f"10.0.1.{number}").status_code for number in range(31)]
        assert codes == [400] * 30 + [429]

    def test_of_many_accounts_from_one_address(self, db: None) -> None:
        codes = [attempt(f"user{number}").status_code for number in range(61)]
        assert codes == [400] * 60 + [429]

    def test_the_spelling_of_a_name_makes_no_second_counter(self, ana: User) -> None:
        names = ["ana", "ANA", "Ana", "\uff41na"]
        codes = [attempt(names[number % 4]).status_code for number in range(11)]
        assert codes[-1] == 429

    def test_an_address_cannot_be_made_up(self, ana: User, settings: Any) -> None:
        body = {"username": "ana", "password": WRONG}
        codes = [
            APIClient(HTTP_X_FORWARDED_FOR=f"10.9.9.{number}").post(TOKEN, body).status_code
            for number in range(11)
        ]
        assert codes[-1] == 429

    def test_a_known_and_an_unknown_name_are_refused_alike(self, ana: User) -> None:
        for name in ("ana", "nobody"):
            answers = [attempt(name) for _ in range(11)]
            bodies = {(each.status_code, each.json()["code"]) for each in answers}
            assert bodies == {(400, "bad_credentials"), (429, "throttled")}

    def test_who_gets_in_is_not_counted_any_longer(self, ana: User) -> None:
        for _ in range(4):
            for _ in range(8):
                attempt("ana")
            assert attempt("ana", password=PASSWORD).status_code == 200

    def test_behind_tls_the_proxys_word_counts_and_no_other(self, ana: User, settings: Any) -> None:
        settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
        body = {"username": "ana", "password": WRONG}
        codes = [
            APIClient(HTTP_X_FORWARDED_FOR=f"10.9.9.{number}, 192.0.2.1").post(TOKEN, body)
            for number in range(11)
        ]
        assert codes[-1].status_code == 429
        elsewhere = APIClient(HTTP_X_FORWARDED_FOR="10.9.9.1, 192.0.2.2").post(TOKEN, body)
        assert elsewhere.status_code == 400

    def test_the_page_has_the_same_door(self, ana: User) -> None:
        for _ in range(10):
            attempt("ana", at="127.0.0.1")
        answer = APIClient().post(SESSION, {"username": "ana", "password": PASSWORD})
        assert answer.status_code == 429


def test_an_unknown_name_takes_as_long_as_a_known_one(
    db: None, settings: Any, record_property: Callable[[str, object], None]
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    User.objects.create_user(username="ana", password=PASSWORD)
    settings.RATES = {**settings.RATES, "login": "none"}
    times: dict[str, list[float]] = {"ana": [], "nobody": []}
    for _ in range(9):
        for name, taken in times.items():
            began = time.perf_counter()
            attempt(name)
            taken.append(time.perf_counter() - began)
    known, unknown = (statistics.median(taken) for taken in times.values())
    record_property(
        "safety", f"log-in: an unknown name takes {unknown / known:.2f} of a known one's"
    )
    assert 0.6 < unknown / known < 1.6


def entered(user: User) -> APIClient:
    """Return a browser in which somebody logged in through the door."""
    client = APIClient()
    answer = client.post(SESSION, {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 200
    return client


def is_in(client: APIClient, **headers: Any) -> bool:
    """Say whether the server knows this browser."""
    return bool(client.get("/api/v1/projects/", **headers).status_code == 200)


def pass_time(**time_passed: float) -> None:
    """Let time pass for all sessions: move what they have stored into the past."""
    Session.objects.update(expire_date=F("expire_date") - timedelta(**time_passed))
    for row in Session.objects.all():
        store = SessionStore(row.session_key)
        held = row.get_decoded()
        held[BEGAN] -= timedelta(**time_passed).total_seconds()
        Session.objects.filter(pk=row.pk).update(session_data=store.encode(held))


class TestTheEndOfASession:
    """Thirty minutes without work, twelve hours with it."""

    def test_it_ends_when_nobody_works(self, ana: User) -> None:
        client = entered(ana)
        pass_time(minutes=29)
        assert is_in(client)
        pass_time(minutes=31)
        assert not is_in(client)
        assert client.get(SESSION).json() == {"user": None}

    def test_work_pushes_the_end_on(self, ana: User) -> None:
        client = entered(ana)
        for _ in range(10):
            pass_time(minutes=20)
            assert is_in(client)

    def test_what_a_page_does_by_itself_pushes_nothing(self, ana: User) -> None:
        client = entered(ana)
        for _ in range(2):
            pass_time(minutes=14)
            assert is_in(client, HTTP_X_RELATA_UNATTENDED="1")
        pass_time(minutes=3)
        assert not is_in(client)

    def test_it_ends_after_twelve_hours_of_work(self, ana: User) -> None:
        client = entered(ana)
        for _ in range(35):
            pass_time(minutes=20)
            assert is_in(client)
        pass_time(minutes=21)
        assert not is_in(client)

    def test_logging_in_again_begins_a_new_day(self, ana: User) -> None:
        client = entered(ana)
        for _ in range(35):
            pass_time(minutes=20)
            assert is_in(client)
        client.post(SESSION, {"username": "ana", "password": PASSWORD})
        pass_time(minutes=25)
        assert is_in(client)

    def test_the_limit_is_a_setting(self, ana: User, settings: Any) -> None:
        settings.SESSION_IDLE_SECONDS = 120
        client = entered(ana)
        pass_time(minutes=3)
        assert not is_in(client)

    def test_working_writes_at_most_once_a_minute(
        self, ana: User, django_assert_num_queries: Any
    ) -> None:
        client = entered(ana)
        is_in(client)
        with django_assert_num_queries(3):  # session, user, projects
            is_in(client)


def test_the_session_gets_a_new_key_at_log_in(ana: User) -> None:
    client = entered(ana)
    planted = client.cookies["sessionid"].value
    client.post(SESSION, {"username": "ana", "password": PASSWORD})
    fresh = client.cookies["sessionid"].value
    assert fresh != planted
    thief = APIClient()
    thief.cookies["sessionid"] = planted
    assert not is_in(thief)


def test_logging_out_ends_it_on_the_server(ana: User) -> None:
    client = entered(ana)
    key = client.cookies["sessionid"].value
    client.delete(SESSION)
    thief = APIClient()
    thief.cookies["sessionid"] = key
    assert not is_in(thief)
    assert not Session.objects.exists()


def test_a_new_password_ends_every_session(ana: User) -> None:
    client = entered(ana)
    ana.set_password("another-horse-battery")
    ana.save()
    assert not is_in(client)


def test_tokens_are_stored_hashed(ana: User) -> None:
    key = attempt("ana", password=PASSWORD).json()["token"]
    stored = ApiToken.objects.get(user=ana)
    assert key not in stored.digest
    assert len(stored.digest) == 64


@pytest.mark.parametrize("scope", ["save", "import", "export"])
def test_the_other_limits_are_personal(
    scope: str, make_user: Callable[[str], User], settings: Any
) -> None:
    settings.RATES = {**settings.RATES, scope: "2/h"}
    for name in ("ana", "bo"):
        user = make_user(name)
        project = create_project(name=name, template="ch-ddi", language="zh", owner=user, seed=7)
        client = APIClient()
        client.force_authenticate(user)
        codes = [ask(client, scope, project.project_id) for _ in range(3)]
        assert codes[2] == 429
        assert 429 not in codes[:2]


def ask(client: APIClient, scope: str, project: int) -> int:
    """Ask for something that is counted."""
    at = f"/api/v1/projects/{project}"
    answer = {
        "save": lambda: client.put("/api/v1/sentences/999999/annotation/", {}),
        "import": lambda: client.post(f"{at}/imports/", {}, format="multipart"),
        "export": lambda: client.get(f"{at}/export/?format=native"),
    }[scope]()
    for _ in getattr(answer, "streaming_content", ()):
        pass  # an answer that is not drawn to its end stays open
    return int(answer.status_code)


def test_a_program_on_this_machine_may_be_in_a_hurry(settings: Any) -> None:
    assert {settings.RATES[scope] for scope in ("save", "import", "export")} == {"none"}
