"""The ASGI entry: HTTP through Django, websockets through Channels."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import IO, Any

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.core.handlers.asgi import ASGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")
os.environ.setdefault("RELATA_STATEMENT_SECONDS", "30")  # whoever waits has gone by then


class ReadableRequest(ASGIRequest):
    """A request that can be read whatever its bytes are, so that a view refuses it by name."""

    def __init__(self, scope: Mapping[str, Any], body_file: IO[bytes]) -> None:
        """Read a query that is not UTF-8 with marks where it is not."""
        query = bytes(scope.get("query_string", b"")).decode(errors="replace")
        super().__init__({**scope, "query_string": query}, body_file)

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        """Take a type that cannot be read for none."""
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except ValueError:
            meta["CONTENT_TYPE"] = ""
            super()._set_content_type_params(meta)  # type: ignore[misc]


http = get_asgi_application()
http.request_class = ReadableRequest

from channels.auth import AuthMiddlewareStack  # noqa: E402 - needs the app registry

from annotator.live.routing import websocket_urlpatterns  # noqa: E402 - likewise

application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
        ),
    }
)
