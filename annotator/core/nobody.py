"""The permission of a view that names none: it is closed, not open to whoever is logged in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission

if TYPE_CHECKING:  # the framework is being imported when it reads its settings
    from rest_framework.request import Request
    from rest_framework.views import APIView


class Nobody(BasePermission):
    """Refuses everybody."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Refuse."""
        return False
