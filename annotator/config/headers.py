"""What every answer tells the browser beyond its content, whichever layer made the answer."""

from __future__ import annotations

from collections.abc import Mapping

from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# Nothing here needs a sensor, a device or a payment; what the browser need not offer, it does not.
SENSORS = ("accelerometer", "gyroscope", "magnetometer")
DEVICES = ("camera", "microphone", "geolocation", "usb", "serial", "hid", "midi", "bluetooth")
OTHERS = ("display-capture", "payment", "xr-spatial-tracking", "browsing-topics", "local-fonts")
PERMISSIONS = ", ".join(f"{name}=()" for name in (*SENSORS, *DEVICES, *OTHERS))

ALWAYS: Mapping[str, str] = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
    "X-Permitted-Cross-Domain-Policies": "none",
}
# Their scripts are libraries that write HTML as text; they get the same policy without this part.
WITHOUT_TRUSTED_TYPES = ("/admin/", "/api/v1/docs/")
TRUSTED_TYPES = ("require-trusted-types-for", "trusted-types")

FIRST_ERROR = 400


class HeadersMiddleware(CSPMiddleware):
    """Sets Content-Security-Policy and the other headers; one layer, for each costs time."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Set the headers; what is not a file of the program itself is kept by no cache."""
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith("/static/") or response.status_code >= FIRST_ERROR:
            response.headers["Cache-Control"] = "no-store"
        answered: HttpResponseBase = super().process_response(request, response)
        return answered

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,  # noqa: FBT001, FBT002 - as it is called
    ) -> PolicyParts:
        """Return the policy of an address."""
        parts: PolicyParts = super().get_policy_parts(request, response, report_only)
        if request.path.startswith(WITHOUT_TRUSTED_TYPES):
            parts.replace = dict.fromkeys(TRUSTED_TYPES)
        return parts
