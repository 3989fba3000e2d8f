"""Reading about people: how they like the pages."""

from __future__ import annotations

from typing import Any

from annotator.accounts.models import Preferences, User


def preferences_json(user: User) -> dict[str, Any]:
    """Return what a person chose, or the defaults with `saved_at` null when nothing was stored."""
    stored = Preferences.objects.filter(user=user).first()
    row = stored or Preferences(user=user)
    return {
        "language": row.language or None,
        "theme": row.theme,
        "font_size": row.font_size,
        "density": row.density,
        "suggestions": row.suggestions,
        "keys": row.keys,
        "saved_at": stored.saved_at if stored else None,
    }
