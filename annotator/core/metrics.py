"""What each web process counts for `/metrics`: answers by route, their time, open sockets.

Labels are routes as the program writes them, never an address that somebody asked for: no id, no
name, no text, and as many series as the program has routes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import lru_cache
from http import HTTPMethod

from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

REGISTRY = CollectorRegistry()
METHODS = frozenset(HTTPMethod)
STATIC = "/static/"
ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")

ANSWERS = Counter(
    "relata_http_requests",
    "Answers by route and status",
    ("method", "route", "status"),
    registry=REGISTRY,
)
SECONDS = Histogram(
    "relata_http_request_seconds",
    "Time until the answer begins, by route",
    ("method", "route"),
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
SOCKETS = Gauge(
    "relata_websockets",
    "Open websockets",
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
ProcessCollector(registry=REGISTRY)


class MetricsMiddleware:
    """Counts every answer; stands outside of all others, so that theirs count, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and count it."""
        begun = time.perf_counter()
        response = self.get_response(request)
        method = request.method if request.method in METHODS else "other"
        route = route_of(request)
        SECONDS.labels(method, route).observe(time.perf_counter() - begun)
        ANSWERS.labels(method, route, response.status_code).inc()
        return response


def route_of(request: HttpRequest) -> str:
    """Return the route of a request as docs spell it; what met none is `static` or `none`."""
    match = request.resolver_match
    if match is None:
        return "static" if request.path.startswith(STATIC) else "none"
    if match.route.startswith("^"):  # a pattern for many addresses: the view's name tells more
        return str(match.func.__name__)
    return spelt(match.route)


@lru_cache(maxsize=1000)
def spelt(route: str) -> str:
    """Write `<int:project_id>` as `{project_id}`."""
    return "/" + ARGUMENT.sub(r"{\1}", route)
