"""A view that does not say to whom it opens is closed to everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, path
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.accounts.models import User
from annotator.core.nobody import Nobody
from annotator.core.parameters import takes_anything


@takes_anything
@api_view(["GET"])
def forgotten(request: Request) -> Response:
    return Response("open")


urlpatterns = [path("api/v1/forgotten/", forgotten)]


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_who_forgets_it_opens_to_nobody(api: Callable[[User | None], Any], manager: User) -> None:
    manager.is_superuser = True
    manager.save()
    assert api(manager).get("/api/v1/forgotten/").status_code == 403
    assert api(None).get("/api/v1/forgotten/").status_code == 401


def views(patterns: Any) -> Iterator[Any]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from views(one.url_patterns)
        elif isinstance(one, URLPattern) and hasattr(one.callback, "cls"):
            yield one.callback.cls


def test_every_view_says_to_whom_it_opens() -> None:
    found = list(views(get_resolver().url_patterns))
    assert len(found) > 50
    assert not [one.__name__ for one in found if Nobody in one.permission_classes]
