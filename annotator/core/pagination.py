"""Cursor pages: `{"results": […], "next": URL|null}`, constant time at any depth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

RowT = TypeVar("RowT", bound=Model)


class Pager(CursorPagination):
    """DRF's cursor pages with our envelope."""

    page_size = 100
    cursor_query_param = "cursor"

    def __init__(self, *order: str) -> None:
        self.ordering = order


def page(
    rows: QuerySet[RowT], request: Request, order: tuple[str, ...], as_json: Callable[[RowT], Any]
) -> Response:
    """Answer with one page of rows in the given order (its last column must be unique)."""
    pager = Pager(*order)
    chosen = pager.paginate_queryset(rows, request) or []
    return Response({"results": [as_json(row) for row in chosen], "next": pager.get_next_link()})
