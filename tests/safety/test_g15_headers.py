"""G15: every answer, of whatever class, carries the headers and cookies that protect a browser."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.accounts.services import issue_token
from annotator.config.env import database_url
from annotator.projects.services import create_project
from tests.safety.starting import LISTENS, production, web

PASSWORD = "correct-horse-battery"
SESSION = "/api/v1/auth/session/"
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
LOOSER = {"the admin", "the API's page"}


@pytest.fixture
def ana(db: None) -> User:
    """Ana has an account and a project."""
    cache.clear()
    made = User.objects.create_user(username="ana", password=PASSWORD)
    create_project(name="DDI", template="ch-ddi", language="zh", owner=made, seed=7)
    return made


def policy_of(header: str) -> dict[str, str]:
    """Return the directives of a policy."""
    pairs = (part.strip().partition(" ") for part in header.split(";"))
    return {name: value for name, _, value in pairs}


Ask = Callable[[Client, int], Any]
ANSWERS: dict[str, Ask] = {
    "the page": lambda client, _: client.get("/"),
    "a page of the router": lambda client, _: client.get("/projects/1/annotate"),
    "who is there": lambda client, _: client.get(SESSION),
    "a list": lambda client, _: client.get("/api/v1/projects/"),
    "an export": lambda client, p: client.get(f"/api/v1/projects/{p}/export/?format=native"),
    "a refused body": lambda client, _: client.post("/api/v1/projects/", {}),
    "not found": lambda client, _: client.get("/api/v1/projects/999999/"),
    "no such address": lambda client, _: client.get("/api/v1/nothing/"),
    "a wrong method": lambda client, _: client.delete("/api/v1/projects/"),
    "a stranger": lambda *_: Client().get("/api/v1/projects/"),
    "a wrong token": lambda *_: Client().get(
        "/api/v1/projects/", headers={"Authorization": "Token none"}
    ),
    "no CSRF token": lambda *_: Client(enforce_csrf_checks=True).post(SESSION, {}),
    "another host": lambda client, _: client.get("/", headers={"Host": "evil.test"}),
    "logging out": lambda client, _: client.delete(SESSION),
    "health": lambda client, _: client.get("/healthz"),
    "readiness": lambda client, _: client.get("/readyz"),
    "metrics": lambda client, _: client.get("/metrics"),
    "the schema": lambda client, _: client.get("/api/v1/schema/"),
    "the API's page": lambda client, _: client.get("/api/v1/docs/"),
    "the admin": lambda client, _: client.get("/admin/jsi18n/"),
    "a missing file": lambda client, _: client.get("/static/nothing.js"),
    "a file": lambda client, _: client.get("/static/admin/css/base.css"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_headers_of_every_class_of_answer(name: str, ana: User) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(ana)
    project = ana.memberships.get().project_id
    answer = ANSWERS[name](client, project)
    answer.close()
    policy = policy_of(answer.headers["Content-Security-Policy"])
    loosened = {"require-trusted-types-for", "trusted-types"} if name in LOOSER else set()
    assert policy == {key: value for key, value in POLICY.items() if key not in loosened}
    assert {key: answer.headers.get(key) for key in HEADERS} == HEADERS
    assert "camera=()" in answer.headers["Permissions-Policy"]
    if name != "a file":
        assert answer.headers["Cache-Control"] == "no-store"


def test_an_error_of_the_program_carries_them_too(ana: User) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(ana)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_membership RENAME TO taken_away")
    answer = client.get("/api/v1/projects/")
    assert answer.status_code == 500
    assert policy_of(answer.headers["Content-Security-Policy"]) == POLICY
    assert answer.headers["Cache-Control"] == "no-store"


def test_logging_out_clears_what_the_browser_cached(ana: User) -> None:
    client = Client()
    client.force_login(ana)
    assert client.delete(SESSION).headers["Clear-Site-Data"] == '"cache"'


def test_cookies_on_this_machine(ana: User) -> None:
    client = APIClient()
    answer = client.post(SESSION, {"username": "ana", "password": PASSWORD})
    cookie = answer.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert answer.cookies["csrftoken"]["samesite"] == "Lax"


def test_a_token_gets_no_cookie(ana: User) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(user=ana)}")
    assert not client.get("/api/v1/projects/").cookies


@pytest.fixture
def behind_tls(transactional_db: None, tmp_path: Path) -> Iterator[http.client.HTTPConnection]:
    """The web process as a server has it, seen from the place of its proxy."""
    cache.clear()
    hashed = Argon2PasswordHasher().encode(PASSWORD, "salt-of-this-test")  # as the server has it
    User.objects.create(username="ana", password=hashed)
    engine = database_url().rpartition("/")[0]
    settings = {
        **production(tmp_path),
        "DATABASE_URL": f"{engine}/{connection.settings_dict['NAME']}",
        "REDIS_URL": django_settings.REDIS_URL,
    }
    tmp_path.chmod(0o700)
    with web(settings, host="127.0.0.1") as process:
        assert process.stdout is not None
        said = next(line for line in process.stdout if LISTENS in line)
        port = re.search(r"127\.0\.0\.1:(\d+)", said)
        assert port is not None
        wire = http.client.HTTPConnection("127.0.0.1", int(port[1]), timeout=20)
        yield wire
        wire.close()


def send(
    wire: http.client.HTTPConnection, method: str, path: str, *, body: Any = None, **headers: str
) -> http.client.HTTPResponse:
    """Send what the proxy would pass on."""
    passed = {"Host": "labels.hospital.test", "X-Forwarded-Proto": "https", **headers}
    wire.request(method, path, json.dumps(body) if body is not None else None, passed)
    answer = wire.getresponse()
    answer.read()
    return answer


def test_behind_tls(behind_tls: http.client.HTTPConnection) -> None:
    first = send(behind_tls, "GET", SESSION)
    assert first.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    csrf = re.match(r"__Host-csrftoken=([^;]+);", first.headers["Set-Cookie"])
    assert csrf is not None
    entered = send(
        behind_tls,
        "POST",
        SESSION,
        body={"username": "ana", "password": PASSWORD},
        **{
            "Content-Type": "application/json",
            "Cookie": f"__Host-csrftoken={csrf[1]}",
            "X-CSRFToken": csrf[1],
            "Referer": "https://labels.hospital.test/login",
        },
    )
    assert entered.status == 200
    for cookie in entered.headers.get_all("Set-Cookie") or []:
        attributes = {part.strip() for part in cookie.split(";")[1:]}
        assert cookie.startswith("__Host-")
        assert {"Secure", "SameSite=Lax", "Path=/"} <= attributes
        assert not any(each.startswith("Domain") for each in attributes)
        assert ("HttpOnly" in attributes) is cookie.startswith("__Host-sessionid")
    assert "sessionid" in str(entered.headers)


def test_plain_requests_are_sent_to_https(behind_tls: http.client.HTTPConnection) -> None:
    answer = send(behind_tls, "GET", "/projects", **{"X-Forwarded-Proto": "http"})
    assert (answer.status, answer.headers["Location"]) == (
        301,
        "https://labels.hospital.test/projects",
    )
    assert answer.headers["Content-Security-Policy"]
    assert send(behind_tls, "GET", "/healthz", **{"X-Forwarded-Proto": "http"}).status == 200
