"""A client of Relata: labels of entities and relations, in and out.

`Relata` does what programs mostly need; `relata_client.generated` has every operation of the API.
"""

from __future__ import annotations

from relata_client.errors import (
    BrokenAnswerError,
    ForbiddenError,
    ImportFailedError,
    NotFoundError,
    NotLoggedInError,
    RefusedError,
    RelataError,
    UnreachableError,
    VersionConflictError,
)
from relata_client.labels import Labels
from relata_client.server import Relata

__all__ = [
    "BrokenAnswerError",
    "ForbiddenError",
    "ImportFailedError",
    "Labels",
    "NotFoundError",
    "NotLoggedInError",
    "RefusedError",
    "Relata",
    "RelataError",
    "UnreachableError",
    "VersionConflictError",
]
