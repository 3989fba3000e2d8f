"""The one error the engine raises on purpose: a code for programs, a sentence for people."""

from __future__ import annotations

from typing import Any


class ExtractionError(Exception):
    """Something the caller can mend; the message says what, where and how.

    `code` is snake_case and stable, `context` is JSON-able.
    """

    def __init__(self, code: str, message: str, context: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.context: dict[str, Any] = context or {}
