"""Query parameters: a view names those that it reads; any other is refused before it runs.

A parameter that nobody reads is a wish that would be ignored: `?stat=gold` would list everything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiParameter, extend_schema

from annotator.core.http import Body
from annotator.core.middleware import KNOWN, NONE

CURSOR = OpenApiParameter("cursor", str, description="from `next` of the page before")

ViewT = TypeVar("ViewT", bound=Callable[..., Any])


def takes(query: type[Body] | None = None, *, pages: bool = False) -> Callable[[ViewT], ViewT]:
    """Say which parameters a GET of a view reads: to the caller, to the contract, to the door."""
    described: list[Any] = [*([query] if query else []), *([CURSOR] if pages else [])]
    known = frozenset(query().fields if query else ()) | ({"cursor"} if pages else NONE)

    def name(view: ViewT) -> ViewT:
        setattr(view, KNOWN, known)
        return extend_schema(methods=["GET"], parameters=described)(view)

    return name


def takes_anything(view: ViewT) -> ViewT:
    """Leave the parameters of a view to it: it is a library's, or others decide what they send."""
    setattr(view, KNOWN, None)
    return view
