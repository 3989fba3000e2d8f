"""The URL map: API under /api/v1/, health, admin by setting, and the page for everything else."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularSwaggerSplitView

from annotator.config import pages, scraping
from annotator.config.contract import Contract
from annotator.core.parameters import takes_anything

handler400 = pages.unreadable
handler500 = pages.broken

API: list[URLPattern | URLResolver] = [
    path("", include("annotator.accounts.urls")),
    path("", include("annotator.projects.urls")),
    path("", include("annotator.labelling.urls")),
    path("", include("annotator.learning.urls")),
    path("", include("annotator.exchange.urls")),
    path("", include("annotator.knowledge.urls")),
    path("", include("annotator.live.urls")),
    path("schema/", takes_anything(Contract.as_view()), name="schema"),
    path(
        "docs/",
        takes_anything(
            SpectacularSwaggerSplitView.as_view(url_name="schema", template_name="api_docs.html")
        ),
    ),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(API)),
    re_path(r"^api/", pages.no_such_address),
    path("healthz", pages.healthz),
    path("readyz", pages.readyz),
    path("metrics", scraping.metrics),
]
if settings.ADMIN_ENABLED:
    urlpatterns.append(path("admin/login/", pages.admin_login))
    urlpatterns.append(path("admin/", admin.site.urls))
urlpatterns.append(re_path(r"^(?!static/|ws/|admin/).*$", pages.app))
