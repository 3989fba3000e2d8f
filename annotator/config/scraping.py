"""`/metrics` for Prometheus: closed to whoever does not bring the token."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest, multiprocess
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from annotator.config.figures import Figures
from annotator.config.serving import is_loopback
from annotator.core.metrics import REGISTRY
from launch.processes import is_alive

SEVERAL = "PROMETHEUS_MULTIPROC_DIR"  # a folder that several web processes count in together
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Via")

figures = Figures()


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with all figures, as text."""
    if not admits(request):
        return refusal()
    text = b"".join(generate_latest(registry) for registry in registries())
    return HttpResponse(text, content_type=CONTENT_TYPE_PLAIN_0_0_4)


def admits(request: HttpRequest) -> bool:
    """Say whether somebody may see the figures.

    Without a token that is who runs a trial on this machine, not through a proxy: behind one,
    everybody comes from this machine.
    """
    token = settings.METRICS_TOKEN
    if token:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}")
    is_direct = not any(name in request.headers for name in FORWARDED)
    is_here = is_loopback(request.META.get("REMOTE_ADDR", ""))
    return is_here and is_direct and not settings.SERVING.is_for_others


def refusal() -> HttpResponse:
    """Ask for the token where there is one; else there is nothing here."""
    if not settings.METRICS_TOKEN:
        body = {"code": "not_found", "message": "There is no such address", "context": {}}
        return JsonResponse(body, status=404)
    body = {"code": "not_authenticated", "message": "This needs the token", "context": {}}
    return JsonResponse(body, status=401, headers={"WWW-Authenticate": "Bearer"})


def registries() -> Iterator[CollectorRegistry]:
    """Yield what is counted here, or by all web processes together, and what the database says."""
    folder = os.environ.get(SEVERAL)
    if folder is None:
        yield REGISTRY
    else:
        forget_ended(Path(folder))
        together = CollectorRegistry()
        multiprocess.MultiProcessCollector(together, folder)  # type: ignore[no-untyped-call]
        yield together
    said = CollectorRegistry()
    said.register(figures)
    yield said


def forget_ended(folder: Path) -> None:
    """Take the open sockets of processes that ended out of the sum."""
    for path in folder.glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        if not is_alive(pid):
            multiprocess.mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
