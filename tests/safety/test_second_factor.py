"""The second factor: without the code a password opens nothing, and a code is good once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from django.core.cache import cache
from django.core.management import call_command
from rest_framework.test import APIClient

from annotator.accounts.models import ApiToken, RecoveryCode, SecondFactor, User
from annotator.core.models import AuditEntry
from annotator.projects.services import create_project

PASSWORD = "correct-horse-battery"
SESSION, TOKEN = "/api/v1/auth/session/", "/api/v1/auth/token/"
FACTOR = "/api/v1/auth/second-factor/"
PROJECTS = "/api/v1/projects/"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """Return a function that makes an account."""

    def make(name: str, **more: Any) -> User:
        return User.objects.create_user(username=name, password=PASSWORD, **more)

    return make


@pytest.fixture
def mei(make_user: Callable[..., User]) -> User:
    """Mei manages a project."""
    made = make_user("mei")
    create_project(name="DDI", template="ch-ddi", language="zh", owner=made, seed=7)
    return made


@pytest.fixture
def required(settings: Any) -> None:
    """Managers need a second factor."""
    settings.REQUIRE_TOTP = True


def log_in(client: APIClient, name: str = "mei", **more: str) -> Any:
    """Send name and password, and whatever else."""
    return client.post(SESSION, {"username": name, "password": PASSWORD, **more})


def code_of(secret: str, *, steps: int = 0) -> str:
    """Return what a telephone shows so many steps from now."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30 * steps)


def next_code(secret: str) -> str:
    """Return what it shows next, which is taken already; what it shows now was used."""
    return code_of(secret, steps=1)


def wrong_for(secret: str) -> str:
    """Return a code that is none of the near ones."""
    near = {code_of(secret, steps=step) for step in range(-3, 4)}
    return next(code for code in ("000000", "111111", "222222") if code not in near)


def enrolled(user: User) -> tuple[str, list[str]]:
    """Set up a second factor through the door; return its secret and the recovery codes."""
    client = APIClient()
    client.force_login(user)
    secret = client.post(FACTOR).json()["secret"]
    codes = client.put(FACTOR, {"code": code_of(secret)}).json()["recovery_codes"]
    return secret, codes


def test_setting_it_up(mei: User) -> None:
    client = APIClient()
    client.force_login(mei)
    nothing = {"enrolled": False, "required": False, "recovery_codes_left": 0}
    assert client.get(FACTOR).json() == nothing
    made = client.post(FACTOR).json()
    address = urlsplit(made["uri"])
    assert (address.scheme, parse_qs(address.query)["secret"]) == ("otpauth", [made["secret"]])
    assert made["qr"].startswith("data:image/svg+xml")
    assert not client.get(FACTOR).json()["enrolled"]
    answer = client.put(FACTOR, {"code": wrong_for(made["secret"])})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_code")
    assert len(client.put(FACTOR, {"code": code_of(made["secret"])}).json()["recovery_codes"]) == 10
    assert client.get(FACTOR).json() == {**nothing, "enrolled": True, "recovery_codes_left": 10}
    assert client.post(FACTOR).status_code == 409
    assert AuditEntry.objects.filter(action="second_factor.enrolled", actor=mei).count() == 1


def test_half_set_up_it_asks_for_nothing(mei: User) -> None:
    client = APIClient()
    client.force_login(mei)
    client.post(FACTOR)
    assert log_in(APIClient()).status_code == 200


def test_the_password_alone_opens_nothing(mei: User) -> None:
    secret, _ = enrolled(mei)
    client = APIClient()
    answer = log_in(client)
    assert (answer.status_code, answer.json()["code"]) == (400, "second_factor_needed")
    assert client.get(PROJECTS).status_code == 401
    assert log_in(client, code=wrong_for(secret)).json()["code"] == "bad_code"
    assert log_in(client, code=next_code(secret)).status_code == 200
    assert client.get(PROJECTS).status_code == 200


def test_a_wrong_password_does_not_say_that_there_is_a_second_factor(mei: User) -> None:
    secret, _ = enrolled(mei)
    body = {"username": "mei", "password": "wrong-horse-battery", "code": next_code(secret)}
    assert APIClient().post(SESSION, body).json()["code"] == "bad_credentials"


def test_a_token_wants_the_code_too(mei: User) -> None:
    secret, _ = enrolled(mei)
    body = {"username": "mei", "password": PASSWORD}
    assert APIClient().post(TOKEN, body).json()["code"] == "second_factor_needed"
    assert not ApiToken.objects.exists()
    assert "token" in APIClient().post(TOKEN, {**body, "code": next_code(secret)}).json()


def test_a_code_is_good_once(mei: User) -> None:
    secret, _ = enrolled(mei)
    code = next_code(secret)
    assert log_in(APIClient(), code=code).status_code == 200
    assert log_in(APIClient(), code=code).json()["code"] == "bad_code"


@pytest.mark.parametrize(("steps", "status"), [(-3, 400), (1, 200), (3, 400)])
def test_how_far_a_clock_may_be_off(mei: User, steps: int, status: int) -> None:
    secret, _ = enrolled(mei)
    assert log_in(APIClient(), code=code_of(secret, steps=steps)).status_code == status


def test_a_recovery_code_is_good_once_however_it_is_typed(mei: User) -> None:
    _, codes = enrolled(mei)
    typed = codes[0].upper().replace("-", " ")
    assert log_in(APIClient(), code=typed).status_code == 200
    assert log_in(APIClient(), code=codes[0]).json()["code"] == "bad_code"
    assert log_in(APIClient(), code=codes[1]).status_code == 200
    assert RecoveryCode.objects.filter(user=mei).count() == 8


def test_guessing_codes_is_slowed_down(mei: User) -> None:
    secret, _ = enrolled(mei)
    answers = [log_in(APIClient(), code=wrong_for(secret)).status_code for _ in range(11)]
    assert answers == [400] * 10 + [429]
    assert log_in(APIClient(), code=next_code(secret)).status_code == 429


def test_nothing_of_it_is_stored_readable(mei: User) -> None:
    secret, codes = enrolled(mei)
    stored = SecondFactor.objects.get(user=mei)
    assert secret not in stored.secret
    digests = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert not digests & {code.replace("-", "") for code in codes}


def test_removing_it_takes_a_code(mei: User) -> None:
    secret, codes = enrolled(mei)
    client = APIClient()
    log_in(client, code=next_code(secret))
    assert client.delete(FACTOR, {"code": wrong_for(secret)}).status_code == 400
    assert client.delete(FACTOR, {"code": codes[0]}).status_code == 204
    assert log_in(APIClient()).status_code == 200
    assert not RecoveryCode.objects.exists()


@pytest.mark.usefixtures("required")
class TestRequired:
    """With RELATA_REQUIRE_TOTP a manager's password opens only the way to set it up."""

    def test_a_manager_sets_it_up_before_anything_opens(self, mei: User) -> None:
        client = APIClient()
        answer = log_in(client)
        assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_setup")
        assert client.get(PROJECTS).status_code == 401
        assert client.get(SESSION).json() == {"user": None}
        secret = client.post(FACTOR).json()["secret"]
        assert client.get(PROJECTS).status_code == 401
        said = client.put(FACTOR, {"code": code_of(secret)}).json()
        assert said["user"]["username"] == "mei"
        assert client.get(PROJECTS).status_code == 200

    def test_an_annotator_may_do_without(self, make_user: Callable[..., User]) -> None:
        make_user("ana")
        assert log_in(APIClient(), "ana").status_code == 200

    def test_an_administrator_may_not(self, make_user: Callable[..., User]) -> None:
        make_user("root", is_staff=True, is_superuser=True)
        assert log_in(APIClient(), "root").json()["code"] == "second_factor_setup"

    def test_there_is_no_token_around_it(self, mei: User) -> None:
        answer = APIClient().post(TOKEN, {"username": "mei", "password": PASSWORD})
        assert answer.json()["code"] == "second_factor_setup"
        assert not ApiToken.objects.exists()

    def test_a_manager_cannot_remove_it(self, mei: User) -> None:
        _, codes = enrolled(mei)
        client = APIClient()
        log_in(client, code=codes[0])
        answer = client.delete(FACTOR, {"code": codes[1]})
        assert (answer.status_code, answer.json()["code"]) == (409, "second_factor_required")

    def test_the_way_to_set_it_up_closes_again(self, mei: User) -> None:
        client = APIClient()
        log_in(client)
        session = client.session
        session["enrolling"] = {"user": mei.pk, "until": time.time() - 1}
        session.save()
        assert client.post(FACTOR).status_code == 401

    def test_a_stranger_has_no_such_way(self, mei: User) -> None:
        for method in ("get", "post", "put", "delete"):
            assert getattr(APIClient(), method)(FACTOR).status_code == 401

    def test_that_way_wants_the_csrf_token(self, mei: User) -> None:
        client = APIClient(enforce_csrf_checks=True)
        client.get(SESSION)
        client.credentials(HTTP_X_CSRFTOKEN=client.cookies["csrftoken"].value)
        log_in(client)
        client.credentials()
        assert client.post(FACTOR).status_code == 403


def test_the_admin_site_has_no_door_of_its_own(mei: User) -> None:
    answer = APIClient().get("/admin/login/?next=/admin/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login?next=%2Fadmin%2F")
    body = {"username": "mei", "password": PASSWORD}
    assert APIClient().post("/admin/login/", body).status_code == 302


def test_somebody_who_lost_everything_is_helped(mei: User) -> None:
    enrolled(mei)
    call_command("reset_second_factor", "mei")
    assert log_in(APIClient()).status_code == 200
    assert AuditEntry.objects.filter(action="second_factor.removed", actor=None).exists()
