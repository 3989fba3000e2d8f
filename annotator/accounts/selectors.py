"""Reading about people: how they like the pages, and whether they are still logged in."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.utils.crypto import constant_time_compare

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


def active_user(user_id: int) -> User | None:
    """Return a person who may log in."""
    return User.objects.filter(pk=user_id, is_active=True).first()


def is_logged_in(user_id: int, session_key: str | None) -> bool:
    """Say whether a session is still this person's: not ended, and begun with today's password."""
    if not session_key:
        return False
    engine = import_module(settings.SESSION_ENGINE)
    held = engine.SessionStore(session_key).load()
    user = active_user(user_id)
    if user is None or held.get(SESSION_KEY) != str(user_id):
        return False
    return constant_time_compare(held.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
