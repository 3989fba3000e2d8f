"""How often somebody may do something: counters in Redis, one per person and minute or so."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

logger = logging.getLogger(__name__)

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
NO_LIMIT = "none"


@dataclass(frozen=True, slots=True)
class Rate:
    """So many times in so many seconds."""

    count: int
    seconds: int

    def times(self, factor: int) -> Rate:
        """Return a rate that many times as generous."""
        return Rate(self.count * factor, self.seconds)


def read_rate(text: str) -> Rate | None:
    """Read `10/min`; None for `none`."""
    if text == NO_LIMIT:
        return None
    count, _, period = text.partition("/")
    return Rate(int(count), SECONDS[period[:1]])


class Limit(BaseThrottle):
    """Counts before the work is done, so that many at once do not slip through.

    The counters may be lost at any moment: without Redis nobody is kept from working.
    """

    methods: ClassVar[frozenset[str]] = frozenset({"POST", "PUT"})
    waiting = 0.0

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count this request; refuse it when one of its counters is full."""
        if request.method not in self.methods:
            return True
        try:
            waits = [_count(key, rate) for key, rate in self.counters(request)]
        except RedisError:
            logger.warning("Redis does not answer: a request was not counted")
            return True
        self.waiting = max(waits, default=0.0)
        return self.waiting == 0.0

    def wait(self) -> float | None:
        """Return the seconds until it is worth trying again."""
        return self.waiting

    def counters(self, request: Request) -> Iterator[tuple[str, Rate]]:
        """Yield what is counted of a request, with the rate it may reach."""
        raise NotImplementedError


class PersonalLimit(Limit):
    """A limit of each person, of the rate that `settings.RATES` has for its scope."""

    scope: ClassVar[str]

    def counters(self, request: Request) -> Iterator[tuple[str, Rate]]:
        """Yield the person's counter, where there is a limit."""
        rate = read_rate(settings.RATES[self.scope])
        if rate is not None:
            yield f"{self.scope}:{request.user.pk}", rate


class SaveLimit(PersonalLimit):
    """Saves of annotations."""

    scope = "save"


class ImportLimit(PersonalLimit):
    """Files sent to be imported."""

    scope = "import"


class ExportLimit(PersonalLimit):
    """Downloads of labels."""

    scope = "export"
    methods = frozenset({"GET"})


def forget(*keys: str) -> None:
    """Empty counters, because what they counted turned out well."""
    try:
        cache.delete_many([_name(key) for key in keys])
    except RedisError:
        logger.warning("Redis does not answer: counters were not emptied")


def _count(key: str, rate: Rate) -> float:
    """Count once; return the seconds to wait, 0 when the counter was not full.

    The time runs from the first one counted, so that no full minute holds more than twice the rate.
    """
    name, now = _name(key), time.time()
    if cache.add(name, 0, timeout=rate.seconds):
        cache.set(_until(name), now + rate.seconds, timeout=rate.seconds)
    try:
        reached = cache.incr(name)
    except ValueError:  # it ran out between the two commands
        return 0.0
    if reached <= rate.count:
        return 0.0
    until = cache.get(_until(name))
    return max(1.0, until - now) if until is not None else 1.0


def _name(key: str) -> str:
    return f"limit:{key.encode().hex()}"


def _until(name: str) -> str:
    return f"{name}:until"
