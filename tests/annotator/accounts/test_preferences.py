"""How each person likes the pages: defaults, replaced as a whole, nobody else's business."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from annotator.accounts.models import Preferences, User

Api = Callable[..., APIClient]
ADDRESS = "/api/v1/auth/preferences/"
DEFAULTS: dict[str, Any] = {
    "language": None,
    "theme": "system",
    "font_size": 22,
    "density": "comfortable",
    "suggestions": True,
    "keys": {},
}
CHOSEN: dict[str, Any] = {
    "language": "zh",
    "theme": "dark",
    "font_size": 28,
    "density": "compact",
    "suggestions": False,
    "keys": {"skip": "Shift+k", "next": "ArrowRight"},
}


def put(client: APIClient, **change: Any) -> Any:
    return client.put(ADDRESS, {**CHOSEN, **change}, format="json")


def test_who_chose_nothing_gets_the_defaults_and_leaves_no_row(api: Api, ana: User) -> None:
    assert api(ana).get(ADDRESS).json() == {**DEFAULTS, "saved_at": None}
    assert not Preferences.objects.exists()


def test_what_was_chosen_is_kept_for_this_person_alone(api: Api, ana: User, bo: User) -> None:
    answer = put(api(ana))
    assert answer.status_code == 200
    assert answer.json() == {**CHOSEN, "saved_at": answer.json()["saved_at"]}
    assert answer.json()["saved_at"] is not None
    assert api(ana).get(ADDRESS).json() == answer.json()
    assert api(bo).get(ADDRESS).json()["theme"] == "system"


def test_it_is_replaced_as_a_whole(api: Api, ana: User) -> None:
    client = api(ana)
    put(client)
    again = client.put(ADDRESS, {"theme": "light"}, format="json").json()
    assert {**again, "saved_at": None} == {**DEFAULTS, "theme": "light", "saved_at": None}
    assert Preferences.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("language", "de"),
        ("theme", "pink"),
        ("font_size", 15),
        ("font_size", 33),
        ("font_size", "large"),
        ("density", "dense"),
        ("suggestions", "perhaps"),
        ("keys", ["a"]),
        ("keys", {"skip": ""}),
        ("keys", {"skip": ["k"]}),
        ("keys", {"s" * 41: "k"}),
        ("keys", {"skip": "k" * 31}),
        ("keys", {f"command-{n}": "k" for n in range(61)}),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    api: Api, ana: User, field: str, value: Any
) -> None:
    client = api(ana)
    kept = put(client).json()
    answer = put(client, **{field: value})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert list(answer.json()["context"]["fields"]) == [field]
    assert client.get(ADDRESS).json() == kept


def test_sixty_keys_are_possible(api: Api, ana: User) -> None:
    keys = {f"command-{n}": "Ctrl+Shift+ArrowRight" for n in range(60)}
    assert put(api(ana), keys=keys).json()["keys"] == keys


def test_unknown_fields_are_refused(api: Api, ana: User) -> None:
    answer = put(api(ana), colour="red")
    assert (answer.status_code, answer.json()["context"]["fields"]) == (400, ["colour"])


def test_a_stranger_has_none(api: Api) -> None:
    assert [api().get(ADDRESS).status_code, put(api()).status_code] == [401, 401]


@pytest.mark.parametrize(
    "broken",
    [{"font_size": 15}, {"theme": "pink"}, {"density": ""}, {"language": "de"}, {"keys": []}],
)
def test_the_database_keeps_the_rules_too(ana: User, broken: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Preferences.objects.create(user=ana, **broken)
