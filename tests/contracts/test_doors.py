"""Every address of the API wants a known caller, answers in one manner, and is described."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

ROOT = Path(__file__).resolve().parents[2]
OPEN = {
    "/api/v1/auth/token/",
    "/api/v1/auth/session/",
    "/api/v1/auth/provider/",
    "/api/v1/auth/provider/start/",  # browsers go there and come back; they lead to the log-in page
    "/api/v1/auth/provider/callback/",
    "/api/v1/schema/",  # they describe the API and hold nothing
    "/api/v1/docs/",
}
CONTRACT = ROOT / "frontend" / "openapi.json"


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[str]:
    for pattern in patterns:
        whole = prefix + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, whole)
        elif whole.startswith("/api/v1/"):
            yield re.sub(r"<\w+:\w+>", "1", whole)


ADDRESSES = sorted(set(addresses(get_resolver().url_patterns)))


@pytest.mark.django_db
@pytest.mark.parametrize("address", [each for each in ADDRESSES if each not in OPEN])
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_nobody_gets_in_without_a_name(address: str, method: str) -> None:
    answer = getattr(APIClient(raise_request_exception=False), method)(address)
    assert answer.status_code in {401, 405}
    assert set(answer.json()) == {"code", "message", "context"}


def test_there_are_addresses_to_test() -> None:
    assert len(ADDRESSES) >= 25


def test_an_unknown_address_is_answered_in_the_apis_manner() -> None:
    answer = APIClient().get("/api/v1/nothing/here/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def described() -> str:
    out = StringIO()
    call_command("spectacular", "--format", "openapi-json", "--fail-on-warn", stdout=out)
    return out.getvalue()


def test_the_published_contract_is_the_one_in_force() -> None:
    """`make contract` renews the file and the browser's types; forgetting it fails here."""
    assert described().strip() == CONTRACT.read_text(encoding="utf-8").strip()


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
