"""The page that carries the front end, and the two health answers."""

from __future__ import annotations

import sys
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from annotator.core import refusals
from annotator.core.middleware import API
from annotator.core.parameters import takes_anything
from annotator.core.room import is_scarce
from annotator.core.troubles import trouble_of


@ensure_csrf_cookie
@require_safe
def app(request: HttpRequest) -> HttpResponse:
    """Serve the built front end; its own router reads the address."""
    index = settings.FRONTEND_FOLDER / "index.html"
    if not index.is_file():
        return HttpResponse(
            "The front end is not built yet. Run ./run, or: cd frontend && npm ci && npm run build",
            status=503,
            content_type="text/plain; charset=utf-8",
        )
    answer = HttpResponse(index.read_bytes(), content_type="text/html; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    return answer


@csrf_exempt
@takes_anything
def no_such_address(request: HttpRequest) -> HttpResponse:
    """Answer unknown API addresses in the API's own manner."""
    body = {"code": "not_found", "message": "There is no such address", "context": {}}
    return JsonResponse(body, status=404)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django would not read."""
    if not request.path.startswith(API):
        return defaults.bad_request(request, exception)
    return refusals.refusal(refusals.unreadable(exception))


def broken(request: HttpRequest) -> HttpResponse:
    """Answer where the program failed; what happened is in the log."""
    if not request.path.startswith(API):
        return defaults.server_error(request)
    error = sys.exc_info()[1]
    trouble = trouble_of(error) if error is not None else None
    if trouble is not None:  # outside a view, as when a session is stored
        body = {"code": trouble.code, "message": trouble.message, "context": {}}
        later = {"Retry-After": str(trouble.retry_after)}
        return JsonResponse(body, status=trouble.status, headers=later)
    body = {"code": "internal_error", "message": "Something went wrong here", "context": {}}
    return JsonResponse(body, status=500)


def admin_login(request: HttpRequest) -> HttpResponse:
    """Lead to the one door: the admin site's own would ask for a password alone."""
    wanted = request.GET.get("next", "/admin/")
    return HttpResponseRedirect("/login?" + urlencode({"next": wanted}))


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether the parts behind answer, naming the one that does not, and what is scarce."""
    failing = [
        name for name, is_fine in (("database", _database()), ("redis", _redis())) if not is_fine
    ]
    return JsonResponse(
        {
            "status": "unavailable" if failing else "ok",
            "failing": failing,
            "scarce": ["disk"] if is_scarce() else [],
        },
        status=503 if failing else 200,
    )


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis() -> bool:
    try:
        cache.get("relata.ready")
    except RedisError:
        return False
    return True
