"""Cursor pages: `{"results": […], "next": URL|null}`, constant time at any depth."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.core.cursors import not_ours

RowT = TypeVar("RowT", bound=Model)

POSITION = re.compile(r"-?[0-9]{1,18}")


class Pager(CursorPagination):
    """DRF's cursor pages with our envelope, along columns of whole numbers."""

    page_size = 100
    cursor_query_param = "cursor"

    def __init__(self, *order: str) -> None:
        self.ordering = order

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return where the page begins; what DRF would hand on to the database is checked."""
        try:
            cursor: Cursor | None = super().decode_cursor(request)
        except NotFound as error:
            raise not_ours() from error
        if cursor and cursor.position is not None and not POSITION.fullmatch(str(cursor.position)):
            raise not_ours()
        return cursor


def page(
    rows: QuerySet[RowT], request: Request, order: tuple[str, ...], as_json: Callable[[RowT], Any]
) -> Response:
    """Answer with one page of rows in the given order (its last column must be unique)."""
    pager = Pager(*order)
    chosen = pager.paginate_queryset(rows, request) or []
    return Response({"results": [as_json(row) for row in chosen], "next": pager.get_next_link()})
