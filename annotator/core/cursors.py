"""Cursors that hold numbers: where a page of ours begins, in letters that a query can carry."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence

from annotator.core import strict_json
from annotator.core.errors import InvalidError

Number = int | float | None

LONGEST = 400
LARGEST = 2**63  # the columns are bigint and double


def cursor_of(numbers: Sequence[Number]) -> str:
    """Return the cursor that holds these numbers."""
    return base64.urlsafe_b64encode(json.dumps(list(numbers)).encode()).decode()


def numbers_of(cursor: str, count: int) -> list[Number]:
    """Return the numbers that `cursor_of` put in, if it was that: so many, and none too large."""
    if len(cursor) > LONGEST:
        raise not_ours()
    try:
        found = strict_json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, InvalidError) as error:
        raise not_ours() from error
    if not isinstance(found, list) or len(found) != count or not all(map(_is_number, found)):
        raise not_ours()
    return found


def not_ours() -> InvalidError:
    """Return the error of a cursor that no answer of ours held."""
    return InvalidError("The cursor is not one of ours", field="cursor")


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        return False
    return value is None or abs(value) < LARGEST
