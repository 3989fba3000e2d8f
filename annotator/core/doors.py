"""To whom a view opens; what a person may see and do behind it is for `project_for` and
`sentence_for`. A view that says nothing is closed: `annotator.core.nobody`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from rest_framework.decorators import permission_classes
from rest_framework.permissions import IsAuthenticated

ViewT = TypeVar("ViewT", bound=Callable[..., Any])


def logged_in(view: ViewT) -> ViewT:
    """Open a view to everybody with an account; stands below `api_view`."""
    return permission_classes([IsAuthenticated])(view)
