"""Reading a whole file with a format, as the tests of the readers do."""

from __future__ import annotations

import io
from typing import Any

from annotator.exchange.formats import FORMATS
from annotator.exchange.formats.drafts import Draft, LineError, Options
from annotator.exchange.formats.sources import open_source


def read_all(name: str, raw: bytes | str, options: Options | None = None) -> list[tuple[int, Any]]:
    """Return line number and draft, or line number and code, of every piece."""
    plain = raw if isinstance(raw, bytes) else raw.encode()
    reading = FORMATS[name].reading
    assert reading is not None
    found: list[tuple[int, Any]] = []
    options = options or Options()
    for piece in reading.split(open_source(io.BytesIO(plain)), options):
        try:
            if isinstance(piece.content, LineError):
                raise piece.content
            found.append((piece.number, reading.parse(piece, options)))
        except LineError as error:
            found.append((piece.number, error.code))
    return found


def texts(name: str, raw: bytes | str) -> list[tuple[int, str]]:
    """Return line numbers with texts, or codes in angle brackets."""
    return [
        (number, one.text if isinstance(one, Draft) else f"<{one}>")
        for number, one in read_all(name, raw)
    ]
