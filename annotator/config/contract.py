"""The published description of the API: worked out once in a process, for it takes long."""

from __future__ import annotations

import functools
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularJSONAPIView


@functools.cache
def _described() -> Any:
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]


class OnceGenerator(SchemaGenerator):
    """Remembers what it worked out; it is the same for everybody."""

    def get_schema(self, request: Any = None, public: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Return the description."""
        return _described()


class Contract(SpectacularJSONAPIView):
    """Anybody may read it, as often as they like."""

    generator_class = OnceGenerator
