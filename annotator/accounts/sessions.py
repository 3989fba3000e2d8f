"""Sessions in the database that end twice: after a time without work, and after a day's work.

`expire_date` is the earlier of the two ends; it is pushed on while somebody works. What the page
does by itself while nobody touches it says so in a header, and pushes nothing.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

BEGAN = "began"
UNATTENDED = "X-Relata-Unattended"
KEY = re.compile(r"[0-9a-z]{8,40}")
PUSHED_EVERY = 60.0  # seconds: more often would be a write for every request


class SessionStore(DatabaseStore):
    """A session that knows when it began."""

    ends_at: datetime | None = None  # as it was read

    def _validate_session_key(self, key: str | None) -> bool:
        """Take a key that is none of ours for no key; a cookie may hold what no column can."""
        return bool(super()._validate_session_key(key) and KEY.fullmatch(key or ""))  # type: ignore[misc]

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's
        """Store it; a log-in begins the day's count."""
        held: dict[str, Any] = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        if SESSION_KEY in held:
            held.setdefault(BEGAN, time.time())
        super().save(must_create=must_create)

    def _get_session_from_db(self) -> Any:
        found = super()._get_session_from_db()  # type: ignore[misc]
        self.ends_at = found.expire_date if found is not None else None
        return found

    def get_expiry_age(self, **kwargs: Any) -> int:
        """Return how long the cookie lives: to the end of the day's work."""
        began = self.get(BEGAN)
        left = settings.SESSION_COOKIE_AGE - (time.time() - began if began is not None else 0.0)
        return max(0, int(left))

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        """Return when the row ends: that, or earlier when nothing is done."""
        left = min(self.get_expiry_age(), settings.SESSION_IDLE_SECONDS)
        return timezone.now() + timedelta(seconds=left)

    def push_on(self) -> None:
        """Note that somebody works; at most once a minute this is a write."""
        wanted = self.get_expiry_date()
        step = timedelta(seconds=min(PUSHED_EVERY, settings.SESSION_IDLE_SECONDS / 2))
        if self.ends_at is not None and self.ends_at < wanted - step:
            rows = self.model.objects.filter(session_key=self.session_key)
            rows.filter(expire_date__gt=timezone.now()).update(expire_date=wanted)


class IdleSessionMiddleware(SessionMiddleware):
    """Keeps a session alive while somebody works with it."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Push the end on, unless the session was saved anyway or nobody is there."""
        session = request.session
        with suppress(DatabaseError):  # what was answered stands, whatever becomes of this
            is_used = session.accessed and not session.modified and session.get(SESSION_KEY)
            if is_used and UNATTENDED not in request.headers and isinstance(session, SessionStore):
                session.push_on()
        return super().process_response(request, response)
