"""Trouble: what goes by and is tried again, and where the rest came from."""

from __future__ import annotations

import traceback


class TransientError(Exception):
    """Something that may be over in a while."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def frames_of(error: Exception) -> str:
    """Return where an error came from, without its message, which may hold text of sentences."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{type(error).__name__}\n{frames}"
