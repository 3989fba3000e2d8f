"""How often somebody may try to log in.

Three counters, because each alone fails: one of an account at an address, one of the address (a
ward behind one router shares it, so it is wider), one of the account from everywhere (so that many
addresses do not help; it is wider too, or a stranger could lock a colleague out).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from django.conf import settings
from rest_framework.request import Request

from annotator.core.limits import Limit, Rate, forget, read_rate

LONGEST_NAME = 150
ACCOUNT_FACTOR = 3
ADDRESS_FACTOR = 6


class CodeLimit(Limit):
    """Counts codes that somebody who is in already sends."""

    methods = frozenset({"PUT", "DELETE"})

    def counters(self, request: Request) -> Iterator[tuple[str, Rate]]:
        """Yield the person's counter, or the address's while nobody is in."""
        rate = read_rate(settings.RATES["login"])
        if rate is not None:
            yield f"code:{request.user.pk or self.get_ident(request)}", rate


class LoginLimit(Limit):
    """Counts attempts to log in."""

    methods = frozenset({"POST"})

    def counters(self, request: Request) -> Iterator[tuple[str, Rate]]:
        """Yield the three counters."""
        rate = read_rate(settings.RATES["login"])
        if rate is None:
            return
        body = request.data if isinstance(request.data, Mapping) else {}
        account, address = _account(body.get("username")), self.get_ident(request)
        yield _here(account, address), rate
        yield f"login-from:{address}", rate.times(ADDRESS_FACTOR)
        yield f"login-to:{account}", rate.times(ACCOUNT_FACTOR)


def forget_attempts(request: Request, username: str) -> None:
    """Empty the counters of an account that has just been entered; its address stays counted."""
    account = _account(username)
    forget(_here(account, LoginLimit().get_ident(request)), f"login-to:{account}")


def _here(account: str, address: str) -> str:
    return f"login:{address}:{account}"


def _account(given: object) -> str:
    return unicodedata.normalize("NFKC", str(given or ""))[:LONGEST_NAME].casefold()
